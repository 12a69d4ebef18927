//! How a state is declared: its fields once, and everything that speaks of each field from them.

/// Declares a state: the type; its copy under other names, for [`Script`](crate::Script) alone; its data for
/// serde, for `Script` alone too.
///
/// Which of them are deadlines each state says twice more, in `stamp` and `poll_timeout`, which name every field:
/// one that is new and forgotten there doesn't compile.
///
/// The type itself is neither `Clone` nor `Deserialize`: else anybody could make a second `Live`, or read one
/// out of a string.
macro_rules! state {
    (
        $(#[$doc:meta])*
        pub struct $name:ident as $remote:literal, $data:ident {
            $($(#[$field_doc:meta])* $field:ident: $kind:ty,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, PartialEq, Eq, Hash)]
        #[must_use]
        pub struct $name {
            $($(#[$field_doc])* pub(in crate::state) $field: $kind,)*
        }

        #[cfg(feature = "alloc")]
        impl $crate::state::Renamed for $name {
            fn renamed(&self, names: &$crate::script::names::Names<'_>) -> Self {
                Self { $($field: self.$field.renamed(names),)* }
            }
        }

        #[cfg(feature = "serde")]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(remote = $remote, deny_unknown_fields)]
        pub(crate) struct $data {
            $($field: $kind,)*
        }
    };
}

pub(in crate::state) use state;
