//! From names to the files that define them.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Module, Tree};

/// Which file imports which, and by what words.
pub type Edges = BTreeMap<(usize, usize), BTreeSet<String>>;

pub fn edges(tree: &Tree) -> Edges {
    let mut edges = Edges::new();
    for (here, module) in tree.modules.iter().enumerate().filter(|(_, module)| !module.test) {
        let imported = module.uses.iter().filter(|import| !import.passed_on);
        let imported = imported.map(|import| (&import.path, import.name.is_none()));
        for (path, glob) in imported.chain(module.paths.iter().map(|path| (path, false))) {
            for file in Search::of(tree).files(here, path, glob) {
                if file != module.file {
                    edges.entry((module.file, file)).or_default().insert(path.join("::"));
                }
            }
        }
    }
    edges
}

/// Where a name may lead: to a module, or to something that a module defines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Module(usize),
    Item(usize),
}

struct Search<'a> {
    tree: &'a Tree,
    /// What is being looked for already: imports may go in circles too.
    under_way: BTreeSet<(usize, Vec<String>)>,
}

impl<'a> Search<'a> {
    fn of(tree: &'a Tree) -> Self {
        Self { tree, under_way: BTreeSet::new() }
    }

    /// The files that define what a path names. A module alone is a way there; a glob means what is in it.
    fn files(&mut self, here: usize, path: &[String], glob: bool) -> BTreeSet<usize> {
        let modules = &self.tree.modules;
        self.path(here, path)
            .into_iter()
            .filter_map(|target| match target {
                Target::Module(_) if !glob => None,
                Target::Item(module) | Target::Module(module) => Some(modules[module].file),
            })
            .collect()
    }

    /// All that a path may mean in a module.
    fn path(&mut self, here: usize, path: &[String]) -> BTreeSet<Target> {
        if !self.under_way.insert((here, path.to_vec())) {
            return BTreeSet::new();
        }
        let mut rest = path.iter().peekable();
        let mut at = BTreeSet::new();
        match path.first().map(String::as_str) {
            Some("crate") => {
                rest.next();
                at.insert(Target::Module(0));
            }
            Some("self" | "super") => {
                let mut module = here;
                while let Some(word) = rest.next_if(|word| *word == "self" || *word == "super") {
                    if word == "super" {
                        module = self.module(module).parent.unwrap_or(module);
                    }
                }
                at.insert(Target::Module(module));
            }
            Some(name) => {
                rest.next();
                at = self.name(here, name);
            }
            None => {}
        }
        for name in rest {
            let mut next = BTreeSet::new();
            for target in at {
                match target {
                    // A variant, or a function of a type: defined where the type is.
                    Target::Item(_) => {
                        next.insert(target);
                    }
                    Target::Module(module) => next.extend(self.name(module, name)),
                }
            }
            at = next;
        }
        self.under_way.remove(&(here, path.to_vec()));
        at
    }

    /// All that a name may mean in a module.
    fn name(&mut self, here: usize, name: &str) -> BTreeSet<Target> {
        let module = self.module(here);
        let mut found = BTreeSet::new();
        found.extend(
            module
                .children
                .iter()
                .filter(|(child, _)| child == name)
                .map(|&(_, child)| Target::Module(child)),
        );
        if module.items.iter().any(|item| item == name) {
            found.insert(Target::Item(here));
        }
        for import in module.uses.iter().filter(|import| import.name.as_deref() == Some(name)) {
            found.extend(self.path(here, &import.path));
        }
        if found.is_empty() {
            for import in module.uses.iter().filter(|import| import.name.is_none()) {
                let path = [import.path.as_slice(), &[name.to_owned()]].concat();
                found.extend(self.path(here, &path));
            }
        }
        found
    }

    fn module(&self, index: usize) -> &'a Module {
        &self.tree.modules[index]
    }
}
