//! What is odd about a result and was read as well as it can be, in words.

/// So much is told of an odd result; the raw result says the rest.
const MOST: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Warnings(Vec<String>);

impl Warnings {
    pub(crate) fn push(&mut self, warning: String) {
        if self.0.len() < MOST {
            self.0.push(warning);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<String> {
        self.0
    }
}
