//! What a server asks of its client: requests of its own, and input for a call.

mod input_bounds;
mod input_ends;
mod input_required;
mod server_requests;
