//! What the program does for servers that ask: it says where they may work, and asks whoever sits at the terminal.

mod dialogue;
mod field;
mod form;
mod keyboard;
mod offered;
mod page;
mod roots;

pub(crate) use offered::Offered;
