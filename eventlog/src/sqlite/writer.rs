//! The one thread that writes a log, and the way to it.

use std::{
    io,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, JoinHandle, Thread},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::Status;

/// Why nothing is written after the end.
const CLOSED: &str = "it is closed";
/// Why nothing is written when the thread is gone before its time.
const ENDED: &str = "its writer has ended";

/// The way to the thread. Dropping it lets the thread finish what waits, and waits for that; the
/// files stay as a killed process leaves them.
pub(crate) struct Writer<R, L> {
    inbox: Mutex<Option<mpsc::Sender<R>>>,
    /// What the thread leaves is for whoever ends it.
    thread: Mutex<Option<JoinHandle<L>>>,
    status: Arc<Status>,
}

impl<R: Send + 'static, L: Send + 'static> Writer<R, L> {
    /// Starts the thread. At most `waiting` requests wait for it before their callers wait to be
    /// let in.
    pub(crate) fn start(
        name: &str,
        waiting: usize,
        status: Arc<Status>,
        work: impl FnOnce(Inbox<R>, &Arc<Status>) -> L + Send + 'static,
    ) -> io::Result<Self> {
        let (inbox, requests) = mpsc::channel(waiting);
        let shown = status.clone();
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(Inbox::of_this_thread(requests), &shown))?;
        Ok(Self { inbox: Mutex::new(Some(inbox)), thread: Mutex::new(Some(thread)), status })
    }

    /// Hands a request to the thread.
    ///
    /// # Errors
    /// Why nothing is written.
    pub(crate) async fn send(&self, request: R) -> Result<(), String> {
        let inbox = self.inbox.lock().clone().ok_or_else(|| CLOSED.to_owned())?;
        let ended = |_| self.check().err().unwrap_or_else(|| ENDED.to_owned());
        inbox.send(request).await.map_err(ended)
    }

    /// Whether the thread is there and gets on.
    ///
    /// # Errors
    /// Why nothing is written.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.status.check()?;
        match &*self.thread.lock() {
            None => Err(CLOSED.to_owned()),
            Some(thread) if thread.is_finished() => Err(ENDED.to_owned()),
            Some(_) => Ok(()),
        }
    }

    /// Writes nothing any more after the group at hand, and says why to all who come.
    pub(crate) fn stop(&self, why: String) {
        self.status.stop(why);
    }

    /// Lets nobody in any more. The thread ends when it has answered those who wait.
    pub(crate) fn end(&self) -> Option<JoinHandle<L>> {
        self.inbox.lock().take();
        self.thread.lock().take()
    }
}

impl<R, L> Drop for Writer<R, L> {
    fn drop(&mut self) {
        self.inbox.lock().take();
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
    }
}

/// Where the thread takes requests from.
pub(crate) struct Inbox<R> {
    requests: mpsc::Receiver<R>,
    waker: Waker,
}

impl<R> Inbox<R> {
    fn of_this_thread(requests: mpsc::Receiver<R>) -> Self {
        Self { requests, waker: Arc::new(Unpark(thread::current())).into() }
    }

    /// Waits for requests and takes up to `most` that are there; none once all senders are gone.
    pub(crate) fn take(&mut self, most: usize) -> Vec<R> {
        let mut taken = Vec::with_capacity(most);
        self.requests.blocking_recv_many(&mut taken, most);
        taken
    }

    /// The next request, if one comes in time.
    pub(crate) fn next_within(&mut self, time: Duration) -> Next<R> {
        let until = Instant::now() + time;
        loop {
            match self.requests.poll_recv(&mut Context::from_waker(&self.waker)) {
                Poll::Ready(Some(request)) => return Next::Request(request),
                Poll::Ready(None) => return Next::End,
                Poll::Pending => (),
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Next::Nothing;
            }
            thread::park_timeout(left);
        }
    }
}

/// What came next.
pub(crate) enum Next<R> {
    /// A request.
    Request(R),
    /// Nothing in time.
    Nothing,
    /// All senders are gone.
    End,
}

/// Wakes the thread that waits for requests.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_thread_that_waits_is_woken_by_requests_and_by_time_and_ends_with_its_senders() {
        let (told, heard) = std::sync::mpsc::channel();
        let work = move |mut inbox: Inbox<u8>, _: &Arc<Status>| {
            for wait in [Duration::ZERO, Duration::from_mins(10), Duration::from_mins(10)] {
                told.send(match inbox.next_within(wait) {
                    Next::Request(number) => Some(Some(number)),
                    Next::Nothing => Some(None),
                    Next::End => None,
                })
                .unwrap();
            }
        };
        let writer = Writer::start("test-writer", 4, Arc::default(), work).unwrap();
        assert_eq!(heard.recv(), Ok(Some(None)));
        writer.send(7).await.unwrap();
        assert_eq!(heard.recv(), Ok(Some(Some(7))));
        let thread = writer.end().unwrap();
        assert_eq!(heard.recv(), Ok(None));
        thread.join().unwrap();
        assert_eq!(writer.send(8).await, Err("it is closed".to_owned()));
        assert_eq!(writer.check(), Err("it is closed".to_owned()));
    }
}
