//! What a server is to tell of, and what it tells.

mod notifications;
mod subscribing_again;
mod subscriptions;
