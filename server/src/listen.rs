//! The listener: accepts connections, answers them from a router, and stops gracefully.
//!
//! What it holds against bad clients: a limit on the time a request's head may take (a slow one
//! and an idle connection both end there), and a cap on connections, below the number of files that
//! the system lets the process open. Limits on bodies belong to the router.

mod limits;

use std::{convert::Infallible, future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tower::ServiceExt;
use tracing::{debug, info, warn};

pub use limits::Limits;

/// How long to wait before accepting again when the system refuses for want of something, such
/// as file descriptors.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_millis(50);

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// All that ran was answered.
    Drained,
    /// Connections were cut when the time to drain was over.
    Cut {
        /// How many.
        connections: usize,
    },
}

/// Answers the connections of `listener` from `router` until `stop` is ready, then accepts no
/// more, lets what runs finish within `limits.drain`, and returns.
///
/// Each request carries its peer as [`ConnectInfo<SocketAddr>`].
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> Stopped {
    let mut connections = Connections::new(router, limits);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            // The stop comes first, so that a flood of connections cannot delay it.
            biased;
            () = &mut stop => break,
            Some(_) = connections.running.join_next() => {}
            (permit, stream, peer) = accept(&listener, &connections.free) => {
                connections.begin(stream, peer, permit);
            }
        }
    }
    // Closed before draining, so that new clients are refused at once and try elsewhere.
    drop(listener);
    connections.drain(limits.drain).await
}

/// Ready when the process is told to stop by SIGTERM or SIGINT.
///
/// The handlers stand as soon as this returns, before the future is first polled.
///
/// # Errors
/// When the system refuses a signal handler.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        info!(signal = name, "stopping: no new connections, what runs is finished");
    })
}

/// The next connection, once there is room for it. Nothing is lost when it is not awaited to the
/// end: a connection that was not taken stays in the system's queue.
async fn accept(
    listener: &TcpListener,
    free: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, TcpStream, SocketAddr) {
    // `None` cannot be: the semaphore is never closed.
    let permit = Arc::clone(free).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (permit, stream, peer),
            Err(err) if concerns_one_connection(&err) => {}
            Err(err) => {
                warn!(error = %err, "a connection could not be accepted");
                tokio::time::sleep(PAUSE_AFTER_REFUSAL).await;
            }
        }
    }
}

fn concerns_one_connection(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

struct Connections {
    router: Router,
    http: http1::Builder,
    free: Arc<Semaphore>,
    running: JoinSet<()>,
    graceful: GracefulShutdown,
}

impl Connections {
    fn new(router: Router, limits: Limits) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(limits.head).pipeline_flush(true);
        Self {
            router,
            http,
            free: Arc::new(Semaphore::new(limits.connections)),
            running: JoinSet::new(),
            graceful: GracefulShutdown::new(),
        }
    }

    fn begin(&mut self, stream: TcpStream, peer: SocketAddr, permit: Option<OwnedSemaphorePermit>) {
        // Answers are small and complete: waiting to fill a packet only delays them.
        if let Err(err) = stream.set_nodelay(true) {
            debug!(error = %err, "TCP_NODELAY could not be set");
        }
        let router = self.router.clone();
        let service = service_fn(move |request| answer(router.clone(), request, peer));
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        let connection = self.graceful.watch(connection);
        self.running.spawn(async move {
            if let Err(err) = connection.await {
                debug!(error = %err, "a connection ended early");
            }
            drop(permit);
        });
    }

    async fn drain(mut self, limit: Duration) -> Stopped {
        let finished = async {
            self.graceful.shutdown().await;
            while self.running.join_next().await.is_some() {}
        };
        if tokio::time::timeout(limit, finished).await.is_ok() {
            return Stopped::Drained;
        }
        let connections = self.running.len();
        warn!(connections, "connections are cut: their requests took too long");
        self.running.shutdown().await;
        Stopped::Cut { connections }
    }
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<axum::response::Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}

#[cfg(test)]
mod tests;
