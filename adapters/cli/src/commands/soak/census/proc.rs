//! By /proc: what is marked is known wherever it is.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::count::{Census, MARK};

pub(super) fn take(mark: &str) -> Option<Census> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let number = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    // The folder itself is open while it is read.
    let descriptors = std::fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1);
    Some(Census {
        descriptors: descriptors as u64,
        memory: number("VmRSS:")?.saturating_mul(1024),
        processes: processes(mark)?.len() as u64,
        threads: number("Threads:")?,
    })
}

/// The ids of our children, and of all that carry the mark in their environment.
fn processes(mark: &str) -> Option<BTreeSet<u32>> {
    let own = std::process::id();
    let marked = format!("{MARK}={mark}");
    let is_ours = |folder: &PathBuf, pid: u32| {
        let is_child =
            std::fs::read_to_string(folder.join("stat")).is_ok_and(|stat| parent(&stat) == Some(own));
        let is_marked = || {
            std::fs::read(folder.join("environ"))
                .is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == marked.as_bytes()))
        };
        pid != own && (is_child || is_marked())
    };
    let entries = std::fs::read_dir("/proc").ok()?.flatten();
    let found = entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        is_ours(&entry.path(), pid).then_some(pid)
    });
    Some(found.collect())
}

/// The parent's id: after the name in brackets, which may have any characters, come the state and that.
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_found_behind_any_name() {
        assert_eq!(parent("7 (a b) (c) S 42 7 7 0"), Some(42));
        assert_eq!(parent("7 (a"), None);
    }

    #[test]
    fn descriptors_and_marked_processes_are_counted() {
        let mark = format!("{}-test", std::process::id());
        let before = Census::take(&mark).unwrap();
        let file = std::fs::File::open("/dev/null").unwrap();
        let mut child = std::process::Command::new("sleep").arg("60").env(MARK, &mark).spawn().unwrap();
        let meanwhile = Census::take(&mark).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        drop(file);
        assert!(meanwhile.descriptors > before.descriptors && meanwhile.processes > before.processes);
        assert!(before.memory > 0 && before.threads > 0);
    }
}
