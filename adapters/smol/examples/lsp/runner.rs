//! The runner: the whole life of one generation, from the start of the server to its end. On any runtime.

use std::pin::pin;
use std::process::{Command, Stdio};

use serde_json::json;
use smol::future;
use smol::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tenure::Generation;
use tenure_driver::{Failure, Life};
use tenure_process::Reactor;

use crate::peer::{self, CallError, Peer};

/// Opens, serves until told to stop, unwinds. If it is dropped instead, dropping the process kills the server's group.
pub(crate) async fn run(
    life: Life<Peer>,
    reactor: impl Reactor,
    mut command: Command,
) -> Result<(), Failure> {
    // The token is held until the server has been reaped, whoever does that: no next generation starts before.
    let mut child = tenure_process::spawn(&reactor, command.stderr(Stdio::piped()), life.linger())?;
    let (generation, aborted) = (life.generation(), life.aborted());
    println!("[{generation}] starts process {}", child.pid());
    let stderr = child.take_stderr();
    let (stdin, stdout, mut process) = child.split();
    let (peer, carry) = peer::open(stdin, stdout);
    let mut carry = pin!(carry);

    let life = async {
        let broken = async { Err(carry.as_mut().await.into()) };
        if let Err(failure) = future::or(serve(life, &peer), broken).await {
            // It ended by itself, or it isn't of use: killing what has ended changes nothing of how it did.
            process.kill()?;
            let status = process.wait().await?;
            return Err(Failure::new(format!("{failure} ({status})")));
        }
        // Told to stop: it is asked to end, and waited for. Told to hurry: SIGTERM. Discarded: dropped here.
        let ended = async { process.exited().await.map(|()| false) };
        let hurry = async {
            aborted.await;
            Ok(true)
        };
        let goodbye = async {
            future::zip(say_goodbye(&peer), carry.as_mut()).await;
            future::pending().await
        };
        if future::or(ended, future::or(hurry, goodbye)).await? {
            println!("[{generation}] is told to hurry");
            process.terminate()?;
        }
        println!("[{generation}] has ended: {}", process.wait().await?);
        Ok(())
    };
    // Standard error is read all the while, or the server would wait when the pipe is full.
    let mut lines = pin!(show_lines(generation, stderr));
    let end = future::or(lines.as_mut(), life).await;
    // The server is gone, so all that it said last is in the pipe.
    future::poll_once(lines).await;
    end
}

/// The handshake, and then whatever callers do with the peer, until told to stop.
async fn serve(life: Life<Peer>, peer: &Peer) -> Result<(), Failure> {
    let handshake = async {
        peer.request("initialize", json!({ "processId": std::process::id(), "capabilities": {} })).await?;
        peer.notify("initialized").await
    };
    life.or_stopped(handshake).await??;
    life.ready(peer.clone()).stopped().await;
    Ok(())
}

async fn say_goodbye(peer: &Peer) {
    let goodbye = async {
        peer.request("shutdown", json!(null)).await?;
        peer.notify("exit").await
    };
    // A server that is gone already has no need of it.
    let _: Result<(), CallError> = goodbye.await;
}

/// Never completes.
async fn show_lines<T>(generation: Generation, stderr: Option<impl AsyncRead + Unpin>) -> T {
    if let Some(stderr) = stderr {
        let mut stderr = BufReader::new(stderr);
        let mut line = Vec::new();
        while let Ok(1..) = stderr.read_until(b'\n', &mut line).await {
            println!("[{generation}] says: {}", String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }
    future::pending().await
}
