//! A script's commands.

use std::iter::Peekable;
use std::vec::IntoIter;

use crate::words::{Piece, Token, tokens};

pub(crate) type Word = Vec<Piece>;

/// Pipelines, each of which is for when the one before has failed.
pub(crate) struct Item {
    pub(crate) alternatives: Vec<Vec<Command>>,
    pub(crate) background: bool,
}

pub(crate) enum Command {
    While(Vec<Item>, Vec<Item>),
    For(Word, Vec<Word>, Vec<Item>),
    Simple(Vec<Word>, Vec<Redirection>),
}

pub(crate) enum Redirection {
    /// The descriptor, how it is redirected, and to what.
    To(u32, &'static str, Word),
    Here(String),
}

/// What a script has to do, or where it can't be understood.
pub(crate) fn parse(script: &str) -> Result<Vec<Item>, String> {
    let mut parser = Parser(tokens(script).into_iter().peekable());
    let items = parser.items(&[])?;
    match parser.0.next() {
        None => Ok(items),
        Some(token) => Err(format!("{token:?}")),
    }
}

struct Parser(Peekable<IntoIter<Token>>);

impl Parser {
    fn operator(&mut self, wanted: &[&str]) -> Option<&'static str> {
        match self.0.next_if(|token| matches!(token, Token::Operator(it) if wanted.contains(it))) {
            Some(Token::Operator(operator)) => Some(operator),
            _ => None,
        }
    }

    fn is_keyword(&mut self, wanted: &[&str]) -> bool {
        match self.0.peek() {
            Some(Token::Word(pieces)) => {
                matches!(&pieces[..], [Piece::Text(text)] if wanted.contains(&text.as_str()))
            }
            _ => false,
        }
    }

    fn keyword(&mut self, wanted: &str) -> Result<(), String> {
        if self.is_keyword(&[wanted]) {
            self.0.next();
            return Ok(());
        }
        Err(format!("{:?} in place of {wanted}", self.0.peek()))
    }

    /// Until one of these words, or the end.
    fn items(&mut self, until: &[&str]) -> Result<Vec<Item>, String> {
        let mut items = Vec::new();
        loop {
            while self.operator(&["\n", ";"]).is_some() {}
            if self.0.peek().is_none() || self.is_keyword(until) {
                return Ok(items);
            }
            let mut alternatives = vec![self.pipeline()?];
            while self.operator(&["||"]).is_some() {
                alternatives.push(self.pipeline()?);
            }
            items.push(Item { alternatives, background: self.operator(&["&"]).is_some() });
        }
    }

    fn pipeline(&mut self) -> Result<Vec<Command>, String> {
        let mut commands = vec![self.command()?];
        while self.operator(&["|"]).is_some() {
            commands.push(self.command()?);
        }
        Ok(commands)
    }

    fn command(&mut self) -> Result<Command, String> {
        if self.is_keyword(&["while"]) {
            self.0.next();
            let condition = self.items(&["do"])?;
            return Ok(Command::While(condition, self.body()?));
        }
        if self.is_keyword(&["for"]) {
            self.0.next();
            let Command::Simple(words, _) = self.simple()? else { return Err("for".into()) };
            let [name, _in, values @ ..] = &words[..] else { return Err("for".into()) };
            self.operator(&["\n", ";"]);
            return Ok(Command::For(name.clone(), values.to_vec(), self.body()?));
        }
        self.simple()
    }

    fn body(&mut self) -> Result<Vec<Item>, String> {
        self.keyword("do")?;
        let items = self.items(&["done"])?;
        self.keyword("done")?;
        Ok(items)
    }

    fn simple(&mut self) -> Result<Command, String> {
        let (mut words, mut redirections) = (Vec::new(), Vec::new());
        while let Some(token) = self.0.next_if(|token| !matches!(token, Token::Operator(_))) {
            match token {
                Token::Redirection(descriptor, how) => match self.0.next() {
                    Some(Token::Word(to)) => redirections.push(Redirection::To(descriptor, how, to)),
                    other => return Err(format!("{other:?} after a redirection")),
                },
                Token::Here(text) => redirections.push(Redirection::Here(text)),
                Token::Word(word) => words.push(word),
                Token::Operator(operator) => return Err(operator.into()),
            }
        }
        if words.is_empty() && redirections.is_empty() {
            return Err(format!("{:?} in place of a command", self.0.peek()));
        }
        Ok(Command::Simple(words, redirections))
    }
}
