//! The accept loop as a task that can be told to stop.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use api::{
    app::{App, Parts},
    edge::{Edge, RequestIds},
};
use axum::Router;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::request_ids::OtherIds;
use crate::listen::{self, Limits, Stopped};

/// An address that is ours; nobody is answered yet.
pub(crate) struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

/// A running listener.
pub(crate) struct Listener {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Stopped>,
}

impl Bound {
    /// Takes the address; connections wait until it serves.
    ///
    /// # Errors
    /// When the address is taken or not this machine's.
    pub(crate) async fn to(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| {
            format!("failed to listen on {address}: choose another address with --listen ADDR:PORT")
        })?;
        let address = listener.local_addr().context("the listener has no address")?;
        Ok(Self { listener, address })
    }

    /// Answers from now on.
    pub(crate) fn serve(self, router: Router) -> Listener {
        let Self { listener, address } = self;
        let (stop, stopped) = oneshot::channel();
        // A sender that is gone says the same as one that says so.
        let stopped = async { drop(stopped.await) };
        let serving = tokio::spawn(listen::serve(listener, router, Limits::of_this_process(), stopped));
        Listener { address, stop, serving }
    }
}

impl Listener {
    /// The address that it listens on, with the port that the system chose.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts no more and waits until what runs is answered, at most 10 s.
    pub(crate) async fn stop(self) {
        // A listener that has ended needs not be told.
        let _ = self.stop.send(());
        if let Err(err) = self.serving.await {
            tracing::error!(error = %err, "the listener ended before its time");
        }
    }
}

/// All routes, with what holds for each of them.
pub(crate) fn router(parts: Parts) -> anyhow::Result<Router> {
    let ids: Arc<dyn RequestIds> = Arc::new(OtherIds(Arc::clone(&parts.recorder)));
    let routes = api::router(App::new(parts)).context("the interface cannot be put together")?;
    Ok(Router::new().fallback_service(Edge::new(routes, ids)))
}
