//! What has numbers that count up: found by its number, taken out anywhere, in order.

use std::collections::VecDeque;

use crate::seldom::Seldom;

/// So many places are kept when fewer are needed.
const KEEP: usize = 64;

/// Values by numbers, each greater than those before it.
///
/// They stand in a row. Where one is taken out of its midst the place stays vacant until more places are vacant than
/// there are values. So there are at most twice as many places as values, however long the oldest one stays, and taking
/// one out costs no more than finding it, which is a binary search.
#[derive(Debug)]
pub(crate) struct Numbered<T> {
    /// Where there is but one, as mostly, it is here, which needs no allocation.
    first: Option<(u64, T)>,
    /// Those behind it. Neither the first nor the last one is vacant.
    places: Seldom<VecDeque<(u64, Option<T>)>>,
    /// How many values there are.
    len: usize,
}

impl<T: 'static> Numbered<T> {
    pub(crate) const fn new() -> Self {
        Self { first: None, places: Seldom::new(), len: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds one, whose number is greater than all before it.
    pub(crate) fn push(&mut self, number: u64, value: T) {
        if self.len == 0 {
            self.first = Some((number, value));
        } else {
            self.places.make().push_back((number, Some(value)));
        }
        self.len = self.len.saturating_add(1);
    }

    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        if let Some((first, value)) = &self.first
            && *first == number
        {
            return Some(value);
        }
        let (_, value) = self.places.get(self.place(number)?)?;
        value.as_ref()
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let place = self.place(number);
        if let Some((first, value)) = &mut self.first
            && *first == number
        {
            return Some(value);
        }
        let (_, value) = self.places.there()?.get_mut(place?)?;
        value.as_mut()
    }

    pub(crate) fn take(&mut self, number: u64) -> Option<T> {
        let value = if let Some((_, value)) = self.first.take_if(|(first, _)| *first == number) {
            value
        } else {
            let place = self.place(number)?;
            let (_, value) = self.places.there()?.get_mut(place)?;
            value.take()?
        };
        self.len = self.len.saturating_sub(1);
        self.tidy();
        Some(value)
    }

    /// The first one.
    pub(crate) fn first(&self) -> Option<(u64, &T)> {
        self.iter().next()
    }

    /// The last one.
    pub(crate) fn last(&self) -> Option<(u64, &T)> {
        self.iter().next_back()
    }

    /// Takes the first one.
    pub(crate) fn take_first(&mut self) -> Option<T> {
        let (number, _) = self.first()?;
        self.take(number)
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &T)> {
        let first = self.first.iter().map(|(number, value)| (*number, value));
        first.chain(self.places.iter().filter_map(|(number, value)| Some((*number, value.as_ref()?))))
    }

    /// For how many there is room.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.places.capacity()
    }

    fn place(&self, number: u64) -> Option<usize> {
        // Mostly each number is one more than that before it.
        let (first, _) = self.places.front()?;
        let near = usize::try_from(number.checked_sub(*first)?).ok()?;
        if self.places.get(near).is_some_and(|(there, _)| *there == number) {
            return Some(near);
        }
        self.places.binary_search_by_key(&number, |(number, _)| *number).ok()
    }

    /// Gives up places that are not needed.
    fn tidy(&mut self) {
        let Some(places) = self.places.there() else {
            return;
        };
        while let Some((_, None)) = places.front() {
            places.pop_front();
        }
        while let Some((_, None)) = places.back() {
            places.pop_back();
        }
        let filled = self.len.saturating_sub(usize::from(self.first.is_some()));
        if places.len().saturating_sub(filled) > self.len {
            places.retain(|(_, value)| value.is_some());
        }
        let capacity = places.capacity();
        if capacity > KEEP && places.len() < capacity / 4 {
            places.shrink_to(capacity / 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(numbers: impl IntoIterator<Item = u64>) -> Numbered<String> {
        let mut row = Numbered::new();
        for number in numbers {
            row.push(number, number.to_string());
        }
        row
    }

    fn numbers<T: 'static>(row: &Numbered<T>) -> Vec<u64> {
        row.iter().map(|(number, _)| number).collect()
    }

    #[test]
    fn each_is_found_by_its_number_and_taken_once() {
        let mut row = row([2, 3, 5, 8]);
        assert_eq!(row.get(5).map(String::as_str), Some("5"));
        row.get_mut(5).unwrap().push('!');
        assert_eq!((row.take(5).as_deref(), row.take(5)), (Some("5!"), None));
        for number in [0, 1, 4, 5, 9] {
            assert!(row.get(number).is_none() && row.get_mut(number).is_none(), "{number}");
        }
        assert_eq!((numbers(&row), row.len(), row.is_empty()), (vec![2, 3, 8], 3, false));
        assert_eq!((row.first().unwrap().0, row.last().unwrap().0), (2, 8));
        assert_eq!(row.take_first().as_deref(), Some("2"));
        row.push(9, "9".to_owned());
        assert_eq!((row.take(8).as_deref(), numbers(&row)), (Some("8"), vec![3, 9]));
        assert_eq!((row.take_first().as_deref(), row.take_first().as_deref()), (Some("3"), Some("9")));
        assert_eq!((row.take_first(), row.len(), row.is_empty()), (None, 0, true));
        assert_eq!((row.first(), row.last()), (None, None));
    }

    #[test]
    fn a_place_is_given_up_at_the_ends_and_in_the_midst_when_most_are_vacant() {
        let mut row = row(1..=6);
        row.take(3);
        row.take(4);
        row.take(5);
        assert_eq!(row.places.len(), 5, "as many are vacant as there are values");
        row.take(6);
        let gone = "with the last of them go those before it";
        assert_eq!((row.places.len(), numbers(&row)), (1, vec![1, 2]), "{gone}");
        for number in 7..=11 {
            row.push(number, String::new());
        }
        for number in 7..=9 {
            row.take(number);
        }
        assert_eq!(row.places.len(), 6);
        row.take(10);
        assert_eq!((row.places.len(), numbers(&row)), (2, vec![1, 2, 11]));
        row.take(1);
        row.push(12, String::new());
        row.take(2);
        assert_eq!(
            (row.places.len(), numbers(&row)),
            (2, vec![11, 12]),
            "and with the first those behind it"
        );
    }

    #[test]
    fn one_needs_no_memory_and_that_of_more_is_given_back_by_halves_but_not_all_of_it() {
        let capacity = |places| row(0..places).held();
        assert_eq!([0, 1, 2, 6].map(capacity), [0, 0, 4, 8]);
        let mut row = row(0..128);
        assert_eq!(row.held(), 128);
        for number in 0..96 {
            row.take(number);
        }
        assert_eq!(row.held(), 128, "a quarter is needed");
        row.take(96);
        assert_eq!(row.held(), 64);
        while row.take_first().is_some() {}
        assert_eq!(row.held(), 64);
    }

    #[test]
    fn one_that_stays_while_a_million_come_and_go_keeps_no_memory_for_them() {
        let mut row = row([0]);
        // Some are there at once, and they go in another order than they came.
        for round in 0..250_000 {
            let four: Vec<_> = (1..=4).map(|more| round * 4 + more).collect();
            for number in &four {
                row.push(*number, String::new());
            }
            for place in [1, 3, 0, 2] {
                assert!(row.take(four[place]).is_some());
            }
            assert!(row.places.is_empty() && row.held() <= 8);
        }
        assert_eq!(numbers(&row), [0]);
    }
}
