//! By a snapshot of the system. Environments of others can't be read, so what counts as started by this process is what
//! its parents, as far as they are known, lead back to it. A process keeps its parent's number when that has ended.

use std::collections::BTreeSet;

use winsafe::{HPROCESS, HPROCESSLIST, co};

use super::count::Census;

pub(super) fn take(_mark: &str) -> Option<Census> {
    let this = HPROCESS::GetCurrentProcess();
    let own = std::process::id();
    let mut threads = 0;
    let mut parents = Vec::new();
    let mut system = HPROCESSLIST::CreateToolhelp32Snapshot(co::TH32CS::SNAPPROCESS, None).ok()?;
    for entry in system.iter_processes() {
        let entry = entry.ok()?;
        if entry.th32ProcessID == own {
            threads = entry.cntThreads;
        } else {
            parents.push((entry.th32ProcessID, entry.th32ParentProcessID));
        }
    }
    Some(Census {
        descriptors: this.GetProcessHandleCount().ok()?.into(),
        memory: this.GetProcessMemoryInfo().ok()?.WorkingSetSize as u64,
        processes: descendants(own, &parents).len() as u64,
        threads: threads.into(),
    })
}

/// Those that `parents`, pairs of a process and its parent, lead back to `own`.
fn descendants(own: u32, parents: &[(u32, u32)]) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    loop {
        let before = found.len();
        for (pid, parent) in parents {
            if *parent == own || found.contains(parent) {
                found.insert(*pid);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_and_their_children_are_counted_and_nobody_else() {
        let parents = [(30, 20), (20, 10), (40, 41), (50, 51), (51, 50)];
        assert_eq!(descendants(10, &parents), BTreeSet::from([20, 30]));
    }

    #[test]
    fn a_child_is_counted_while_it_runs() {
        let before = take("").unwrap();
        let mut cmd = std::process::Command::new("cmd");
        let mut child = cmd.arg("/k").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let meanwhile = take("").unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(meanwhile.processes > before.processes);
        assert!(before.memory > 0 && before.threads > 0);
        assert_eq!(take("").unwrap().processes, before.processes);
    }
}
