//! What most connections never have any of.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Deref;

/// Something in a box that is made when there is something to be put into it. Until then it reads as an empty one, and
/// takes the room of a pointer.
#[derive(Debug)]
pub(crate) struct Seldom<T>(Option<Box<T>>);

/// What an empty one reads as.
pub(crate) trait Empty: Sized + 'static {
    const EMPTY: &'static Self;
}

impl<T> Seldom<T> {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// To be changed, if there is any of it.
    pub(crate) fn there(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }
}

impl<T: Default> Seldom<T> {
    /// To have something put into it.
    pub(crate) fn make(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Empty> Deref for Seldom<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::EMPTY)
    }
}

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: 'static, V: 'static> Empty for BTreeMap<K, V> {
    const EMPTY: &'static Self = &Self::new();
}

impl<T: 'static> Empty for BTreeSet<T> {
    const EMPTY: &'static Self = &Self::new();
}

impl<T: 'static> Empty for VecDeque<T> {
    const EMPTY: &'static Self = &Self::new();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_empty_until_something_is_put_into_it() {
        let mut seldom = Seldom::<VecDeque<u32>>::new();
        assert!(seldom.is_empty() && seldom.there().is_none());
        seldom.make().push_back(7);
        assert_eq!((seldom.len(), seldom.there().and_then(VecDeque::pop_front)), (1, Some(7)));
        assert_eq!(size_of::<Seldom<VecDeque<u32>>>(), size_of::<usize>());
    }
}
