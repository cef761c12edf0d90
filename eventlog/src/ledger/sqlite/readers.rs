//! Threads that read the file, each with a connection of its own that cannot write, and bounded
//! waiting for their answers.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::{sync::oneshot, time::timeout};

use super::{OpenError, desk::Desk, file};
use crate::ledger::ReadError;

/// Jobs that may wait at once; the next is refused, so that a stalled disk fills no memory.
const WAITING: usize = 4_096;
/// How long a caller waits for an answer, so that a stalled disk hangs nobody.
const PATIENCE: Duration = Duration::from_secs(5);

struct Job {
    number: u64,
    run: Box<dyn FnOnce(&Connection) + Send>,
}

/// Some threads that take what is to be read from one queue.
pub(super) struct Readers {
    queue: Mutex<Option<mpsc::SyncSender<Job>>>,
    desks: Vec<Arc<Desk>>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
    numbers: AtomicU64,
    patience: Duration,
}

impl Readers {
    /// Opens a connection for each of the threads and starts them.
    pub(super) fn start(path: &Path, threads: usize) -> Result<Self, OpenError> {
        let (queue, jobs) = mpsc::sync_channel(WAITING);
        let jobs = Arc::new(Mutex::new(jobs));
        let mut readers = Self {
            queue: Mutex::new(Some(queue)),
            desks: Vec::with_capacity(threads),
            threads: Mutex::default(),
            numbers: AtomicU64::new(1),
            patience: PATIENCE,
        };
        for _ in 0..threads {
            let connection = file::open_to_read(path)?;
            let desk = Arc::new(Desk::beside(&connection));
            let thread = spawn(connection, jobs.clone(), desk.clone()).map_err(OpenError::Thread)?;
            readers.desks.push(desk);
            readers.threads.lock().push(thread);
        }
        Ok(readers)
    }

    /// Has one of the threads read, and waits for the answer, at most 5 s. What nobody waits for
    /// any more is not begun; what outlasts its caller's patience is broken off.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let (answer, answered) = oneshot::channel();
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let run = Box::new(move |connection: &Connection| {
            if !answer.is_closed() {
                // Who has gone away meanwhile needs no answer.
                let _ = answer.send(read(connection));
            }
        });
        self.queue_up(Job { number, run })?;
        if let Ok(answered) = timeout(self.patience, answered).await {
            return answered.unwrap_or_else(|_| Err(closed()));
        }
        self.desks.iter().for_each(|desk| desk.break_off(number));
        Err(ReadError::Unavailable(format!("no answer within {:?}", self.patience)))
    }

    fn queue_up(&self, job: Job) -> Result<(), ReadError> {
        match self.queue.lock().as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(mpsc::TrySendError::Full(_))) => {
                Err(ReadError::Unavailable(format!("{WAITING} others wait to read it")))
            }
            Some(Err(mpsc::TrySendError::Disconnected(_))) | None => Err(closed()),
        }
    }

    /// Lets nobody in any more. The threads end when they have answered those who wait.
    pub(super) fn end(&self) -> Vec<thread::JoinHandle<()>> {
        self.queue.lock().take();
        std::mem::take(&mut *self.threads.lock())
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        for thread in self.end() {
            let _ = thread.join();
        }
    }
}

fn closed() -> ReadError {
    ReadError::Unavailable("it is closed".to_owned())
}

fn spawn(
    connection: Connection,
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    desk: Arc<Desk>,
) -> io::Result<thread::JoinHandle<()>> {
    thread::Builder::new().name("ledger-reader".to_owned()).spawn(move || {
        // The lock is held while waiting for a job, not while doing it.
        let next = || jobs.lock().recv();
        while let Ok(job) = next() {
            desk.work(job.number, || (job.run)(&connection));
        }
    })
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Waker},
    };

    use tempfile::TempDir;

    use super::*;

    fn a_reader(patience: Duration) -> (TempDir, Readers) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        drop(file::open_to_write(&path).unwrap());
        let mut readers = Readers::start(&path, 1).unwrap();
        readers.patience = patience;
        (folder, readers)
    }

    /// Keeps the thread busy as a stalled disk does, until the sender is dropped.
    fn stall(readers: &Readers) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel::<()>();
        let run = Box::new(move |_: &Connection| assert!(released.recv().is_err()));
        readers.queue_up(Job { number: 0, run }).unwrap();
        release
    }

    #[tokio::test]
    async fn a_stalled_disk_hangs_nobody() {
        let (_folder, readers) = a_reader(Duration::from_millis(20));
        let release = stall(&readers);
        let refused = readers.ask(|_| Ok(())).await;
        assert_eq!(refused, Err(ReadError::Unavailable("no answer within 20ms".to_owned())));
        drop(release);
    }

    #[tokio::test]
    async fn what_outlasts_its_caller_is_broken_off_and_the_next_is_served() {
        let (_folder, mut readers) = a_reader(Duration::from_millis(20));
        let endless =
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let refused = readers
            .ask(move |connection| {
                let counted = connection.query_row(endless, [], |row| row.get::<_, i64>(0));
                counted.map_err(|err| ReadError::Unavailable(err.to_string()))
            })
            .await;
        assert_eq!(refused, Err(ReadError::Unavailable("no answer within 20ms".to_owned())));
        readers.patience = PATIENCE;
        assert_eq!(readers.ask(|_| Ok("served")).await, Ok("served"));
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_forgets_those_who_went_away() {
        let (_folder, readers) = a_reader(PATIENCE);
        let release = stall(&readers);
        let mut asked = 0;
        let full = loop {
            let mut ask = pin!(readers.ask(|_| -> Result<(), ReadError> { panic!("nobody waits for this") }));
            if let std::task::Poll::Ready(refused) =
                ask.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            {
                break refused;
            }
            asked += 1;
        };
        assert_eq!(full, Err(ReadError::Unavailable("4096 others wait to read it".to_owned())));
        assert!((WAITING - 1..=WAITING).contains(&asked), "{asked}");
        drop(release);
        // The queue is drained by then: the thread did not die of any of them.
        while readers.ask(|_| Ok(())).await.is_err() {}
    }
}
