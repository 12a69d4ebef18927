//! The whole client in a simulated world.
