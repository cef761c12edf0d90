//! A server with tokens in it, and nothing else to do.

use std::time::Duration;

use anyhow::ensure;

use super::{child::Child, load::Load, node, scene::Scene};
use crate::{
    bench::{figure::grouped, machine, scratch::Scratch},
    print::say,
};

/// A server that uses less of a processor than this has nothing to do: its views have caught up.
const IDLE: Duration = Duration::from_millis(20);
/// How long that is looked at.
const IDLE_FOR: Duration = Duration::from_millis(500);
/// How often at most: for ten minutes, which a million tokens in all views may take on a slow machine.
const LOOKS: u32 = 1_200;

/// A node in a folder of its own, which goes with it.
pub(super) struct Peopled {
    pub(super) node: Child,
    pub(super) scene: Scene,
    _folder: Scratch,
}

impl Peopled {
    /// Starts a node, has it issue so many tokens over HTTP, and waits until it is idle.
    ///
    /// # Errors
    /// When it does not start, refuses something, or is never idle.
    pub(super) async fn with(tokens: u32) -> anyhow::Result<Self> {
        let folder = Scratch::new()?;
        let node = Child::node(folder.path())?;
        let scene = Scene::prepare(node.address, &node::operator_token(folder.path())?, tokens).await?;
        say(&format!("  {} tokens are issued over HTTP", grouped(tokens.into())))?;
        wait_until_idle(&node).await?;
        Ok(Self { node, scene, _folder: folder })
    }

    /// Its tokens' verifications.
    pub(super) fn load(&self) -> Load {
        Load::of(self.scene.requests.clone())
    }
}

/// Waits until a server does nothing any more, such as bringing its views up to date.
async fn wait_until_idle(server: &Child) -> anyhow::Result<()> {
    for _ in 0..LOOKS {
        let before = machine::time_of_process(server.id())?;
        tokio::time::sleep(IDLE_FOR).await;
        if machine::time_of_process(server.id())?.saturating_sub(before) <= IDLE {
            return Ok(());
        }
    }
    ensure!(false, "the server was still busy with itself after ten minutes");
    Ok(())
}
