//! The load: connections that ask and wait, all from one thread.

use std::{
    cell::Cell,
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use tokio::task::{self, LocalSet};

use super::{CONNECTIONS, child::Child, connection::Connection};
use crate::bench::machine;

/// Of a round's time, the part that is spent before it is measured.
const WARM_UP: f64 = 0.2;

/// Requests that are ready, asked one after the other and then again.
pub(super) struct Load(Arc<Vec<Vec<u8>>>);

/// What a round gave.
pub(super) struct Sample {
    pub(super) per_second: f64,
    /// Microseconds of the server's processor time for each request.
    pub(super) cost: f64,
}

/// What a connection needs to go on asking.
#[derive(Clone)]
struct Turn {
    requests: Arc<Vec<Vec<u8>>>,
    next: Rc<Cell<usize>>,
    answered: Rc<Cell<u32>>,
    until: Instant,
}

impl Load {
    /// Of these requests.
    pub(super) fn of(requests: Vec<Vec<u8>>) -> Self {
        Self(Arc::new(requests))
    }

    /// Asks a server for that time, after a warm-up.
    ///
    /// # Errors
    /// When an answer is not a yes.
    pub(super) async fn put_on(&self, server: &Child, time: Duration) -> anyhow::Result<Sample> {
        let (requests, address, id) = (Arc::clone(&self.0), server.address, server.id());
        task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            LocalSet::new().block_on(&runtime, round(requests, address, id, time))
        })
        .await?
    }
}

async fn round(
    requests: Arc<Vec<Vec<u8>>>,
    address: SocketAddr,
    id: u32,
    time: Duration,
) -> anyhow::Result<Sample> {
    let warm_up = time.mul_f64(WARM_UP);
    let began = Instant::now() + warm_up;
    let (next, answered) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let turn = Turn { requests, next, answered: Rc::clone(&answered), until: began + time };
    let asking: Vec<_> = (0..CONNECTIONS).map(|_| task::spawn_local(ask_on(address, turn.clone()))).collect();
    tokio::time::sleep(warm_up).await;
    let (before, began, used) = (answered.get(), Instant::now(), machine::time_of_process(id)?);
    tokio::time::sleep(time).await;
    let (after, took, used) =
        (answered.get(), began.elapsed(), machine::time_of_process(id)?.saturating_sub(used));
    for asking in asking {
        asking.await??;
    }
    let done = after.saturating_sub(before);
    ensure!(0 < done, "nothing was answered");
    Ok(Sample {
        per_second: f64::from(done) / took.as_secs_f64(),
        cost: used.as_secs_f64() * 1e6 / f64::from(done),
    })
}

async fn ask_on(address: SocketAddr, turn: Turn) -> anyhow::Result<()> {
    let mut connection = Connection::to(address).await?;
    while Instant::now() < turn.until {
        let next = turn.next.get();
        turn.next.set(next + 1);
        let request = next.checked_rem(turn.requests.len()).and_then(|it| turn.requests.get(it));
        let Some(request) = request else { break };
        let answer = connection.ask(request).await?;
        ensure!(
            answer.status == 200 && answer.body.starts_with(br#"{"valid":true"#),
            "an answer is not a yes: {} {}",
            answer.head,
            String::from_utf8_lossy(answer.body)
        );
        turn.answered.set(turn.answered.get() + 1);
    }
    Ok(())
}
