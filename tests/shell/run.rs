//! Runs what a script says.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::env::var;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Child;
use std::rc::Rc;

use crate::parse::{Command, Item, Redirection, Word, parse};
use crate::streams::{self, Output, Streams};
use crate::unknown::unknown;
use crate::words::Piece;

/// Goes on with a command's status, or ends with that of the script.
pub(crate) type Done = ControlFlow<i32, i32>;

#[derive(Default)]
pub(crate) struct Shell {
    pub(crate) variables: HashMap<String, String>,
    /// Files that are waited for.
    pub(crate) pipes: HashSet<String>,
    pub(crate) children: Vec<Child>,
    /// As long as these are kept, requests to end are ignored.
    #[cfg(windows)]
    pub(crate) deaf: Option<crate::windows::Deaf>,
}

/// The status.
pub(crate) fn script(script: &str) -> i32 {
    let streams =
        Streams { input: streams::standard_input(), output: Output::Standard, error: Output::Error };
    match parse(script) {
        Ok(items) => match Shell::default().items(&items, &streams) {
            Done::Continue(status) | Done::Break(status) => status,
        },
        Err(error) => unknown(&error),
    }
}

impl Shell {
    pub(crate) fn word(&self, word: &Word) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(name, otherwise) => self
                .variables
                .get(name)
                .cloned()
                .or_else(|| var(name).ok())
                .unwrap_or_else(|| otherwise.clone()),
        };
        word.iter().map(piece).collect()
    }

    fn items(&mut self, items: &[Item], streams: &Streams) -> Done {
        let mut status = 0;
        for item in items {
            status = self.item(item, streams)?;
        }
        Done::Continue(status)
    }

    fn item(&mut self, item: &Item, streams: &Streams) -> Done {
        if item.background {
            return self.background(item);
        }
        let mut status = 0;
        for pipeline in &item.alternatives {
            status = self.pipeline(pipeline, streams)?;
            if status == 0 {
                break;
            }
        }
        Done::Continue(status)
    }

    fn background(&mut self, item: &Item) -> Done {
        match &item.alternatives[0][0] {
            Command::Simple(words, _) if words.first().is_some_and(|word| self.word(word) == "sleep") => {
                self.sleep_beside()
            }
            _ => Done::Break(unknown("what is to be done beside the rest")),
        }
    }

    /// One after the other: nobody here writes without end.
    fn pipeline(&mut self, commands: &[Command], streams: &Streams) -> Done {
        let mut streams = streams.clone();
        let Some((last, before)) = commands.split_last() else { return Done::Continue(0) };
        for command in before {
            let written = Rc::new(RefCell::new(Vec::new()));
            self.command(command, &Streams { output: Output::To(written.clone()), ..streams.clone() })?;
            streams.input = streams::bytes(written.take());
        }
        self.command(last, &streams)
    }

    fn command(&mut self, command: &Command, streams: &Streams) -> Done {
        match command {
            Command::While(condition, body) => {
                while self.items(condition, streams)? == 0 {
                    self.items(body, streams)?;
                }
                Done::Continue(0)
            }
            Command::For(name, values, body) => {
                let name = self.word(name);
                for value in values {
                    let value = self.word(value);
                    self.variables.insert(name.clone(), value);
                    self.items(body, streams)?;
                }
                Done::Continue(0)
            }
            Command::Simple(words, redirections) => {
                let words: Vec<String> = words.iter().map(|word| self.word(word)).collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let mut streams = streams.clone();
                for redirection in redirections {
                    if let Err(error) = self.redirect(&mut streams, redirection, words == ["exec"]) {
                        eprintln!("shell: {words:?}: {error}");
                        return Done::Continue(1);
                    }
                }
                self.simple(&words, &streams)
            }
        }
    }

    fn redirect(&mut self, streams: &mut Streams, how: &Redirection, for_good: bool) -> io::Result<()> {
        let (descriptor, how, to) = match how {
            Redirection::Here(text) => {
                streams.input = streams::bytes(text.clone().into_bytes());
                return Ok(());
            }
            Redirection::To(descriptor, how, to) => (*descriptor, *how, self.word(to)),
        };
        let path = Path::new(&to);
        match (descriptor, how, to.as_str()) {
            (0, "<", _) if self.pipes.contains(&to) => streams.input = streams::pipe(path),
            (0, "<", _) => streams.input = streams::file(path)?,
            (1, "&", "2") => streams.output = streams.error.clone(),
            #[cfg(windows)]
            (1, "&", "-") if for_good => crate::windows::close_output(),
            (1, ">", "/dev/null") => streams.output = Output::nothing(),
            (2, ">", "/dev/null") => streams.error = Output::nothing(),
            (1, ">" | ">>", _) => streams.output = Output::file(path, how == ">>")?,
            _ => return Err(io::Error::other(format!("{descriptor}{how}{to} (exec: {for_good})"))),
        }
        Ok(())
    }
}
