//! What a server demands before it answers: `WWW-Authenticate` (RFC 9110, section 11.6.1; RFC 6750; RFC 9728).

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// So many challenges of an answer are read.
const MOST: usize = 16;
/// So many parameters of a challenge are read.
const MOST_PARAMETERS: usize = 32;

/// One way to get in that a server offers, as it says: nothing of it is to be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Challenge {
    /// How to authenticate: `Bearer`, say. See [`is`](Self::is).
    pub scheme: String,
    /// What is protected.
    pub realm: Option<String>,
    /// What a token must be good for, separated by spaces.
    pub scope: Option<String>,
    /// What is wrong with the credentials: `invalid_token`, `insufficient_scope`.
    pub error: Option<String>,
    /// The same for people.
    pub error_description: Option<String>,
    /// The URL of a document that names the authorization servers. Any server can name any URL here.
    pub resource_metadata: Option<String>,
    /// Other parameters, in their order, their names in lower case.
    pub others: Vec<(String, String)>,
    /// What some schemes have instead of parameters (`Negotiate`).
    pub token68: Option<String>,
}

impl Challenge {
    /// The challenges of an answer, in their order: of all its headers and of all that each lists, up to 16.
    ///
    /// What can't be read is passed over.
    ///
    /// ```
    /// use tenure_mcp_proto::http::Challenge;
    ///
    /// let mut headers = http::HeaderMap::new();
    /// let value = r#"Basic realm="a, b", Bearer scope="files:read", error=invalid_token"#;
    /// headers.insert("www-authenticate", value.parse()?);
    ///
    /// let challenges = Challenge::all(&headers);
    /// let bearer = challenges.iter().find(|challenge| challenge.is("bearer")).expect("one");
    /// assert_eq!(bearer.scope.as_deref(), Some("files:read"));
    /// # Ok::<_, http::header::InvalidHeaderValue>(())
    /// ```
    pub fn all(headers: &HeaderMap) -> Vec<Self> {
        let mut all = Vec::new();
        for value in headers.get_all(WWW_AUTHENTICATE) {
            read(&String::from_utf8_lossy(value.as_bytes()), &mut all);
        }
        all
    }

    /// Returns whether its scheme is this one; upper and lower case are the same.
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    fn count(&self) -> usize {
        let named = [&self.realm, &self.scope, &self.error, &self.error_description, &self.resource_metadata];
        named.into_iter().flatten().count().saturating_add(self.others.len())
    }

    /// Of a parameter that is repeated, the first one counts.
    fn set(&mut self, name: &str, value: String) {
        if self.count() >= MOST_PARAMETERS {
            return;
        }
        let name = name.to_ascii_lowercase();
        let known = match name.as_str() {
            "realm" => &mut self.realm,
            "scope" => &mut self.scope,
            "error" => &mut self.error,
            "error_description" => &mut self.error_description,
            "resource_metadata" => &mut self.resource_metadata,
            _ => {
                if !self.others.iter().any(|(other, _)| *other == name) {
                    self.others.push((name, value));
                }
                return;
            }
        };
        known.get_or_insert(value);
    }
}

/// Appends the challenges of a header.
fn read(text: &str, all: &mut Vec<Challenge>) {
    let mut current: Option<Challenge> = None;
    let mut pieces = Pieces { rest: text, behind_scheme: false };
    while let Some(piece) = pieces.next() {
        match (piece, &mut current) {
            (Piece::Scheme(scheme), _) => {
                all.extend(current.take());
                if all.len() >= MOST {
                    return;
                }
                current = Some(Challenge { scheme: scheme.to_owned(), ..Challenge::default() });
            }
            (Piece::Parameter(name, value), Some(challenge)) => challenge.set(name, value),
            (Piece::Token68(token), Some(challenge)) => challenge.token68 = Some(token.to_owned()),
            (Piece::Parameter(..) | Piece::Token68(_), None) => {}
        }
    }
    all.extend(current);
}

enum Piece<'t> {
    Scheme(&'t str),
    Parameter(&'t str, String),
    Token68(&'t str),
}

struct Pieces<'t> {
    rest: &'t str,
    /// Nothing but a scheme came since the last comma.
    behind_scheme: bool,
}

impl<'t> Pieces<'t> {
    fn next(&mut self) -> Option<Piece<'t>> {
        loop {
            self.skip_separators();
            if self.behind_scheme
                && let Some((token, rest)) = token68(self.rest)
            {
                self.rest = rest;
                return Some(Piece::Token68(token));
            }
            let (token, rest) = split(self.rest, is_token);
            if !token.is_empty() {
                return Some(self.token(token, rest));
            }
            self.rest = match self.rest.chars().next()? {
                '"' => quoted(self.rest.get(1..).unwrap_or_default()).1,
                other => self.rest.get(other.len_utf8()..).unwrap_or_default(),
            };
        }
    }

    /// A name with a value is a parameter, also where the comma before it was forgotten; without one it is a scheme.
    fn token(&mut self, token: &'t str, rest: &'t str) -> Piece<'t> {
        let Some(value) = rest.trim_start_matches(is_blank).strip_prefix('=') else {
            self.rest = rest;
            self.behind_scheme = true;
            return Piece::Scheme(token);
        };
        self.behind_scheme = false;
        let value = value.trim_start_matches(is_blank);
        let (value, rest) = if let Some(value) = value.strip_prefix('"') {
            quoted(value)
        } else {
            // A URL needs quotes, which are forgotten too.
            let (value, rest) = split(value, |char| !is_blank(char) && char != ',');
            (value.to_owned(), rest)
        };
        self.rest = rest;
        Piece::Parameter(token, value)
    }

    fn skip_separators(&mut self) {
        let (separators, rest) = split(self.rest, |char| is_blank(char) || char == ',');
        self.behind_scheme &= !separators.contains(',');
        self.rest = rest;
    }
}

fn split(text: &str, is_inside: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|char| !is_inside(char)).unwrap_or(text.len()))
}

fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t')
}

/// A character of a name in HTTP (RFC 9110, section 5.6.2, `tchar`).
pub(crate) fn is_token(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char)
}

/// A whole list element of the characters of token68, with its padding.
fn token68(text: &str) -> Option<(&str, &str)> {
    let (token, padding) = split(text, |char| char.is_ascii_alphanumeric() || "-._~+/".contains(char));
    let rest = padding.trim_start_matches('=');
    let behind = rest.trim_start_matches(is_blank);
    let is_whole = !token.is_empty() && (behind.is_empty() || behind.starts_with(','));
    is_whole.then(|| text.split_at(text.len().saturating_sub(rest.len())))
}

/// What is between the opening quote and the closing one, if there is one, and what comes behind.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' => break,
            '\\' => value.extend(chars.next()),
            char => value.push(char),
        }
    }
    (value, chars.as_str())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn challenges(values: &[&str]) -> Vec<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        Challenge::all(&headers)
    }

    /// `scheme token68 name=value`, one line each.
    fn shown(values: &[&str]) -> Vec<String> {
        let line = |challenge: &Challenge| {
            let mut line = challenge.scheme.clone();
            line.extend(challenge.token68.as_ref().map(|token| format!(" {token}")));
            for (name, value) in [
                ("realm", &challenge.realm),
                ("scope", &challenge.scope),
                ("error", &challenge.error),
                ("error_description", &challenge.error_description),
                ("resource_metadata", &challenge.resource_metadata),
            ] {
                line.extend(value.as_ref().map(|value| format!(" {name}={value}")));
            }
            line.extend(challenge.others.iter().map(|(name, value)| format!(" {name}={value}")));
            line
        };
        challenges(values).iter().map(line).collect()
    }

    #[test]
    fn all_headers_and_all_that_each_lists_are_read() {
        // RFC 9110, section 11.6.1.
        let value = r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#;
        assert_eq!(
            shown(&[value, "Negotiate", r#"Bearer scope="a b""#]),
            [
                "Basic realm=simple",
                r#"Newauth realm=apps type=1 title=Login to "apps""#,
                "Negotiate",
                "Bearer scope=a b"
            ]
        );
        assert!(challenges(&[]).is_empty());
    }

    #[test]
    fn every_named_field_is_found() {
        let value = r#"Bearer realm="r", scope="s", error="invalid_token", error_description="d", resource_metadata="https://a/b?c=d,e""#;
        let all = challenges(&[value]);
        assert_eq!(all.len(), 1);
        let challenge = &all[0];
        assert!(challenge.is("bearer") && challenge.is("Bearer") && !challenge.is("basic"));
        assert_eq!(challenge.realm.as_deref(), Some("r"));
        assert_eq!(challenge.scope.as_deref(), Some("s"));
        assert_eq!(challenge.error.as_deref(), Some("invalid_token"));
        assert_eq!(challenge.error_description.as_deref(), Some("d"));
        assert_eq!(challenge.resource_metadata.as_deref(), Some("https://a/b?c=d,e"));
        assert_eq!((challenge.others.len(), &challenge.token68), (0, &None));
    }

    #[test]
    fn commas_and_quotes_inside_quotes_separate_nothing() {
        assert_eq!(shown(&[r#"A x="1, B y=2", z="\\\",", C"#]), [r#"A x=1, B y=2 z=\","#, "C"]);
        assert_eq!(shown(&[r#"A x="never closed, B"#]), ["A x=never closed, B"]);
        assert_eq!(shown(&[r#"A x="ends\"#]), ["A x=ends"]);
    }

    #[test]
    fn a_token68_is_no_parameter() {
        assert_eq!(shown(&["Negotiate a/b+c==, Bearer x=1"]), ["Negotiate a/b+c==", "Bearer x=1"]);
        assert_eq!(shown(&["Negotiate /a= "]), ["Negotiate /a="]);
        assert_eq!(shown(&["A abc"]), ["A abc"]);
        assert_eq!(shown(&["A abc=d"]), ["A abc=d"]);
    }

    #[test]
    fn names_are_the_same_in_upper_and_lower_case_and_the_first_of_a_name_counts() {
        assert_eq!(shown(&["A REALM=x, realm=y, Other=1, oTHER=2"]), ["A realm=x other=1"]);
    }

    #[test]
    fn blanks_empty_elements_and_forgotten_commas_and_quotes_do_not_matter() {
        assert_eq!(shown(&[" ,, A\tx = \"1\" ,,y= 2\t,, ,B, C"]), ["A x=1 y=2", "B", "C"]);
        assert_eq!(shown(&[r#"A x="1" y="2" z=3 B u=4"#]), ["A x=1 y=2 z=3", "B u=4"]);
        assert_eq!(
            shown(&["A resource_metadata=https://a/b?c=d, B"]),
            ["A resource_metadata=https://a/b?c=d", "B"]
        );
        assert_eq!(shown(&["A x="]), ["A x="]);
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        assert_eq!(shown(&[r#"=, "A b=c", x=1, ü;(A x=1 ü"#]), ["A x=1"]);
        assert_eq!(shown(&["x=1, A68"]), ["A68"]);
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_bytes(b"A x=\"\xff\"").unwrap());
        assert_eq!(Challenge::all(&headers)[0].others, [("x".to_owned(), "\u{fffd}".to_owned())]);
    }

    #[test]
    fn so_many_challenges_and_parameters_are_read_and_no_more() {
        let list = "A, ".repeat(20);
        assert_eq!(challenges(&[&list]).len(), MOST);
        assert_eq!(challenges(&[&list, "B", "C"]).len(), MOST);
        assert_eq!(challenges(&vec!["A"; 20]).len(), MOST);
        assert_eq!(challenges(&vec!["A"; 16]).len(), MOST);
        let parameters: Vec<_> = (0..40).map(|n| format!("n{n}=1")).collect();
        let many = format!("A realm=r, {}", parameters.join(","));
        assert_eq!(challenges(&[&many])[0].count(), MOST_PARAMETERS);
    }
}
