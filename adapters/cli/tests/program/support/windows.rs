//! A console's events.

use send_ctrlc::Interruptible;

use super::Running;

impl Running {
    /// To the group that the program leads.
    pub(crate) fn send_ctrl_break(&mut self) -> &mut Self {
        Group(self.child.id()).terminate().unwrap();
        self
    }
}

struct Group(u32);

impl Interruptible for Group {
    fn pid(&mut self) -> std::io::Result<Option<u32>> {
        Ok(Some(self.0))
    }
}
