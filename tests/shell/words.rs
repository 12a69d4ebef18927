//! A script's words and operators.

use std::iter::Peekable;
use std::str::Chars;

/// A piece of a word: as it stands there, or a variable and what stands for it if it isn't set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Variable(String, String),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Word(Vec<Piece>),
    /// `;`, a line's end, `&`, `|` or `||`.
    Operator(&'static str),
    /// The descriptor and how it is redirected; to what, is the next word.
    Redirection(u32, &'static str),
    /// What the command reads.
    Here(String),
}

/// The tokens of a script.
pub(crate) fn tokens(script: &str) -> Vec<Token> {
    let mut reader =
        Reader { rest: script.chars().peekable(), tokens: Vec::new(), here: Vec::new(), is_apart: true };
    while reader.token() {}
    reader.tokens
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    tokens: Vec<Token>,
    /// The documents whose lines come below this line: where their tokens are.
    here: Vec<usize>,
    /// Whether something stands between the last token and this one.
    is_apart: bool,
}

impl Reader<'_> {
    fn next_is(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    /// Reads a token, unless this is the end.
    fn token(&mut self) -> bool {
        self.is_apart = self.next_is(' ');
        while self.next_is(' ') {}
        let Some(&first) = self.rest.peek() else { return false };
        match first {
            '\n' | ';' | '&' | '|' | '<' | '>' => {
                self.rest.next();
                self.operator(first);
            }
            _ => self.word(),
        }
        true
    }

    fn operator(&mut self, first: char) {
        let token = match first {
            '\n' => {
                self.tokens.push(Token::Operator("\n"));
                return self.documents();
            }
            ';' => Token::Operator(";"),
            '&' => Token::Operator("&"),
            '|' if self.next_is('|') => Token::Operator("||"),
            '|' => Token::Operator("|"),
            '<' if self.next_is('<') => {
                self.here.push(self.tokens.len());
                Token::Here(String::new())
            }
            '<' => Token::Redirection(self.descriptor(0), if self.next_is('&') { "&" } else { "<" }),
            _ => {
                let how = ['>', '&'].into_iter().find(|second| self.next_is(*second));
                Token::Redirection(self.descriptor(1), how.map_or(">", |c| if c == '>' { ">>" } else { "&" }))
            }
        };
        self.tokens.push(token);
    }

    /// The one that was written right before the operator.
    fn descriptor(&mut self, usual: u32) -> u32 {
        let Some(Token::Word(pieces)) = self.tokens.last().filter(|_| !self.is_apart) else { return usual };
        let [Piece::Text(text)] = &pieces[..] else { return usual };
        let Ok(number) = text.parse() else { return usual };
        self.tokens.pop();
        number
    }

    /// The documents that were announced in the line above.
    fn documents(&mut self) {
        for at in std::mem::take(&mut self.here) {
            let Some(Token::Word(end)) = self.tokens.get(at + 1).cloned() else { continue };
            self.tokens.remove(at + 1);
            let mut text = String::new();
            loop {
                let line: String = std::iter::from_fn(|| self.rest.next_if(|c| *c != '\n')).collect();
                if self.rest.next().is_none() || end == [Piece::Text(line.clone())] {
                    break;
                }
                text += &(line + "\n");
            }
            self.tokens[at] = Token::Here(text);
        }
    }

    fn word(&mut self) {
        let mut word = Word::default();
        while let Some(c) = self.rest.next_if(|c| !" \n;&|<>".contains(*c)) {
            match c {
                '\'' => word.text.extend(std::iter::from_fn(|| self.rest.next().filter(|c| *c != '\''))),
                '"' => self.quoted(&mut word),
                '\\' => word.text.extend(self.rest.next()),
                '$' => self.variable(&mut word),
                _ => word.text.push(c),
            }
        }
        self.tokens.push(Token::Word(word.pieces()));
    }

    fn quoted(&mut self, word: &mut Word) {
        while let Some(c) = self.rest.next().filter(|c| *c != '"') {
            match c {
                '\\' => match self.rest.next_if(|c| "\"\\$".contains(*c)) {
                    Some(escaped) => word.text.push(escaped),
                    None => word.text.push(c),
                },
                '$' => self.variable(word),
                _ => word.text.push(c),
            }
        }
    }

    fn variable(&mut self, word: &mut Word) {
        if self.next_is('$') {
            return word.text.push_str(&std::process::id().to_string());
        }
        let braces = self.next_is('{');
        let name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let variable: String = std::iter::from_fn(|| self.rest.next_if(name)).collect();
        let mut otherwise = String::new();
        if braces {
            self.next_is('-');
            otherwise.extend(std::iter::from_fn(|| self.rest.next().filter(|c| *c != '}')));
        }
        word.end_text();
        word.done.push(Piece::Variable(variable, otherwise));
    }
}

#[derive(Default)]
struct Word {
    done: Vec<Piece>,
    text: String,
}

impl Word {
    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.done.push(Piece::Text(std::mem::take(&mut self.text)));
        }
    }

    /// An empty word has one empty piece.
    fn pieces(mut self) -> Vec<Piece> {
        if self.done.is_empty() || !self.text.is_empty() {
            self.done.push(Piece::Text(self.text));
        }
        self.done
    }
}
