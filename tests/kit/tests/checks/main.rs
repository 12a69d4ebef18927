//! Each fault that the kit's checks are for, planted, and found; and adapters that are well, found to be so.

mod connectors;
mod faults;
mod retiring;
mod served;
mod spawning;
mod timers;
mod words;
