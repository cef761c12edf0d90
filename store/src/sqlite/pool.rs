//! Threads that serve one database, and bounded waiting for their answers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::oneshot;

use super::queue::{Next, Queue, Refusal};
use crate::SqlError;

/// What a thread holds: a connection, and what belongs to it.
pub(crate) trait Session: Send + 'static {
    /// The connection that jobs run on.
    fn connection(&self) -> &Connection;

    /// Lets go of what is out of date; called between two jobs.
    fn refresh(&mut self) {}
}

impl Session for Connection {
    fn connection(&self) -> &Connection {
        self
    }
}

struct Job<S> {
    id: u64,
    run: Box<dyn FnOnce(&mut S) + Send>,
}

/// The job that a thread runs now, so that just this one can be interrupted.
struct Desk {
    current: Mutex<Option<u64>>,
    interrupt: InterruptHandle,
}

/// One thread for each session, all serving one line.
pub(crate) struct Pool<S> {
    queue: Arc<Queue<Job<S>>>,
    desks: Vec<Arc<Desk>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    next_id: AtomicU64,
    patience: Duration,
}

impl<S: Session> Pool<S> {
    /// Starts the threads. No call waits longer than `patience`.
    pub(crate) fn start(name: &str, sessions: Vec<S>, patience: Duration) -> Result<Self, SqlError> {
        let pool = Self {
            queue: Arc::new(Queue::new()),
            desks: sessions.iter().map(desk).collect(),
            threads: Mutex::new(Vec::new()),
            next_id: AtomicU64::new(1),
            patience,
        };
        for (session, desk) in sessions.into_iter().zip(&pool.desks) {
            let (queue, desk) = (Arc::clone(&pool.queue), Arc::clone(desk));
            let thread = std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || serve(&queue, &desk, session))
                .map_err(|source| SqlError::File { path: name.into(), source })?;
            pool.threads().push(thread);
        }
        Ok(pool)
    }

    /// Runs `work` on one of the threads and waits for its answer. Work whose caller has gone
    /// before it begins is not begun; work that outlasts the caller's patience is interrupted.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut S) -> Result<T, SqlError> + Send + 'static,
    ) -> Result<T, SqlError> {
        let (answer, answered) = oneshot::channel();
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let run = Box::new(move |session: &mut S| {
            if !answer.is_closed() {
                // A caller who has gone meanwhile wants no answer.
                let _ = answer.send(work(session));
            }
        });
        self.queue.push(Job { id, run }).map_err(|refusal| match refusal {
            Refusal::Full => SqlError::Unavailable { waited: Duration::ZERO },
            Refusal::Closed => SqlError::Closed,
        })?;
        match tokio::time::timeout(self.patience, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(SqlError::Closed),
            Err(_) => Err(self.give_up(id)),
        }
    }

    /// Every session lets go of what is out of date, idle or not.
    pub(crate) fn refresh_all(&self) {
        self.queue.refresh_all();
    }

    /// Takes no more jobs, finishes those taken, closes the connections and waits for all of it.
    pub(crate) fn close_and_wait(&self) {
        self.queue.close();
        let threads = std::mem::take(&mut *self.threads());
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a database thread ended by a panic");
            }
        }
    }

    fn give_up(&self, id: u64) -> SqlError {
        for desk in &self.desks {
            // Held while interrupting: the thread cannot move on to somebody else's job.
            let current = desk.current();
            if *current == Some(id) {
                desk.interrupt.interrupt();
            }
        }
        SqlError::Unavailable { waited: self.patience }
    }

    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The threads end by themselves; nobody waits for them here, since this may be an async task.
impl<S> Drop for Pool<S> {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Desk {
    fn current(&self) -> MutexGuard<'_, Option<u64>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn desk<S: Session>(session: &S) -> Arc<Desk> {
    Arc::new(Desk { current: Mutex::new(None), interrupt: session.connection().get_interrupt_handle() })
}

fn serve<S: Session>(queue: &Queue<Job<S>>, desk: &Desk, mut session: S) {
    let mut epoch = 0;
    loop {
        match queue.next(epoch) {
            Next::Job(job) => {
                *desk.current() = Some(job.id);
                (job.run)(&mut session);
                *desk.current() = None;
            }
            Next::Refresh(now) => {
                session.refresh();
                epoch = now;
            }
            Next::End => return,
        }
    }
}
