//! The console, by which a child can be asked to end.

use std::fs::File;
use std::io;

use send_ctrlc::Interruptible;

/// Returns whether this program has one, which its children share. To open it is to know; there is nothing to be read
/// from it.
pub(super) fn is_there_one() -> bool {
    File::open("CONIN$").is_ok()
}

/// Sends Ctrl-Break to the process group that `leader` leads, and to no other process on the console. The leader is
/// alive, or its handle is held: its number is nobody else's.
pub(super) fn ask_to_end(leader: u32) -> io::Result<()> {
    Group(leader).terminate()
}

struct Group(u32);

impl Interruptible for Group {
    fn pid(&mut self) -> io::Result<Option<u32>> {
        Ok(Some(self.0))
    }
}
