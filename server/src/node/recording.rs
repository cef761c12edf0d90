//! The recorder of a node, and the thread of its writer.

use std::{sync::Arc, thread};

use anyhow::{Context, anyhow};
use commands::recorder::{Parts, Recorder};
use schemas::usage::NodeStart;
use tokio::{runtime::Handle, sync::oneshot};

/// A recorder whose writer runs. Dropping it without [`stop`](Self::stop) is like killing it: what is not durable is
/// lost.
pub(crate) struct Recording {
    recorder: Arc<Recorder>,
    node_start: NodeStart,
    writer: thread::JoinHandle<()>,
    /// The writer ends when this goes.
    alive: oneshot::Sender<()>,
}

impl Recording {
    /// Starts the writer. It has a thread of its own because it compresses: requests are not to wait behind that.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(parts: Parts) -> anyhow::Result<Self> {
        let node_start = parts.node_start;
        let (recorder, writer) = Recorder::new(parts);
        let (alive, gone) = oneshot::channel::<()>();
        let runtime = Handle::current();
        let write = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = writer.run() => {}
                    _ = gone => {}
                }
            });
        };
        let writer = thread::Builder::new().name("recorder".to_owned()).spawn(write);
        let writer = writer.context("there is no thread for the recorder")?;
        Ok(Self { recorder: Arc::new(recorder), node_start, writer, alive })
    }

    /// Where decisions are taken in.
    pub(crate) fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// The start that it records for.
    pub(crate) fn node_start(&self) -> NodeStart {
        self.node_start
    }

    /// Writes what is taken in; says whether all of it is durable.
    pub(crate) async fn stop(self) -> bool {
        let stopped = self.recorder.stop().await;
        drop(self.alive);
        if tokio::task::spawn_blocking(|| self.writer.join()).await.is_ok_and(|it| it.is_err()) {
            tracing::error!("the recorder's writer ended before its time");
        }
        if let Err(err) = &stopped {
            tracing::error!(error = %err, "decisions are lost; the next start records the gap");
        }
        stopped.is_ok()
    }
}

/// Eight bytes that no start has had.
pub(crate) fn fresh_start() -> anyhow::Result<NodeStart> {
    let mut start = [0; 8];
    getrandom::fill(&mut start).map_err(|err| anyhow!("the system gave no randomness: {err}"))?;
    Ok(NodeStart(start))
}
