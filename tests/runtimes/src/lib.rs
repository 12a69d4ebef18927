//! Nothing: the tests stand beside this folder, in `main.rs`.
