//! A list as a host uses it, and what there is to know about it.

use std::fmt;
use std::ops::Deref;

use crate::jsonrpc::json;
use crate::types::{CacheHints, Prompt, Resource, ResourceTemplate, Tool};

/// So many warnings are kept; of more only their number is.
const MOST_WARNINGS: usize = 1000;

/// All tools of a server.
pub type ToolList = List<Tool>;

/// All resources that a server lists.
pub type ResourceList = List<Resource>;

/// All templates of resources of a server.
pub type ResourceTemplateList = List<ResourceTemplate>;

/// All prompts of a server.
pub type PromptList = List<Prompt>;

/// All elements of a list, from all its pages, in the server's order.
///
/// It is used as the slice of its [`items`](Self::items). With [`warnings`](Self::warnings) it is not the whole
/// list, or not one that is as it should be.
///
/// ```
/// # fn show(tools: tenure_mcp_proto::pages::ToolList) {
/// for warning in &tools.warnings {
///     eprintln!("warning: {warning}");
/// }
/// println!("{} tools", tools.len());
/// for tool in tools {
///     println!("{}", tool.name);
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct List<T> {
    /// The elements, without the odd ones.
    pub items: Vec<T>,
    /// What is missing or odd, in the order in which it was noticed. Bounded.
    pub warnings: Vec<ListWarning>,
    /// How long the whole list may be kept, and by whom: what all its pages permit. Not at all if pages are missing.
    pub cache: CacheHints,
}

/// What a list lacks, or what is odd about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListWarning {
    /// An element can't be read and is left out.
    #[non_exhaustive]
    Element {
        /// Its page, from 1.
        page: usize,
        /// Its place on the page, from 0.
        position: usize,
        /// Its name, if it has one; shortened when it is long.
        name: Option<String>,
        /// What is wrong with it.
        reason: String,
    },
    /// Something else of a page is not as it should be, or the whole page is missing and with it all that would
    /// have followed.
    #[non_exhaustive]
    Page {
        /// Which page, from 1.
        page: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The server has ever more pages, and they bring nothing new: the list ends before this page.
    #[non_exhaustive]
    NothingNew {
        /// Which page, from 1.
        page: usize,
    },
    /// There are more pages than are asked for.
    #[non_exhaustive]
    TooManyPages {
        /// The limit.
        limit: usize,
    },
    /// There are more pages, and those that came are as large as they may be together.
    #[non_exhaustive]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// There is more to be said of the same kind.
    #[non_exhaustive]
    More {
        /// How many warnings were left out.
        count: usize,
    },
}

impl fmt::Display for ListWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element { page, position, name, reason } => {
                write!(f, "left out: element [{position}]")?;
                if let Some(name) = name {
                    write!(f, ", {name:?},")?;
                }
                write!(f, " of page {page}: {reason}")
            }
            Self::Page { page, reason } => write!(f, "page {page}: {reason}"),
            Self::NothingNew { page } => write!(f, "page {page} and those before it bring nothing new"),
            Self::TooManyPages { limit } => write!(f, "there are more than {limit} pages"),
            Self::TooLarge { limit } => write!(f, "there is more, beyond {limit} bytes"),
            Self::More { count } => write!(f, "and {count} more warnings"),
        }
    }
}

impl<T> List<T> {
    pub(super) fn new() -> Self {
        Self { items: Vec::new(), warnings: Vec::new(), cache: CacheHints::default() }
    }

    pub(super) fn warn(&mut self, warning: ListWarning) {
        if let Some(ListWarning::More { count }) = self.warnings.last_mut() {
            *count = count.saturating_add(1);
        } else if self.warnings.len() >= MOST_WARNINGS {
            self.warnings.push(ListWarning::More { count: 1 });
        } else {
            self.warnings.push(warning);
        }
    }

    /// A page is odd, or missing.
    pub(super) fn warn_of_page(&mut self, page: usize, reason: &str) {
        self.warn(ListWarning::Page { page, reason: json::excerpt(reason.as_bytes()) });
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_list_lacks_is_told() {
        let warnings = [
            ListWarning::NothingNew { page: 4 },
            ListWarning::TooManyPages { limit: 10 },
            ListWarning::TooLarge { limit: 20 },
            ListWarning::More { count: 3 },
        ];
        let words: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            [
                "page 4 and those before it bring nothing new",
                "there are more than 10 pages",
                "there is more, beyond 20 bytes",
                "and 3 more warnings",
            ]
        );
        let list = List { items: vec![1, 2], warnings: Vec::new(), cache: CacheHints::default() };
        assert_eq!((&list).into_iter().copied().collect::<Vec<u32>>(), [1, 2]);
    }
}
