//! Threads that read a log, each from a source of its own that cannot write, and bounded waiting
//! for their answers.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{sync::oneshot, time::timeout};

use super::{Reading, desk::Desk};

/// Jobs that may wait at once; the next is refused, so that a stalled disk fills no memory.
const WAITING: usize = 4_096;
/// How long a caller waits for an answer, so that a stalled disk hangs nobody.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a reading thread gave no answer, as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct NoAnswer(pub(crate) String);

struct Job<S> {
    number: u64,
    run: Box<dyn FnOnce(&mut S) + Send>,
}

/// Some threads that take what is to be read from one queue.
pub(crate) struct Readers<S> {
    queue: Mutex<Option<mpsc::SyncSender<Job<S>>>>,
    desks: Vec<Arc<Desk>>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
    numbers: AtomicU64,
    patience: Duration,
}

impl<S: Reading> Readers<S> {
    /// Starts a thread for each of the sources.
    pub(crate) fn start(name: &str, sources: Vec<S>) -> io::Result<Self> {
        let (queue, jobs) = mpsc::sync_channel(WAITING);
        let jobs = Arc::new(Mutex::new(jobs));
        let mut readers = Self {
            queue: Mutex::new(Some(queue)),
            desks: Vec::with_capacity(sources.len()),
            threads: Mutex::default(),
            numbers: AtomicU64::new(1),
            patience: PATIENCE,
        };
        for source in sources {
            let desk = Arc::new(Desk::beside(&source));
            let thread = spawn(name, source, jobs.clone(), desk.clone())?;
            readers.desks.push(desk);
            readers.threads.lock().push(thread);
        }
        Ok(readers)
    }

    /// Has one of the threads read, and waits for the answer, at most 5 s. What nobody waits for
    /// any more is not begun; what outlasts its caller's patience is broken off.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let (answer, answered) = oneshot::channel();
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let run = Box::new(move |source: &mut S| {
            if !answer.is_closed() {
                // Who has gone away meanwhile needs no answer.
                let _ = answer.send(read(source));
            }
        });
        self.queue_up(Job { number, run })?;
        if let Ok(answered) = timeout(self.patience, answered).await {
            return answered.map_err(|_| closed());
        }
        self.desks.iter().for_each(|desk| desk.break_off(number));
        Err(NoAnswer(format!("no answer within {:?}", self.patience)))
    }

    fn queue_up(&self, job: Job<S>) -> Result<(), NoAnswer> {
        match self.queue.lock().as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(mpsc::TrySendError::Full(_))) => {
                Err(NoAnswer(format!("{WAITING} others wait to read it")))
            }
            Some(Err(mpsc::TrySendError::Disconnected(_))) | None => Err(closed()),
        }
    }
}

impl<S> Readers<S> {
    /// Lets nobody in any more. The threads end when they have answered those who wait.
    pub(crate) fn end(&self) -> Vec<thread::JoinHandle<()>> {
        self.queue.lock().take();
        std::mem::take(&mut *self.threads.lock())
    }
}

impl<S> Drop for Readers<S> {
    fn drop(&mut self) {
        for thread in self.end() {
            let _ = thread.join();
        }
    }
}

fn closed() -> NoAnswer {
    NoAnswer("it is closed".to_owned())
}

fn spawn<S: Reading>(
    name: &str,
    mut source: S,
    jobs: Arc<Mutex<mpsc::Receiver<Job<S>>>>,
    desk: Arc<Desk>,
) -> io::Result<thread::JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        // The lock is held while waiting for a job, not while doing it.
        let next = || jobs.lock().recv();
        while let Ok(job) = next() {
            desk.work(job.number, || (job.run)(&mut source));
        }
    })
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Waker},
    };

    use rusqlite::Connection;

    use super::*;

    fn a_reader(patience: Duration) -> Readers<Connection> {
        let source = Connection::open_in_memory().unwrap();
        let mut readers = Readers::start("test-reader", vec![source]).unwrap();
        readers.patience = patience;
        readers
    }

    /// Keeps the thread busy as a stalled disk does, until the sender is dropped.
    fn stall(readers: &Readers<Connection>) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel::<()>();
        let run = Box::new(move |_: &mut Connection| assert!(released.recv().is_err()));
        readers.queue_up(Job { number: 0, run }).unwrap();
        release
    }

    #[tokio::test]
    async fn a_stalled_disk_hangs_nobody() {
        let readers = a_reader(Duration::from_millis(20));
        let release = stall(&readers);
        let refused = readers.ask(|_| ()).await;
        assert_eq!(refused, Err(NoAnswer("no answer within 20ms".to_owned())));
        drop(release);
    }

    #[tokio::test]
    async fn what_outlasts_its_caller_is_broken_off_and_the_next_is_served() {
        let mut readers = a_reader(Duration::from_millis(20));
        let endless =
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let refused = readers
            .ask(move |connection| connection.query_row(endless, [], |row| row.get::<_, i64>(0)).is_ok())
            .await;
        assert_eq!(refused, Err(NoAnswer("no answer within 20ms".to_owned())));
        readers.patience = PATIENCE;
        assert_eq!(readers.ask(|_| "served").await, Ok("served"));
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_forgets_those_who_went_away() {
        let readers = a_reader(PATIENCE);
        let release = stall(&readers);
        let mut asked = 0;
        let full = loop {
            let mut ask = pin!(readers.ask(|_| -> () { panic!("nobody waits for this") }));
            if let std::task::Poll::Ready(refused) =
                ask.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            {
                break refused;
            }
            asked += 1;
        };
        assert_eq!(full, Err(NoAnswer("4096 others wait to read it".to_owned())));
        assert!((WAITING - 1..=WAITING).contains(&asked), "{asked}");
        drop(release);
        // The queue is drained by then: the thread did not die of any of them.
        while readers.ask(|_| ()).await.is_err() {}
    }
}
