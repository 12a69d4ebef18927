//! A server over HTTP, as a child process.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// They are slow to start on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// Dropped, it is killed and reaped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Starts one, and waits until it listens on a port of the loopback interface that it finds free.
    ///
    /// # Errors
    /// It can't be started, or doesn't listen.
    pub fn start(mut command: Command) -> Result<Self, String> {
        command.env("PORT", "0").stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let lines = BufReader::new(child.stdout.take().ok_or("it is piped")?).lines();
        let (tells, port) = mpsc::channel();
        let mut server = Self { child, port: 0 };
        // What it says later is read, so that it never waits for a reader.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(Ok(port)) = line.strip_prefix("listening on port ").map(str::parse) {
                    let _ = tells.send(port);
                }
            }
        });
        server.port = port.recv_timeout(LIMIT).map_err(|_| "it doesn't listen")?;
        Ok(server)
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/mcp", self.port)
    }

    /// Has it end a session, without the client's knowing.
    ///
    /// # Errors
    /// It doesn't.
    pub fn end_session(&self, session: &str) -> Result<(), String> {
        let words = |error: std::io::Error| error.to_string();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).map_err(words)?;
        stream.set_read_timeout(Some(LIMIT)).map_err(words)?;
        let request = format!(
            "DELETE /mcp HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nMCP-Session-Id: {session}\r\n\
             MCP-Protocol-Version: 2025-11-25\r\nConnection: close\r\n\r\n",
            self.port
        );
        stream.write_all(request.as_bytes()).map_err(words)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(words)?;
        if answer.starts_with("HTTP/1.1 20") { Ok(()) } else { Err(format!("DELETE: {answer}")) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
