//! Time and memory of this process, as Linux tells them.

use std::time::Duration;

/// The most memory this process has held so far, in KiB (`VmHWM`); `None` where `/proc` does not say.
pub(crate) fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Processor time of all threads of this process so far, user and system.
pub(crate) fn cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in brackets and may hold spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    // The kernel reports to user space in hundredths of a second on every architecture Rust runs on.
    Some(Duration::from_millis(ticks * 10))
}
