//! The first start's token.

use std::path::Path;

use commands::Commands;
use domain::secret::{Brand, SecretText};

use super::{OperatorToken, token_file};

/// Gives the operators their token, if no start has done so; says where it is, if this one did.
pub(crate) async fn give_first_token(
    commands: &Commands,
    brand: &Brand,
    file: Option<&Path>,
) -> anyhow::Result<Option<OperatorToken>> {
    if commands.has_operator_token().await? {
        return Ok(None);
    }
    let secret = match file {
        Some(path) => in_file(commands, brand, path)?,
        None => commands.make_operator_secret()?,
    };
    let issued = commands.issue_first_operator_token(secret).await?;
    Ok(match file {
        Some(path) => Some(OperatorToken::InFile(path.to_owned())),
        None => issued.secret.map(|it| OperatorToken::ShownOnce(it.into_text_shown_once())),
    })
}

/// The secret that the file holds since a start that was cut off, or else a new one, which it holds from now on.
fn in_file(commands: &Commands, brand: &Brand, path: &Path) -> anyhow::Result<SecretText> {
    if let Some(kept) = token_file::read(path, brand)? {
        return Ok(kept);
    }
    Ok(token_file::write(path, commands.make_operator_secret()?, brand)?)
}
