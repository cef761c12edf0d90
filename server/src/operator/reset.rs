//! `counterfoil operator reset`: voids all operators' tokens and gives another.

use std::sync::Arc;

use anyhow::Context;
use commands::clock::TimeSource;
use domain::ids::CommandId;
use uuid::Uuid;

use super::{OperatorToken, token_file};
use crate::{config::Config, folder::Layout, node::core::Core};

/// Voids all operators' tokens and gives another, in `server.operator_token_file` or else to be shown.
///
/// # Errors
/// When a process serves the folder, or for whatever would stop a start.
pub async fn reset(config: &Config, time: Arc<dyn TimeSource>) -> anyhow::Result<OperatorToken> {
    Layout::to_read(&config.server.data)?;
    let (core, _) = Core::open(config, time).await?;
    let given = give_another(config, &core).await;
    core.close().await;
    given
}

async fn give_another(config: &Config, core: &Core) -> anyhow::Result<OperatorToken> {
    let mut secret = core.commands.make_operator_secret()?;
    let file = config.server.operator_token_file.as_deref();
    if let Some(path) = file {
        // What the file holds is replaced only where it is a token.
        token_file::read(path, &core.brand)?;
        secret = token_file::write(path, secret, &core.brand)?;
    }
    let issued = core.commands.reset_operator_token(CommandId(Uuid::now_v7()), secret).await?;
    if let Some(path) = file {
        return Ok(OperatorToken::InFile(path.to_owned()));
    }
    let secret = issued.secret.context("the token was not issued: reset it again")?;
    Ok(OperatorToken::ShownOnce(secret.into_text_shown_once()))
}
