//! What an item defines, and what it names.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, Macro};

/// The names that an item gives to its module.
pub fn defined(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

pub fn attributes(item: &Item) -> Option<&[Attribute]> {
    match item {
        Item::Const(item) => Some(&item.attrs),
        Item::Enum(item) => Some(&item.attrs),
        Item::Fn(item) => Some(&item.attrs),
        Item::Impl(item) => Some(&item.attrs),
        Item::Macro(item) => Some(&item.attrs),
        Item::Static(item) => Some(&item.attrs),
        Item::Struct(item) => Some(&item.attrs),
        Item::Trait(item) => Some(&item.attrs),
        Item::Type(item) => Some(&item.attrs),
        _ => None,
    }
}

#[derive(Default)]
pub struct Found {
    pub paths: Vec<Vec<String>>,
    /// Those inside of functions.
    pub uses: Vec<ItemUse>,
}

/// All paths in an item's code, those in the arguments of macros too.
pub fn paths(item: &Item) -> Found {
    let mut found = Found::default();
    // What a macro will be made of is not named here but where it is used.
    if !matches!(item, Item::Macro(item) if item.ident.is_some()) {
        found.visit_item(item);
    }
    found
}

impl<'a> Visit<'a> for Found {
    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.leading_colon.is_none() {
            self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.uses.push(item.clone());
    }

    fn visit_macro(&mut self, item: &'a Macro) {
        visit::visit_macro(self, item);
        self.tokens(item.tokens.clone());
    }

    // `pub(in crate::path)` imports nothing, nor do attributes.
    fn visit_visibility(&mut self, _: &'a syn::Visibility) {}
    fn visit_attribute(&mut self, _: &'a Attribute) {}
}

impl Found {
    /// `a`, `a::b`, `a::b::c` among tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        let mut after_dot = false;
        for token in tokens {
            match &token {
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(ident) if colons == 2 => path.push(ident.to_string()),
                TokenTree::Ident(ident) => {
                    self.keep(&mut path);
                    // A field or a method is no name of a module's.
                    if !after_dot {
                        path.push(ident.to_string());
                    }
                }
                _ => self.keep(&mut path),
            }
            if let TokenTree::Group(group) = &token {
                self.tokens(group.stream());
            }
            after_dot = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
            colons = 0;
        }
        self.keep(&mut path);
    }

    fn keep(&mut self, path: &mut Vec<String>) {
        if !path.is_empty() {
            self.paths.push(std::mem::take(path));
        }
    }
}
