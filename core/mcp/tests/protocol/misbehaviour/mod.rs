//! Servers that break the rules, and connections that end.

mod envelopes;
mod faults;
mod last_words;
mod one_way;
mod rules;
