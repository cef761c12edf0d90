//! strace on the server: what it asks of the system is counted, fails, or kills it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::Manner;

/// What is said where it cannot be used.
const NEEDED: &str = "this test needs strace (on Debian: apt-get install strace) and the right to trace one's own \
                      processes (in a container: --cap-add=SYS_PTRACE)";

/// strace beside a process, as long as it lives.
pub(crate) struct Strace {
    child: Child,
    log: PathBuf,
}

impl Strace {
    /// Watches a process and all its threads from now on, with these options, and writes to `log`.
    pub(crate) fn attach(pid: u32, options: &[String], log: &Path) -> Self {
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-p", &pid.to_string(), "-o"]).arg(log).args(options);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|err| panic!("{NEEDED}: {err}"));
        let mut words = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(words.any(|line| line.contains("attached")), "{NEEDED}");
        // Whatever else it says must be read too.
        std::thread::spawn(move || words.for_each(drop));
        Self { child, log: log.to_owned() }
    }

    /// A manner of starting in which strace watches from the first call on. The process is the one that was started:
    /// strace runs beside it.
    pub(crate) fn around(options: &[String], log: &Path) -> Manner {
        let can = Command::new("strace").args(["-D", "-f", "-o", "/dev/null", "true"]).status();
        assert!(can.is_ok_and(|it| it.success()), "{NEEDED}");
        let words = ["strace", "-D", "-f", "-o"].map(str::to_owned);
        let log = log.to_str().unwrap().to_owned();
        Manner {
            under: words.into_iter().chain([log]).chain(options.to_vec()).collect(),
            ..Manner::default()
        }
    }

    /// The calls that were seen so far, a line each.
    pub(crate) fn calls(&self) -> Vec<String> {
        fs::read_to_string(&self.log).unwrap().lines().map(str::to_owned).collect()
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        // Asked to end, it lets go of the process first.
        let _ = rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::TERM,
        );
        let _ = self.child.wait();
    }
}
