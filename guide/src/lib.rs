//! The guide to tenure. There is no code in this crate, only these pages.
//!
//! It is for people who write Rust and know `async`. No page asks for more than that, and for what the pages before it
//! said. All examples compile, and all but a few run in the project's tests.
//!
//! # Why it exists
//! Many tasks share one long-lived session to a server. It is opened at its first use, closed by force under a call,
//! lost, opened again, and its callers are cancelled at any moment. Written by hand that has races.
//! [The page of races](https://docs.rs/tenure/latest/tenure/races/index.html) shows each in a few lines, beside what
//! tenure does instead. You need not know them to use it; they are the reason why it is as it is.
//!
//! # Chapters
//! They follow each other.
//!
//! | chapter | what you have at its end |
//! |---|---|
//! | 1. [Your first host](chapter_1) | a program that starts an MCP server, calls a tool and ends the server |
//! | 2. [One session, many tasks](chapter_2) | leases and closes, and what happens to whom when somebody is cancelled |
//! | 3. [When calls fail](chapter_3) | which errors may be retried, and by whom |
//! | 4. [Choosing deadlines](chapter_4) | settings that fit your server, with reasons |
//! | 5. [Testing your host](chapter_5) | tests of all that without a process and without waiting |
//! | 6. [What servers ask and tell](chapter_6) | handlers, progress, logs and changes, with servers of both eras of MCP |
//! | 7. [Servers over HTTP](chapter_7) | a host for servers that others run: credentials, proxies, sessions that expire, a client of your own |
//! | 8. [A session for your own protocol](chapter_8) | a connector for a language server's framing over a child's stdio |
//! | 9. [Testing your adapter](chapter_9) | that connector, timer or runtime held against every rule |
//!
//! # How-tos
//! Each stands alone.
//!
//! | page | for |
//! |---|---|
//! | [Other executors](topic::executors) | an executor of your own: GLib's, an editor's, embassy's, one of one thread |
//! | [Without async](topic::without_async) | the machine in an event loop or in threads of your own |
//! | [From rmcp to tenure-rmcp](https://docs.rs/tenure-rmcp/latest/tenure_rmcp/guide/to_tenure_rmcp/index.html) | hosts that keep rmcp's types and handlers |
//! | [From rmcp to tenure-mcp](https://docs.rs/tenure-rmcp/latest/tenure_rmcp/guide/to_tenure_mcp/index.html) | hosts that leave rmcp |

#[doc = include_str!("chapter_1.md")]
pub mod chapter_1 {}
#[doc = include_str!("chapter_2.md")]
pub mod chapter_2 {}
#[doc = include_str!("chapter_3.md")]
pub mod chapter_3 {}
#[doc = include_str!("chapter_4.md")]
pub mod chapter_4 {}
#[doc = include_str!("chapter_5.md")]
pub mod chapter_5 {}
#[doc = include_str!("chapter_6.md")]
pub mod chapter_6 {}
#[doc = include_str!("chapter_7.md")]
pub mod chapter_7 {}
#[doc = include_str!("chapter_8.md")]
pub mod chapter_8 {}
#[doc = include_str!("chapter_9.md")]
pub mod chapter_9 {}

/// How-tos: each stands alone.
pub mod topic {
    #[doc = include_str!("topic/executors.md")]
    pub mod executors {}
    #[doc = include_str!("topic/without_async.md")]
    pub mod without_async {}
}
