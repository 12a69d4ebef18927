//! Where callers that wait find what became of them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Places by the numbers of their tickets.
#[expect(clippy::box_collection, reason = "it is large, and many sessions never have it")]
pub(crate) struct Places<P> {
    /// Where there is but one, as mostly, it may be here, which needs no allocation.
    first: Option<(u64, P)>,
    /// The others. In a box: of many sessions there never are any.
    more: Option<Box<HashMap<u64, P, BuildHasherDefault<Counted>>>>,
}

/// A hash for numbers that this program counts up itself, so that nobody chooses them: those in a row lie in a row.
#[derive(Default)]
struct Counted(u64);

impl<P> Places<P> {
    pub(crate) const fn new() -> Self {
        Self { first: None, more: None }
    }

    /// Takes a number that is not here.
    pub(crate) fn insert(&mut self, number: u64, place: P) {
        if self.first.is_none() {
            self.first = Some((number, place));
        } else {
            self.more.get_or_insert_default().insert(number, place);
        }
    }

    pub(crate) fn remove(&mut self, number: u64) -> Option<P> {
        match self.first.take_if(|(first, _)| *first == number) {
            Some((_, place)) => Some(place),
            None => self.more.as_mut()?.remove(&number),
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()).saturating_add(self.more.as_ref().map_or(0, |more| more.len()))
    }
}

impl Hasher for Counted {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        // A table takes the place from the lowest bits, and looks at the highest to tell neighbours apart.
        self.0 = self.0.rotate_left(8) ^ number ^ (number << 57);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_found_once_whoever_came_and_went_before() {
        let mut places = Places::new();
        for number in 1..=4 {
            places.insert(number, number * 10);
        }
        assert_eq!([places.remove(1), places.remove(3), places.remove(3)], [Some(10), Some(30), None]);
        places.insert(5, 50);
        places.insert(6, 60);
        assert_eq!(places.len(), 4);
        assert_eq!(
            [6, 5, 4, 2, 1].map(|number| places.remove(number)),
            [Some(60), Some(50), Some(40), Some(20), None]
        );
        assert_eq!(places.len(), 0);
    }
}
