//! References to URLs, read in the light of another one (RFC 3986, section 5).

use http::Uri;

/// The absolute URL that a reference leads to from an absolute URL of this scheme, without the fragment. Whether it can
/// be used is not looked at. `None` if it names a scheme and no host.
pub(crate) fn resolve(scheme: &str, base: &Uri, reference: &str) -> Option<String> {
    let reference = reference.trim_ascii();
    let reference = reference.split_once('#').map_or(reference, |(before, _)| before);
    if let Some((scheme, rest)) = split_scheme(reference) {
        return Some(without_dots(scheme, rest.strip_prefix("//")?));
    }
    if let Some(rest) = reference.strip_prefix("//") {
        return Some(without_dots(scheme, rest));
    }
    let (path, query) = split_query(reference);
    let (path, query) = match path {
        "" => (base.path().to_owned(), query.or(base.query())),
        path if path.starts_with('/') => (remove_dots(path), query),
        path => {
            let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            (remove_dots(&format!("{folder}/{path}")), query)
        }
    };
    let authority = base.authority().map_or("", |authority| authority.as_str());
    Some(join(scheme, authority, &path, query))
}

/// `https:rest` as its parts, if it begins with a scheme.
pub(crate) fn split_scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    let mut bytes = scheme.bytes();
    let is_scheme = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then_some((scheme, rest))
}

fn split_query(reference: &str) -> (&str, Option<&str>) {
    reference.split_once('?').map_or((reference, None), |(path, query)| (path, Some(query)))
}

fn join(scheme: &str, authority: &str, path: &str, query: Option<&str>) -> String {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{authority}{path}{query}")
}

/// `authority/path?query` as a URL whose path goes straight to its end.
fn without_dots(scheme: &str, rest: &str) -> String {
    let (rest, query) = split_query(rest);
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    join(scheme, authority, &remove_dots(path), query)
}

/// A path that is empty or begins with `/`, without `.` and `..` (RFC 3986, section 5.2.4).
fn remove_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            segment => {
                kept.push(segment);
                continue;
            }
        }
        if is_last {
            kept.push("");
        }
    }
    kept.into_iter().flat_map(|segment| ["/", segment]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_as_in_section_5_4_of_rfc_3986() {
        let base: Uri = "http://a/b/c/d;p?q".parse().unwrap();
        for (reference, target) in [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"),
            ("g?y#s", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"),
            ("g;x", "http://a/b/c/g;x"),
            ("g;x?y#s", "http://a/b/c/g;x?y"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            (".g", "http://a/b/c/.g"),
            ("g..", "http://a/b/c/g.."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("https://b/c/../d?e", "https://b/d?e"),
            (" HTTPS://b ", "HTTPS://b"),
        ] {
            assert_eq!(resolve("http", &base, reference).as_deref(), Some(target), "{reference:?}");
        }
        for reference in ["http:g", "g:h", "a+1.-:b"] {
            assert_eq!(resolve("http", &base, reference), None, "{reference}");
        }
        for path in ["1:b", "./a:b", "a_b:c"] {
            assert!(resolve("http", &base, path).is_some(), "{path}");
        }
    }
}
