//! What goes to children and comes from them.

use std::io;
use std::net::TcpStream;
use std::pin::pin;
use std::process::Stdio;

use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _, future};
use tenure_bounds::within;

use super::playing::{own, part, play, ready};
use crate::support::{Lines, Runtime, exit, is_pending, run, start};

/// In pieces of 64 KiB.
const PIECES: usize = 1600;

pub(crate) fn reads_standard_error_if_piped<R: Runtime>() {
    run::<R, _>(async {
        let mut command = part("say");
        let (mut child, _token) = start::<R>(&mut command);
        assert!(child.take_stderr().is_none());
        drop(child);

        let (mut child, _token) = start::<R>(command.stderr(Stdio::piped()));
        let stderr = child.take_stderr().unwrap();
        assert!(child.take_stderr().is_none());
        assert_eq!(Lines::<R>::of(stderr).end().await.trim_end(), "err");
        let (_stdin, stdout, _process) = child.split();
        assert!(Lines::<R>::of(stdout).end().await.contains("out"));
    });
}

pub(crate) fn a_hundred_megabytes_come_from_a_child<R: Runtime>() {
    run::<R, _>(async {
        let (child, _token) = play::<R>(&format!("pour {PIECES}"));
        let (_stdin, mut stdout, mut process) = child.split();
        let mut seen = 0;
        let mut buffer = vec![0; 100_000];
        loop {
            let read = within("more of it", stdout.read(&mut buffer)).await.unwrap();
            if read == 0 {
                break;
            }
            seen += buffer[..read].iter().map(|byte| usize::from(*byte == b'y')).sum::<usize>();
        }
        // The harness has no such letter in what it says before.
        assert_eq!(seen, (PIECES << 16) + "@ready".matches('y').count());
        assert!(exit::<R>(&mut process).await.success());
    });
}

pub(crate) fn a_hundred_megabytes_go_to_a_child<R: Runtime>() {
    run::<R, _>(async {
        let (child, _token) = play::<R>("count");
        let (mut stdin, stdout, mut process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        ready(&mut lines).await;
        let piece = vec![b'x'; 1 << 16];
        for _ in 0..PIECES {
            within("room", stdin.write_all(&piece)).await.unwrap();
        }
        drop(stdin);
        assert_eq!(own(&mut lines).await, (PIECES << 16).to_string());
        assert!(exit::<R>(&mut process).await.success());
    });
}

pub(crate) fn all_that_was_written_arrives_before_the_end_of_input<R: Runtime>() {
    run::<R, _>(async {
        let (child, _token) = play::<R>("deaf");
        let (mut stdin, stdout, mut process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        let door: u16 = own(&mut lines).await.parse().unwrap();
        let piece = vec![b'x'; 10_000];
        let mut written = 0;
        loop {
            match future::poll_once(stdin.write(&piece)).await {
                Some(length) => written += length.unwrap(),
                // There may be room again, as the thread gets on.
                None if written > 1 << 17 => break,
                None => future::yield_now().await,
            }
            assert!(written < 1 << 20, "there is no bound");
        }
        // In the middle of a write that waits for room.
        stdin.close().await.unwrap();
        assert_eq!(stdin.write(b"more").await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        drop(TcpStream::connect(("127.0.0.1", door)).unwrap());
        ready(&mut lines).await;
        assert_eq!(own(&mut lines).await, written.to_string());
        assert!(exit::<R>(&mut process).await.success());
    });
}

pub(crate) fn a_child_that_stops_reading_is_ended_all_the_same<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = play::<R>("deaf");
        let (mut stdin, stdout, process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        own(&mut lines).await;
        let large = vec![b'x'; 1 << 20];
        assert!(is_pending(pin!(stdin.write_all(&large))).await);
        drop(process);
        token.wait_until_dropped();
        // Woken, and told.
        let error = within("the write to fail", stdin.write_all(&large)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        lines.end().await;
    });
}

pub(crate) fn writing_to_a_child_that_is_gone_is_an_error<R: Runtime>() {
    run::<R, _>(async {
        let (child, _token) = play::<R>("exit 0");
        let (mut stdin, _stdout, mut process) = child.split();
        exit::<R>(&mut process).await;
        let write = async {
            stdin.write_all(&vec![b'x'; 1 << 20]).await?;
            stdin.flush().await
        };
        let error = within("the write to fail", write).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    });
}

pub(crate) fn an_output_can_be_dropped_in_the_middle_of_a_read<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = play::<R>("cat");
        let (mut stdin, stdout, mut process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        ready(&mut lines).await;
        assert!(is_pending(pin!(lines.next())).await);
        drop(lines);
        // Nobody reads what it says from here on: it can't be stuck for that.
        stdin.write_all(b"hello\n").await.unwrap();
        drop(stdin);
        exit::<R>(&mut process).await;
        assert!(!token.is_held());
    });
}
