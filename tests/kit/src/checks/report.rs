//! What a check found.

use std::fmt;

use tenure::{Config, Contradiction};

use crate::checks::rule::Rule;

/// A rule that isn't kept; `{}` says which, when, what was seen, what to do and where to read.
#[derive(Clone, Debug)]
pub struct Fault {
    rule: Rule,
    situation: String,
    seen: String,
    again: usize,
}

impl Fault {
    /// Which rule.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }

    /// The first situation in which it was seen.
    #[must_use]
    pub fn situation(&self) -> &str {
        &self.situation
    }

    /// What was seen there.
    #[must_use]
    pub fn seen(&self) -> &str {
        &self.seen
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, situation, seen, again } = self;
        writeln!(f, "must hold: {rule}")?;
        write!(f, "     when: {situation}")?;
        if *again > 0 {
            write!(f, " (and {again} more)")?;
        }
        writeln!(f, "\n     seen: {seen}")?;
        writeln!(f, "      try: {}", rule.cure())?;
        write!(f, "      see: {}", rule.page())
    }
}

/// What a check found: [`assert`](Self::assert) it in a test.
#[derive(Clone, Debug)]
#[must_use = "a report that nobody looks at checks nothing: `.assert()`"]
pub struct Report {
    subject: &'static str,
    situations: usize,
    faults: Vec<Fault>,
    unchecked: Vec<&'static str>,
    contradictions: Vec<Contradiction>,
}

impl Report {
    pub(crate) const fn new(subject: &'static str) -> Self {
        Self { subject, situations: 0, faults: Vec::new(), unchecked: Vec::new(), contradictions: Vec::new() }
    }

    /// One more situation was played.
    pub(crate) const fn played(&mut self) {
        self.situations += 1;
    }

    /// A rule that is broken again is counted, not told again.
    pub(crate) fn fault(&mut self, rule: Rule, situation: &str, seen: impl Into<String>) {
        if let Some(known) = self.faults.iter_mut().find(|known| known.rule == rule) {
            known.again += usize::from(known.situation != situation);
            return;
        }
        self.faults.push(Fault { rule, situation: situation.to_owned(), seen: seen.into(), again: 0 });
    }

    pub(crate) fn unchecked(&mut self, what: &'static str) {
        if !self.unchecked.contains(&what) {
            self.unchecked.push(what);
        }
    }

    pub(crate) fn contradictions(&mut self, config: &Config) {
        self.contradictions.extend(config.contradictions());
    }

    /// The settings of the check's config that contradict each other: with them much of what was seen says little of
    /// the connector.
    #[must_use]
    pub fn settings(&self) -> &[Contradiction] {
        &self.contradictions
    }

    /// The rules that aren't kept, each once, in the order in which they were seen.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Returns whether this rule isn't kept.
    #[must_use]
    pub fn breaks(&self, rule: Rule) -> bool {
        self.faults.iter().any(|fault| fault.rule == rule)
    }

    /// What couldn't be checked, and what the check would need for it.
    #[must_use]
    pub fn not_checked(&self) -> &[&'static str] {
        &self.unchecked
    }

    /// Fails a test, with all that was found.
    ///
    /// # Panics
    /// If a rule isn't kept.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.faults.is_empty(), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, situations, faults, unchecked, contradictions } = self;
        match faults.len() {
            0 => write!(f, "{subject}: all rules are kept, in {situations} situations")?,
            1 => write!(f, "{subject}: one rule isn't kept")?,
            broken => write!(f, "{subject}: {broken} rules aren't kept")?,
        }
        for (fault, number) in faults.iter().zip(1..) {
            write!(f, "\n\n{number}. {fault}")?;
        }
        if !unchecked.is_empty() {
            write!(f, "\n\nnot checked:")?;
        }
        for what in unchecked {
            write!(f, "\n- {what}")?;
        }
        if !contradictions.is_empty() {
            write!(f, "\n\nthe config of this check contradicts itself:")?;
        }
        for contradiction in contradictions {
            write!(f, "\n- {contradiction}")?;
        }
        Ok(())
    }
}
