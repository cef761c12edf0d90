//! What the machine tells: its load, its processor, and what processes have used of it (proc(5)).

use std::{fs, io, time::Duration};

use anyhow::Context;
use rustix::time::{ClockId, clock_gettime};

/// Ticks of a second in which the system counts processor time for others to read; the same on all Linux machines.
const TICKS_PER_SECOND: u64 = 100;

/// The load of the last 1, 5 and 15 minutes.
pub(super) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// How many processors of what kind.
pub(super) fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|it| it.strip_prefix("model name")?.split_once(": ").map(|it| it.1));
    let count = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{count} × {}", model.unwrap_or("unknown processor"))
}

/// Processor time of the calling thread.
pub(super) fn thread_time() -> Duration {
    time_of(ClockId::ThreadCPUTime)
}

/// Processor time of this process, all threads together.
pub(super) fn process_time() -> Duration {
    time_of(ClockId::ProcessCPUTime)
}

fn time_of(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), nanoseconds)
}

/// Processor time of another process, to 10 ms.
///
/// # Errors
/// When there is no such process.
pub(super) fn time_of_process(id: u32) -> anyhow::Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{id}/stat"))
        .with_context(|| format!("the process {id} cannot be watched"))?;
    // The name in parentheses may hold anything; after it come state (3), …, utime (14) and stime (15).
    let rest = text.rsplit_once(')').map_or("", |it| it.1);
    let ticks: u64 = rest.split_whitespace().skip(11).take(2).filter_map(|it| it.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

/// Bytes of memory that this process holds.
///
/// # Errors
/// When the system does not tell.
pub(super) fn resident_bytes() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|it| it.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kibibytes.map(|it| it * 1_024).ok_or_else(|| io::Error::other("no VmRSS in /proc/self/status"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_read_from_within_and_from_without() {
        let own = std::process::id();
        while time_of_process(own).unwrap() < Duration::from_millis(20) {
            std::hint::black_box(processor());
        }
        assert!(Duration::from_millis(10) < process_time());
        assert!(thread_time() <= process_time());
        assert!(1_000_000 < resident_bytes().unwrap());
        assert_eq!(load().split(' ').count(), 3);
    }
}
