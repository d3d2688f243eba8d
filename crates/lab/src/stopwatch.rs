//! Time, processor time and memory of this process, as Linux tells them.
//!
//! Deliberately does not know: what is measured.

use std::time::Duration;

/// The most memory this process has held so far, in KiB (`VmHWM`); `None` where `/proc` does not say.
pub fn peak_kib() -> Option<u64> {
    status_kib("VmHWM:")
}

/// The memory this process holds now, in KiB (`VmRSS`); `None` where `/proc` does not say.
pub fn held_kib() -> Option<u64> {
    status_kib("VmRSS:")
}

/// Lets [`peak_kib`] start again from what is held now. Answers whether the system agreed.
pub fn forget_peak() -> bool {
    std::fs::write("/proc/self/clear_refs", "5").is_ok()
}

fn status_kib(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Processor time of all threads of this process so far, user and system.
pub fn cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in brackets and may hold spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    // The kernel reports to user space in hundredths of a second on every architecture Rust runs on.
    Some(Duration::from_millis(ticks * 10))
}

/// Processor time of the threads of that name (its first 15 bytes) that still run.
pub fn cpu_of_threads(name: &str) -> Duration {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return Duration::ZERO;
    };
    let name = name.get(..15).unwrap_or(name);
    tasks
        .flatten()
        .filter_map(|task| {
            // A thread may end between two reads: it then counts for nothing.
            let path = task.path();
            let comm = std::fs::read_to_string(path.join("comm")).ok()?;
            if comm.trim_end() != name {
                return None;
            }
            let stat = std::fs::read_to_string(path.join("schedstat")).ok()?;
            let nanoseconds = stat.split_whitespace().next()?.parse().ok()?;
            Some(Duration::from_nanos(nanoseconds))
        })
        .sum()
}

/// Processor time of the thread that asks, to the nanosecond: what `/proc` tells of a thread that runs is as old as
/// the last tick of the system.
pub fn cpu_of_this_thread() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// How many processes wanted the processors in the last minute, of all on this machine.
pub fn load() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threads_of_a_name_are_counted_and_no_others() {
        let work = || {
            let from = std::time::Instant::now();
            let mut sum = 0u64;
            while from.elapsed() < Duration::from_millis(30) {
                sum = std::hint::black_box(sum + 1);
            }
            assert!(sum > 0);
            assert!(cpu_of_this_thread() > Duration::ZERO);
            (cpu_of_threads("counted"), cpu_of_threads("counted-not"))
        };
        let thread = std::thread::Builder::new().name("counted".to_owned());
        let (own, other) = thread.spawn(work).unwrap().join().unwrap();
        assert!(own > Duration::ZERO);
        assert_eq!(other, Duration::ZERO);
        assert!(cpu().unwrap() > Duration::ZERO);
    }

    #[test]
    fn the_peak_remembers_memory_that_was_given_back() {
        // What is touched is held; the compiler may not see through it.
        let touched = std::hint::black_box(vec![1u8; 64 << 20]);
        assert!(held_kib().unwrap() > 64 << 10);
        drop(touched);
        assert!(peak_kib().unwrap() > 64 << 10);
    }
}
