//! Threads that read the file, each with a connection of its own that cannot write.

use std::{io, path::Path, sync::Arc, sync::mpsc, thread};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{OpenError, file};
use crate::ledger::ReadError;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// Some threads that take what is to be read from one queue.
pub(super) struct Readers {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
}

impl Readers {
    /// Opens a connection for each of the threads and starts them.
    pub(super) fn start(path: &Path, threads: usize) -> Result<Self, OpenError> {
        let (queue, jobs) = mpsc::channel();
        let jobs = Arc::new(Mutex::new(jobs));
        let readers = Self { queue: Mutex::new(Some(queue)), threads: Mutex::default() };
        for _ in 0..threads {
            let connection = file::open_to_read(path)?;
            let thread = spawn(connection, jobs.clone()).map_err(OpenError::Thread)?;
            readers.threads.lock().push(thread);
        }
        Ok(readers)
    }

    /// Has one of the threads read, and waits for the answer.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Who has gone away needs no answer.
            if !answer.is_closed() {
                let _ = answer.send(read(connection));
            }
        });
        let closed = || ReadError::Unavailable("it is closed".to_owned());
        let sent = self.queue.lock().as_ref().and_then(|queue| queue.send(job).ok());
        sent.ok_or_else(closed)?;
        answered.await.unwrap_or_else(|_| Err(closed()))
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

fn spawn(
    connection: Connection,
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
) -> io::Result<thread::JoinHandle<()>> {
    thread::Builder::new().name("ledger-reader".to_owned()).spawn(move || {
        // The lock is held while waiting for a job, not while doing it.
        let next = || jobs.lock().recv();
        while let Ok(job) = next() {
            job(&connection);
        }
    })
}
