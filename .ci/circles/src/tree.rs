//! The modules of a crate, and the files they stand in.

use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, Item, ItemMod, Lit, Meta, UseTree, Visibility};

use crate::names;

pub struct Tree {
    pub files: Vec<PathBuf>,
    /// The root first.
    pub modules: Vec<Module>,
}

/// A module. Modules of one name (one for each system) stand beside each other.
pub struct Module {
    pub file: usize,
    pub parent: Option<usize>,
    pub children: Vec<(String, usize)>,
    /// What is defined here.
    pub items: Vec<String>,
    pub uses: Vec<Use>,
    /// Paths in its code.
    pub paths: Vec<Vec<String>>,
    /// Whether all of it is compiled for tests alone.
    pub test: bool,
}

pub struct Use {
    pub path: Vec<String>,
    /// What it is called here; nothing for a glob.
    pub name: Option<String>,
    pub passed_on: bool,
}

pub fn load(root: &Path) -> Result<Tree, String> {
    let mut tree = Tree { files: Vec::new(), modules: Vec::new() };
    let folder = root.parent().unwrap_or(Path::new("")).to_path_buf();
    tree.file(root, folder, None, false)?;
    Ok(tree)
}

impl Tree {
    /// Reads a file; its modules' files are in `folder`.
    fn file(
        &mut self,
        path: &Path,
        folder: PathBuf,
        parent: Option<usize>,
        test: bool,
    ) -> Result<usize, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let parsed = syn::parse_file(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let file = self.files.len();
        self.files.push(path.to_path_buf());
        self.module(file, parsed.items, &Place { own: path.to_path_buf(), folder }, parent, test)
    }

    fn module(
        &mut self,
        file: usize,
        items: Vec<Item>,
        place: &Place,
        parent: Option<usize>,
        test: bool,
    ) -> Result<usize, String> {
        let this = self.modules.len();
        self.modules.push(Module {
            file,
            parent,
            children: Vec::new(),
            items: Vec::new(),
            uses: Vec::new(),
            paths: Vec::new(),
            test,
        });
        for item in items {
            match item {
                Item::Mod(item) => self.child(this, item, place)?,
                Item::Use(item) => {
                    if !is_test(&item.attrs) {
                        let passed_on = !matches!(item.vis, Visibility::Inherited);
                        flatten(&item.tree, &mut Vec::new(), passed_on, &mut self.modules[this].uses);
                    }
                }
                item => {
                    let module = &mut self.modules[this];
                    module.items.extend(names::defined(&item));
                    if !names::attributes(&item).is_some_and(is_test) {
                        let found = names::paths(&item);
                        module.paths.extend(found.paths);
                        for item in found.uses {
                            flatten(&item.tree, &mut Vec::new(), false, &mut module.uses);
                        }
                    }
                }
            }
        }
        Ok(this)
    }

    fn child(&mut self, parent: usize, item: ItemMod, place: &Place) -> Result<(), String> {
        let name = item.ident.to_string();
        let (file, test) = (self.modules[parent].file, self.modules[parent].test);
        let child = if let Some((_, items)) = item.content {
            let place = Place { own: place.own.clone(), folder: place.folder.join(&name) };
            self.module(file, items, &place, Some(parent), test || is_test(&item.attrs))?
        } else {
            let (path, folder) = place.find(&name, &item.attrs)?;
            self.file(&path, folder, Some(parent), test)?
        };
        self.modules[parent].children.push((name, child));
        Ok(())
    }
}

struct Place {
    own: PathBuf,
    folder: PathBuf,
}

impl Place {
    /// The file of a module that is declared here, and the folder of its own modules.
    fn find(&self, name: &str, attributes: &[Attribute]) -> Result<(PathBuf, PathBuf), String> {
        if let Some(given) = attributes.iter().find_map(path_attribute) {
            let path = self.own.parent().unwrap_or(Path::new("")).join(given);
            let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
            return Ok((path, folder));
        }
        let folder = self.folder.join(name);
        [self.folder.join(format!("{name}.rs")), folder.join("mod.rs")]
            .into_iter()
            .find(|path| path.is_file())
            .map(|path| (path, folder))
            .ok_or_else(|| format!("{}: the file of its module {name} is not found", self.own.display()))
    }
}

fn path_attribute(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let Expr::Lit(literal) = &pair.value else { return None };
    match &literal.lit {
        Lit::Str(text) if pair.path.is_ident("path") => Some(text.value()),
        _ => None,
    }
}

/// Returns whether it is compiled for tests alone.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Meta::List(list) = &attribute.meta else { return false };
        list.path.is_ident("cfg") && list.tokens.to_string() == "test"
    })
}

fn flatten(tree: &UseTree, above: &mut Vec<String>, passed_on: bool, uses: &mut Vec<Use>) {
    let mut end = |mut path: Vec<String>, name: Option<String>| {
        // `a::{self}` is `a`.
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = match name.as_deref() {
            Some("self") => path.last().cloned(),
            _ => name,
        };
        uses.push(Use { path, name, passed_on });
    };
    match tree {
        UseTree::Path(path) => {
            above.push(path.ident.to_string());
            flatten(&path.tree, above, passed_on, uses);
            above.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, above, passed_on, uses);
            }
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            end([above.as_slice(), std::slice::from_ref(&name)].concat(), Some(name));
        }
        UseTree::Rename(rename) => {
            let name = rename.ident.to_string();
            end([above.as_slice(), std::slice::from_ref(&name)].concat(), Some(rename.rename.to_string()));
        }
        UseTree::Glob(_) => end(above.clone(), None),
    }
}
