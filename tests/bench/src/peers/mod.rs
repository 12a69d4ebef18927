//! What one would use instead, and the floors.

pub mod http;
pub mod pools;
pub mod rmcp;
pub mod stdio;
pub mod waiters;
