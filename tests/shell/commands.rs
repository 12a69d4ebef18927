//! The commands that it has.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::run::{Done, Shell};
use crate::streams::{self, Input, Streams};
use crate::unknown::unknown;

impl Shell {
    pub(crate) fn simple(&mut self, words: &[&str], streams: &Streams) -> Done {
        let succeeded = match words {
            [] | [":" | "true" | "exec", ..] if words.len() < 2 => Ok(true),
            ["exit"] => return Done::Break(0),
            ["exit", status] => return Done::Break(status.parse().unwrap_or(2)),
            ["exec", program, arguments @ ..] => return Done::Break(become_program(program, arguments)),
            ["trap", "", "TERM"] => self.ignore_request_to_end(),
            // A closed pipe is an error to whoever writes, and nothing else.
            ["trap", "", "PIPE"] => Ok(true),
            ["wait"] => self.children.iter_mut().try_for_each(|child| child.wait().map(drop)).map(|()| true),
            ["sleep", seconds] => {
                sleep(Duration::from_secs(seconds.parse().unwrap_or(0)).min(crate::LIFE));
                Ok(true)
            }
            ["mkfifo", path] => Ok(self.pipes.insert((*path).to_owned())),
            ["read", "-r", variable] => self.read(variable, &streams.input),
            ["[", "-e", path, "]"] => Ok(Path::new(path).exists()),
            _ => said(words, streams).map(|()| true),
        };
        match succeeded {
            Ok(succeeded) => Done::Continue(i32::from(!succeeded)),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                Done::Break(unknown(&format!("{words:?}")))
            }
            Err(_) => Done::Continue(1),
        }
    }

    fn read(&mut self, variable: &str, input: &Input) -> io::Result<bool> {
        let mut line = Vec::new();
        input.borrow_mut().read_until(b'\n', &mut line)?;
        let is_whole = line.pop_if(|last| *last == b'\n').is_some();
        self.variables.insert(variable.to_owned(), String::from_utf8_lossy(&line).into_owned());
        Ok(is_whole)
    }

    /// One that holds on to this program's output.
    pub(crate) fn sleep_beside(&mut self) -> Done {
        let child = std::env::current_exe()
            .and_then(|program| Command::new(program).arg("--sleep").stdin(Stdio::null()).spawn());
        match child {
            Ok(child) => {
                let id = format!("{}\n", child.id());
                self.children.push(child);
                let folder = std::env::var_os("DIR").unwrap_or_default();
                let written = streams::Output::file(&Path::new(&folder).join("pids"), true)
                    .and_then(|file| file.write(id.as_bytes()));
                Done::Continue(i32::from(written.is_err()))
            }
            Err(_) => Done::Continue(1),
        }
    }

    #[cfg(windows)]
    fn ignore_request_to_end(&mut self) -> io::Result<bool> {
        self.deaf = Some(crate::windows::ignore_request_to_end()?);
        Ok(true)
    }

    /// There, the system's own shell is asked.
    #[cfg(not(windows))]
    #[allow(clippy::unused_self, reason = "as on Windows")]
    fn ignore_request_to_end(&mut self) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// No program is replaced by another everywhere: this waits for it. The status.
fn become_program(program: &str, arguments: &[&str]) -> i32 {
    match Command::new(program).args(arguments).status() {
        Ok(status) => status.code().unwrap_or(1),
        Err(error) => unknown(&format!("{program}: {error}")),
    }
}

/// What writes, and does nothing else.
fn said(words: &[&str], streams: &Streams) -> io::Result<()> {
    let output = &streams.output;
    match words {
        ["cat" | "/bin/cat"] => io::copy(&mut Lines(&streams.input), &mut Written(streams)).map(drop),
        ["cat", path] => output.write(&std::fs::read(path)?),
        ["echo", words @ ..] => output.write((words.join(" ") + "\n").as_bytes()),
        ["printf", format, words @ ..] => output.write(&printed(format, words)),
        ["pwd", "-P"] => output.write(format!("{}\n", std::env::current_dir()?.display()).as_bytes()),
        ["head", "-c", count, "/dev/zero"] => output.write(&streams::zeros(count.parse().unwrap_or(0))?),
        ["tr", "\\0", to] => {
            let mut bytes = Vec::new();
            streams.input.borrow_mut().read_to_end(&mut bytes)?;
            let to = to.bytes().next().unwrap_or_default();
            output.write(&bytes.into_iter().map(|byte| if byte == 0 { to } else { byte }).collect::<Vec<_>>())
        }
        ["seq", from, to] => {
            let (Ok(from), Ok(to)) = (from.parse::<u32>(), to.parse::<u32>()) else {
                return Err(io::ErrorKind::Unsupported.into());
            };
            let numbers: Vec<String> = (from..=to).map(|number| number.to_string()).collect();
            output.write((numbers.join("\n") + "\n").as_bytes())
        }
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// `%s`, and escapes in the format: `\n`, `\\` and three octal digits.
fn printed(format: &str, words: &[&str]) -> Vec<u8> {
    let (mut bytes, mut words) = (Vec::new(), words.iter());
    let mut rest = format.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        match (byte, rest.as_slice()) {
            (b'%', [b's', ..]) => {
                rest.next();
                bytes.extend(words.next().unwrap_or(&"").bytes());
            }
            (b'\\', [b'n', ..]) => {
                rest.next();
                bytes.push(b'\n');
            }
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..]) => {
                bytes.push((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'));
                rest.nth(2);
            }
            (b'\\', [next, ..]) => {
                bytes.push(*next);
                rest.next();
            }
            _ => bytes.push(byte),
        }
    }
    bytes
}

struct Lines<'a>(&'a Input);

impl io::Read for Lines<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(bytes)
    }
}

struct Written<'a>(&'a Streams);

impl io::Write for Written<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.output.write(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
