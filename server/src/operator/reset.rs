//! `counterfoil operator reset`: voids all operators' tokens and gives another.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use commands::clock::TimeSource;
use domain::{ids::CommandId, secret::SecretText};
use uuid::Uuid;

use super::{OperatorToken, settle_file, token_file};
use crate::{config::Config, folder::Layout, node::core::Core};

/// Voids all operators' tokens and gives another, in `server.operator_token_file` or else to be shown.
///
/// # Errors
/// When a process serves the folder, or for whatever would stop a start.
pub async fn reset(config: &Config, time: Arc<dyn TimeSource>) -> anyhow::Result<OperatorToken> {
    Layout::to_read(&config.server.data)?;
    let (core, _) = Core::open(config, time).await?;
    let given = match config.server.operator_token_file.as_deref() {
        Some(path) => in_file(&core, path).await,
        None => to_be_shown(&core).await,
    };
    core.close().await;
    given
}

async fn to_be_shown(core: &Core) -> anyhow::Result<OperatorToken> {
    let shown = append(core, core.commands.make_operator_secret()?).await?;
    Ok(OperatorToken::ShownOnce(shown.into_text_shown_once()))
}

/// The file holds the old token until the new one is a fact: it is void by then, and says nothing that was not so.
async fn in_file(core: &Core, path: &Path) -> anyhow::Result<OperatorToken> {
    settle_file(core, path)?;
    let secret = prepare(core, path)?;
    append(core, secret).await?;
    token_file::take_its_place(path)?;
    Ok(OperatorToken::InFile(path.to_owned()))
}

/// t0: a new secret lies beside the file.
pub(super) fn prepare(core: &Core, path: &Path) -> anyhow::Result<SecretText> {
    // What the file holds is replaced only where it is a token.
    token_file::read(path, &core.brand)?;
    Ok(token_file::put_beside(path, core.commands.make_operator_secret()?, &core.brand)?)
}

/// t1: both facts, the one that voids all tokens before and the one that issues this one.
pub(super) async fn append(core: &Core, secret: SecretText) -> anyhow::Result<SecretText> {
    let issued = core.commands.reset_operator_token(CommandId(Uuid::now_v7()), secret).await?;
    issued.secret.context("the token was not issued: reset it again")
}
