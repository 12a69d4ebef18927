//! Which process the server is, for whoever wants to know.

use futures_lite::io::{empty, sink};
use tenure_mcp::{Failure, Peer, Wire};

use crate::stage::{Call, PID, Stage};

#[test]
fn a_lease_says_which_process_its_server_is() {
    let mut stage = Stage::of_processes();
    let (lease, _server) = stage.live();
    assert_eq!(Call::new(lease.server_pid()).poll().unwrap().unwrap(), Some(PID));
}

#[test]
fn a_server_that_is_known_by_its_bytes_alone_is_no_process() {
    let mut stage = Stage::new();
    let (lease, _server) = stage.live();
    assert_eq!(Call::new(lease.server_pid()).poll().unwrap().unwrap(), None);
    let wire = Wire::of_bytes(empty(), sink());
    assert_eq!(wire.pid(), None);
    let (_carrier, peer) = wire.into_parts();
    assert!(peer.stderr_tail().is_none(), "its standard error is not read here");
}

#[test]
fn a_wire_says_which_process_is_at_its_end() {
    struct Process;

    #[async_trait::async_trait]
    impl Peer for Process {
        async fn ended(&mut self) -> Option<Failure> {
            None
        }

        async fn unwound(&mut self) -> Result<(), Failure> {
            Ok(())
        }

        fn hurry(&mut self) {}

        fn pid(&self) -> Option<u32> {
            Some(PID)
        }
    }

    assert_eq!(Wire::lines(empty(), sink(), Process).pid(), Some(PID));
}
