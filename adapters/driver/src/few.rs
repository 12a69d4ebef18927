//! Things in line of which mostly there is one at most.

use std::{iter, mem, option, vec};

/// Things in line: the first one is here, which needs no allocation.
#[derive(Debug)]
pub(crate) struct Few<T> {
    /// `None` only when there are none at all.
    first: Option<T>,
    more: Vec<T>,
}

impl<T> Few<T> {
    pub(crate) const fn new() -> Self {
        Self { first: None, more: Vec::new() }
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) fn push(&mut self, one: T) {
        if self.first.is_none() {
            self.first = Some(one);
        } else {
            self.more.push(one);
        }
    }

    /// Takes all.
    pub(crate) fn take(&mut self) -> Self {
        mem::replace(self, Self::new())
    }
}

impl<T> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, all: I) {
        all.into_iter().for_each(|one| self.push(one));
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = iter::Chain<option::IntoIter<T>, vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_out_as_they_went_in_and_once() {
        let mut few = Few::new();
        for length in 0..4 {
            few.extend(0..length);
            assert_eq!(few.is_empty(), length == 0);
            assert_eq!(few.take().into_iter().collect::<Vec<_>>(), (0..length).collect::<Vec<_>>());
            assert!(few.is_empty());
        }
    }
}
