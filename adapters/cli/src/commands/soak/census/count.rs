//! What is counted.

/// The variable that marks the servers, and with them all that they start.
pub(crate) const MARK: &str = "TENURE_SOAK";

/// One count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) descriptors: u64,
    /// Resident, in bytes.
    pub(crate) memory: u64,
    /// Children, zombies too, and whatever else carries the mark.
    pub(crate) processes: u64,
    pub(crate) threads: u64,
}

impl Census {
    /// The most of each.
    pub(crate) fn most(self, other: Self) -> Self {
        Self {
            descriptors: self.descriptors.max(other.descriptors),
            memory: self.memory.max(other.memory),
            processes: self.processes.max(other.processes),
            threads: self.threads.max(other.threads),
        }
    }

    /// Returns whether nothing but memory is more than it was.
    pub(crate) const fn is_back_at(&self, before: &Self) -> bool {
        self.descriptors <= before.descriptors
            && self.processes <= before.processes
            && self.threads <= before.threads
    }
}
