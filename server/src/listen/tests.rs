use std::{future::pending, time::Instant};

use axum::routing::get;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{Notify, oneshot},
    task::JoinHandle,
};

use super::*;

const GENEROUS: Duration = Duration::from_mins(1);
const BRIEF: Duration = Duration::from_millis(100);
const LIMITS: Limits = Limits { head: GENEROUS, connections: 8, drain: GENEROUS };

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Stopped>,
}

impl Running {
    async fn start(router: Router, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, told) = oneshot::channel();
        let serving = tokio::spawn(serve(listener, router, limits, async move {
            told.await.ok();
        }));
        Self { address, stop, serving }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn stopped(self) -> Stopped {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap()
    }
}

fn greeting() -> Router {
    Router::new()
        .route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| format!("hello {}", peer.ip())))
}

async fn ask(stream: &mut TcpStream) {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
}

/// Reads until the text read so far ends with `end`.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let byte = stream.read_u8().await.unwrap();
        text.push(char::from(byte));
    }
    text
}

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_and_know_their_peer() {
    let running = Running::start(greeting(), LIMITS).await;
    let mut stream = running.connect().await;
    for _ in 0..3 {
        ask(&mut stream).await;
        let text = read_until(&mut stream, "hello 127.0.0.1").await;
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    }
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let limits = Limits { head: BRIEF, ..LIMITS };
    let running = Running::start(greeting(), limits).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHo").await.unwrap();
    let began = Instant::now();
    let text = read_to_end(&mut stream).await;
    assert!(!text.contains("hello"), "{text}");
    assert!(BRIEF / 2 < began.elapsed() && began.elapsed() < GENEROUS);
}

#[tokio::test]
async fn beyond_the_cap_a_connection_waits_until_another_ends() {
    let limits = Limits { connections: 1, ..LIMITS };
    let running = Running::start(greeting(), limits).await;
    let mut first = running.connect().await;
    ask(&mut first).await;
    read_until(&mut first, "127.0.0.1").await;

    let mut second = running.connect().await;
    ask(&mut second).await;
    let waited = tokio::time::timeout(BRIEF, second.read_u8()).await;
    assert!(waited.is_err(), "the second connection was answered");
    drop(first);
    read_until(&mut second, "127.0.0.1").await;
}

#[tokio::test]
async fn stopping_finishes_what_runs_and_closes_what_is_idle() {
    let (entered, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (entered, go) = (Arc::clone(&entered), Arc::clone(&go));
        async move || {
            entered.notify_one();
            go.notified().await;
            "finished"
        }
    };
    let running = Running::start(Router::new().route("/", get(handler)), LIMITS).await;
    let address = running.address;
    let mut silent = running.connect().await;
    let mut busy = running.connect().await;
    ask(&mut busy).await;
    entered.notified().await;

    running.stop.send(()).unwrap();
    assert_eq!(read_to_end(&mut silent).await, "");
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    go.notify_one();
    assert!(read_to_end(&mut busy).await.ends_with("finished"));
    assert_eq!(running.serving.await.unwrap(), Stopped::Drained);
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let entered = Arc::new(Notify::new());
    let handler = {
        let entered = Arc::clone(&entered);
        async move || {
            entered.notify_one();
            pending::<()>().await;
        }
    };
    let limits = Limits { drain: BRIEF, ..LIMITS };
    let running = Running::start(Router::new().route("/", get(handler)), limits).await;
    let mut stuck = running.connect().await;
    ask(&mut stuck).await;
    entered.notified().await;
    assert_eq!(running.stopped().await, Stopped::Cut { connections: 1 });
    assert_eq!(read_to_end(&mut stuck).await, "");
}

#[tokio::test]
async fn a_terminated_process_is_told_to_stop() {
    let told = stop_signal().unwrap();
    let pid = rustix::process::getpid();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    told.await;
}
