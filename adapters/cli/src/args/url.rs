//! Where a server is that is reached over HTTP, and as whom.

use std::fmt;
use std::path::PathBuf;

use clap::Parser;

#[derive(Clone, Debug, Parser)]
pub(crate) struct UrlArgs {
    /// The URL of a server that is reached over HTTP, in place of a command
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<Url>,
    /// Send a header with each request; with env:NAME for its value, that of the variable; may be given several times
    #[arg(long, value_name = "NAME: VALUE", value_parser = header, requires = "url")]
    pub(crate) header: Vec<Header>,
    /// Send the value of this variable as a bearer token (Authorization)
    #[arg(long, value_name = "NAME", requires = "url")]
    pub(crate) bearer_env: Option<String>,
    /// Believe the certificates of these authorities, too: a PEM file
    #[arg(long, value_name = "FILE", requires = "url")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Let headers and tokens cross the network unencrypted (http) to another machine
    #[arg(long, requires = "url")]
    pub(crate) insecure_http: bool,
}

impl UrlArgs {
    /// What says how a URL is reached.
    pub(crate) fn without_url(&self) -> Option<&'static str> {
        let given = [
            ("--header", !self.header.is_empty()),
            ("--bearer-env", self.bearer_env.is_some()),
            ("--ca-file", self.ca_file.is_some()),
            ("--insecure-http", self.insecure_http),
        ];
        given.into_iter().find_map(|(option, is_given)| is_given.then_some(option))
    }
}

/// A URL, whose query may be secret: `Debug` doesn't show it.
#[derive(Clone)]
pub(crate) struct Url(pub(crate) String);

impl From<&str> for Url {
    fn from(url: &str) -> Self {
        Self(url.to_owned())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Url")
    }
}

/// A header. Its value may be secret: `Debug` doesn't show it.
#[derive(Clone)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: Value,
}

#[derive(Clone)]
pub(crate) enum Value {
    Given(String),
    /// That of this variable.
    Env(String),
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Header({:?})", self.name)
    }
}

/// Its errors don't repeat what may be secret.
fn header(text: &str) -> Result<Header, String> {
    let (name, value) = text.split_once(':').ok_or("expected 'Name: value'")?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() {
        return Err("expected 'Name: value'".to_owned());
    }
    let value = match value.strip_prefix("env:") {
        Some(variable) => Value::Env(variable.trim().to_owned()),
        None => Value::Given(value.to_owned()),
    };
    Ok(Header { name: name.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_a_name_and_a_value_or_a_variable() {
        let read = |text: &str| match header(text)? {
            Header { name, value: Value::Given(value) } => Ok::<_, String>(format!("{name}={value}")),
            Header { name, value: Value::Env(value) } => Ok(format!("{name}=${value}")),
        };
        assert_eq!(read("X-Key: a:b "), Ok("X-Key=a:b".to_owned()));
        assert_eq!(read("X-Key:"), Ok("X-Key=".to_owned()));
        assert_eq!(read("X-Key: env:KEY"), Ok("X-Key=$KEY".to_owned()));
        assert!(read(": secret").is_err_and(|error| !error.contains("secret")));
        assert!(read("secret").is_err_and(|error| !error.contains("secret")));
    }
}
