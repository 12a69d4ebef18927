//! What is tried with a peer that is a child process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use futures_lite::future::poll_once;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tenure::Mode;
use tenure_mcp::{Error, Lease};

use crate::steps::{MARK, Run, Tried, good, said, words};

impl Run<'_> {
    pub async fn child_step(&self, step: &str, lease: Lease) -> Tried {
        match step {
            "close" => self.close(lease).await,
            "kill" => self.kill(lease).await,
            other => Err(format!("there is no step {other}")),
        }
    }

    /// A call that is dropped once the server has it is cancelled by its id, on the server's own input.
    pub async fn is_told_on_a_pipe(&self, tool: &str, arguments: &Value) -> Result<(), String> {
        let record = Record::new(&self.mark);
        let client = (self.child)(record.of(&self.command()), self.options());
        let lease = client.acquire().await.map_err(words)?;
        let mut slow = Box::pin(lease.call_tool(tool, arguments).into_future());
        if let Some(result) = poll_once(&mut slow).await {
            return Err(format!("{result:?}"));
        }
        lease.list_tools().await.map_err(words)?;
        drop(slow);
        // What was sent stands there a moment after it was sent.
        let Some(call) = record.finds(|it| it["method"] == "tools/call").await else {
            return Err("the call wasn't sent".to_owned());
        };
        let of_call = |it: &Value| it["params"]["requestId"] == call["id"];
        let told = record.finds(|it| it["method"] == "notifications/cancelled" && of_call(it)).await;
        drop(lease);
        client.shutdown(Mode::Force).await;
        told.map(drop).ok_or_else(|| "the server wasn't told that the call is cancelled".to_owned())
    }

    /// The server is gone once it is closed, and the next lease starts another.
    async fn close(&self, lease: Lease) -> Tried {
        let pid = pid(&lease).await?;
        drop(lease);
        self.client.close(Mode::Graceful).await;
        if is_there(pid) {
            return Err(format!("process {pid} is there"));
        }
        let lease = self.client.acquire().await.map_err(words)?;
        said(&lease, &self.peer.call).await
    }

    /// A lease of the server that was started after this one was killed.
    pub async fn killed(&self, lease: Lease) -> Result<Lease, String> {
        kill_process(process(pid(&lease).await?)?, Signal::KILL).map_err(words)?;
        lease.revoked().await;
        drop(lease);
        self.client.acquire().await.map_err(words)
    }

    /// Killed under a call: the call fails, and the next lease starts another server.
    async fn kill(&self, lease: Lease) -> Tried {
        let (before, pid) = (lease.generation(), pid(&lease).await?);
        let (tool, arguments, _) = self.peer.slow.as_ref().unwrap_or(&self.peer.call);
        let process = process(pid)?;
        if self.peer.slow.is_none() {
            // So that it does not answer.
            kill_process(process, Signal::STOP).map_err(words)?;
        }
        let mut call = Box::pin(lease.call_tool(tool, arguments).into_future());
        if let Some(result) = poll_once(&mut call).await {
            return Err(format!("{result:?}"));
        }
        if self.peer.slow.is_some() {
            lease.list_tools().await.map_err(words)?;
        }
        kill_process(process, Signal::KILL).map_err(words)?;
        match call.await {
            Err(Error::Lost { .. }) => {}
            other => return Err(format!("{other:?}")),
        }
        drop(lease);
        let lease = self.client.acquire().await.map_err(words)?;
        if lease.generation() == before || is_there(pid) {
            return Err("it is the same generation, or process".to_owned());
        }
        said(&lease, &self.peer.call).await
    }

    /// No process of this run is left.
    pub async fn nothing_left(&self) -> Tried {
        if let Some(web) = &self.web {
            if !web.proxy.is_left().await {
                return Err("a connection is open".to_owned());
            }
            web.stop();
        }
        let mark = format!("{MARK}={}\0", self.mark);
        let processes = std::fs::read_dir("/proc").map_err(words)?;
        let left: Vec<String> = processes
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                let environment = std::fs::read(path.join("environ")).unwrap_or_default();
                environment.windows(mark.len()).any(|window| window == mark.as_bytes())
            })
            .map(|path| path.display().to_string())
            .collect();
        if left.is_empty() { Ok(good("ok")) } else { Err(format!("left: {left:?}")) }
    }
}

/// Keeps what a server is sent, in a file.
struct Record(PathBuf);

impl Record {
    fn new(mark: &str) -> Self {
        Self(std::env::temp_dir().join(format!("tenure-peers-sent-{mark}")))
    }

    /// The same command, with its input going through the file.
    fn of(&self, command: &Command) -> Command {
        let mut recorded = Command::new("/bin/sh");
        recorded.args(["-c", "tee \"$0\" | \"$@\""]).arg(&self.0);
        recorded.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => recorded.env(name, value),
                None => recorded.env_remove(name),
            };
        }
        recorded
    }

    /// The first message like that, once it is there.
    async fn finds(&self, is_it: impl Fn(&Value) -> bool) -> Option<Value> {
        for _ in 0..500 {
            let sent = std::fs::read_to_string(&self.0).unwrap_or_default();
            let found = sent.lines().filter_map(|line| serde_json::from_str(line).ok()).find(&is_it);
            if found.is_some() {
                return found;
            }
            smol::Timer::after(Duration::from_millis(20)).await;
        }
        None
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn pid(lease: &Lease) -> Result<u32, String> {
    lease.server_pid().await.map_err(words)?.ok_or_else(|| "no process id".to_owned())
}

fn process(pid: u32) -> Result<Pid, String> {
    i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or_else(|| "no process id".to_owned())
}

fn is_there(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}
