//! How to come from rmcp: to this crate, or to tenure's own client.
//!
//! | page | for |
//! |---|---|
//! | [From rmcp to tenure-rmcp](to_tenure_rmcp) | hosts that keep rmcp's types and handlers |
//! | [From rmcp to tenure-mcp](to_tenure_mcp) | hosts that leave rmcp |
//!
//! [The guide to tenure](https://docs.rs/tenure-guide) has the rest: leases, errors, deadlines, tests.

#[doc = include_str!("to_tenure_mcp.md")]
pub mod to_tenure_mcp {}
#[doc = include_str!("to_tenure_rmcp.md")]
pub mod to_tenure_rmcp {}
