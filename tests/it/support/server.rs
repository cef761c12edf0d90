//! A running `counterfoil serve` in a folder of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use super::{Client, binary};

/// How long a process may take to serve, or to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How a process is started, where not as usual.
#[derive(Clone, Default)]
pub(crate) struct Manner {
    /// A command that runs it, like `strace -f`.
    pub(crate) under: Vec<String>,
    /// Keys of the configuration, as variables of its environment.
    pub(crate) settings: Vec<(&'static str, String)>,
}

/// A data folder, and at most one process that serves it.
pub(crate) struct Server {
    folder: Arc<TempDir>,
    child: Child,
    url: String,
}

impl Server {
    /// Starts in a fresh folder.
    pub(crate) fn start() -> Self {
        Self::start_in(Arc::new(TempDir::new().unwrap()))
    }

    /// Starts in a folder that may have been served before.
    pub(crate) fn start_in(folder: Arc<TempDir>) -> Self {
        Self::try_start_in(folder).unwrap_or_else(|err| panic!("the server does not start: {err}"))
    }

    /// The same where the start may be refused; then its last words.
    pub(crate) fn try_start_in(folder: Arc<TempDir>) -> Result<Self, String> {
        Self::try_start(folder, &Manner::default())
    }

    /// The same in some manner.
    pub(crate) fn try_start(folder: Arc<TempDir>, manner: &Manner) -> Result<Self, String> {
        let (mut server, words) = Self::launch(folder, manner)?;
        if server.becomes_ready() { Ok(server) } else { Err(words.join().unwrap()) }
    }

    /// The same where it is enough that somebody answers, ready or not.
    pub(crate) fn try_start_answering(folder: Arc<TempDir>) -> Result<Self, String> {
        Self::launch(folder, &Manner::default()).map(|(server, _)| server)
    }

    /// Starts a process, and gives with it whoever hears its last words.
    fn launch(folder: Arc<TempDir>, manner: &Manner) -> Result<(Self, thread::JoinHandle<String>), String> {
        let mut child = serve(folder.path(), manner).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let words = thread::spawn(move || {
            BufReader::new(stderr).lines().map_while(Result::ok).collect::<Vec<_>>().join("\n")
        });
        let Some(url) = told_address(child.stdout.take().unwrap()) else {
            let _ = child.kill();
            child.wait().unwrap();
            return Err(words.join().unwrap());
        };
        Ok((Self { folder, child, url }, words))
    }

    /// Waits until the process is ready; not where it ends.
    fn becomes_ready(&mut self) -> bool {
        let until = Instant::now() + PATIENCE;
        while Client::blocking_status(&self.url, "/readyz") != Some(200) {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(Instant::now() < until, "the server is not ready");
            thread::yield_now();
        }
        true
    }

    /// Whether the process has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Where it serves, like `http://127.0.0.1:8080`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Its data folder.
    pub(crate) fn folder(&self) -> Arc<TempDir> {
        Arc::clone(&self.folder)
    }

    /// A path in its data folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    /// The operator's client.
    pub(crate) fn operator(&self) -> Client {
        let token = std::fs::read_to_string(self.path("operator.token")).unwrap();
        Client::new(&self.url, token.trim())
    }

    /// A client with no credential.
    pub(crate) fn nobody(&self) -> Client {
        Client::new(&self.url, "")
    }

    /// A fresh organisation's owner.
    pub(crate) async fn owner_of(&self, slug: &str) -> Client {
        let body = json!({
            "name": slug, "slug": slug, "plan": "enterprise",
            "owner": {"email": format!("ada@{slug}.test"), "name": "Ada"},
        });
        let answer = self.operator().post("/v1/organizations", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        Client::new(&self.url, answer.body["secret"].as_str().unwrap())
    }

    /// Ends the process without warning, as a power cut would.
    pub(crate) fn kill(mut self) -> Arc<TempDir> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        Arc::clone(&self.folder)
    }

    /// Asks the process to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> (Arc<TempDir>, ExitStatus) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (Arc::clone(&self.folder), status);
            }
            assert!(Instant::now() < until, "the server does not stop");
            thread::yield_now();
        }
    }

    /// The process's id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(folder: &Path, manner: &Manner) -> Command {
    let data = folder.join("data");
    let mut words = manner.under.iter().map(Into::into).chain([binary::path().as_os_str().to_owned()]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words).envs(manner.settings.iter().map(|(key, value)| (key, value)));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    command.arg("--operator-token-file").arg(data.join("operator.token"));
    command.current_dir(folder).env("COUNTERFOIL_LOG_FILTER", "info").env("COUNTERFOIL_GATE_RESERVE", "1MiB");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Reads what the process says until it names its address; nothing where it ends, or takes too long, before that.
fn told_address(stdout: ChildStdout) -> Option<String> {
    let (told, heard) = mpsc::channel();
    // Whatever else it says must be read too, or it stops at a full pipe.
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(url) = address(&line) {
                let _ = told.send(url);
            }
        }
    });
    heard.recv_timeout(PATIENCE).ok()
}

/// The address in the line that says where it listens.
fn address(line: &str) -> Option<String> {
    let from = line.find("listens on http://")? + "listens on ".len();
    line.get(from..)?.split_whitespace().next().map(str::to_owned)
}
