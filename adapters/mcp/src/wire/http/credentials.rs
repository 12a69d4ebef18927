//! Who says by which headers a server knows this client.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use tenure_driver::Failure;
use tenure_mcp_proto::http::Challenge;

/// Gives the headers by which a server knows this client: a token, say. A program's own way to get one, to keep it and
/// to renew it stands behind this; nothing of it is stored or printed here.
///
/// It is asked before each request, also those that listen, that resume, and that end a session (MCP 2025-11-25,
/// basic/authorization, "Token Requirements"). When the server refuses what it gave (401, or 403 for want of a scope),
/// it is told once for all requests that wait for that, and they are made again if there is something newer.
///
/// [`Bearer`] and [`FixedHeaders`] are ready-made.
///
/// ```
/// use std::sync::Mutex;
///
/// use async_trait::async_trait;
/// use tenure_mcp::{Credential, CredentialRequest, Credentials, CredentialsRefused, Failure, Secret};
///
/// /// A token that is fetched anew when the server doesn't take it any more.
/// struct Renewed(Mutex<(u64, Secret)>);
/// # async fn fetch_token() -> Result<Secret, Failure> { Ok(Secret::from("t")) }
///
/// #[async_trait]
/// impl Credentials for Renewed {
///     async fn current(&self, _: CredentialRequest<'_>) -> Result<Credential, Failure> {
///         let (version, token) = &*self.0.lock().unwrap();
///         Ok(Credential::bearer(*version, token)?)
///     }
///
///     async fn refused(&self, refused: CredentialsRefused) -> Result<u64, Failure> {
///         let version = self.0.lock().unwrap().0;
///         if refused.version.is_some_and(|refused| refused < version) {
///             return Ok(version); // there is a newer one already
///         }
///         let token = fetch_token().await?;
///         let mut current = self.0.lock().unwrap();
///         *current = (current.0 + 1, token);
///         Ok(current.0)
///     }
/// }
/// ```
#[async_trait]
pub trait Credentials: Send + Sync + 'static {
    /// What to send with a request.
    ///
    /// # Errors
    /// There is nothing: the request fails, and was not sent. Its words are shown, so there is nothing secret in them.
    ///
    /// # Cancel safety
    /// It is dropped when nobody waits for its request any more, or after 30 s, which counts as a failure.
    async fn current(&self, request: CredentialRequest<'_>) -> Result<Credential, Failure>;

    /// The server refused what was given. Returns the version that there is now: the refused one if there is nothing
    /// newer, which is the default. It is called once at a time.
    ///
    /// # Errors
    /// There is nothing newer, and why. What waits for it fails, and was refused by the server unprocessed. Its words
    /// are shown, so there is nothing secret in them.
    ///
    /// # Cancel safety
    /// It is dropped when the session ends, or after 30 s, which counts as a failure.
    async fn refused(&self, refused: CredentialsRefused) -> Result<u64, Failure> {
        Ok(refused.version.unwrap_or_default())
    }
}

/// Shared: several servers may know this client by the same.
#[async_trait]
impl<C: Credentials + ?Sized> Credentials for Arc<C> {
    async fn current(&self, request: CredentialRequest<'_>) -> Result<Credential, Failure> {
        (**self).current(request).await
    }

    async fn refused(&self, refused: CredentialsRefused) -> Result<u64, Failure> {
        (**self).refused(refused).await
    }
}

/// Which request a credential is for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CredentialRequest<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Where it goes.
    pub uri: &'a Uri,
}

impl<'a> CredentialRequest<'a> {
    pub(super) const fn new(method: &'a Method, uri: &'a Uri) -> Self {
        Self { method, uri }
    }
}

/// A server refused a credential.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CredentialsRefused {
    /// The [version](Credential::new) that it refused; `None` if the request had none.
    pub version: Option<u64>,
    /// What it demands (`WWW-Authenticate`).
    pub challenges: Vec<Challenge>,
}

impl CredentialsRefused {
    pub(super) const fn new(version: Option<u64>, challenges: Vec<Challenge>) -> Self {
        Self { version, challenges }
    }
}

/// Headers by which a server knows this client. What is in them is not shown by `Debug`.
#[derive(Clone)]
pub struct Credential {
    version: u64,
    headers: HeaderMap,
}

impl Credential {
    /// Nothing yet. `version` is a number that grows whenever what is given changes.
    pub fn new(version: u64) -> Self {
        Self { version, headers: HeaderMap::new() }
    }

    /// A bearer token (RFC 6750, section 2.1).
    ///
    /// # Errors
    /// The token can't stand in a header.
    pub fn bearer(version: u64, token: &Secret) -> Result<Self, InvalidHeader> {
        Ok(Self::new(version).header(http::header::AUTHORIZATION, bearer(token)?))
    }

    /// One header more. Those that the protocol and HTTP itself need are never replaced by one of these.
    #[must_use]
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.headers.append(name, value);
        self
    }

    /// Its version.
    pub const fn version(&self) -> u64 {
        self.version
    }

    pub(super) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().collect();
        f.debug_struct("Credential").field("version", &self.version).field("headers", &names).finish()
    }
}

/// A header can't be sent so. Its value is not told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// Its name is none.
    #[error("{name:?} is no name of a header")]
    Name {
        /// The name.
        name: String,
    },
    /// Its value has characters that no header may have.
    #[error("the value has characters that can't stand in a header")]
    Value,
    /// Its value was to come from the environment.
    #[error("the environment variable {name} {why}")]
    Variable {
        /// The variable's name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// Text that is never shown: `Debug` tells that it is there.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The value of this variable of the program's environment.
    ///
    /// # Errors
    /// There is none, or it is no text. The error names the variable.
    pub fn from_env(name: &str) -> Result<Self, InvalidHeader> {
        let why = match std::env::var(name) {
            Ok(value) => return Ok(Self(value)),
            Err(std::env::VarError::NotPresent) => "is not set",
            Err(std::env::VarError::NotUnicode(_)) => "is no text",
        };
        Err(InvalidHeader::Variable { name: name.to_owned(), why })
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// It as the value of a header.
    ///
    /// # Errors
    /// It has characters that no header may have; which, is not told.
    pub fn to_header(&self) -> Result<HeaderValue, InvalidHeader> {
        let mut value = HeaderValue::from_str(&self.0).map_err(|_| InvalidHeader::Value)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A bearer token that never changes (RFC 6750).
#[derive(Clone, Debug)]
pub struct Bearer(Secret);

impl Bearer {
    /// This token.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self(token.into())
    }

    /// The token in this variable of the program's environment, as it is now.
    ///
    /// # Errors
    /// There is none.
    pub fn from_env(name: &str) -> Result<Self, InvalidHeader> {
        Ok(Self(Secret::from_env(name)?))
    }
}

#[async_trait]
impl Credentials for Bearer {
    async fn current(&self, _: CredentialRequest<'_>) -> Result<Credential, Failure> {
        Ok(Credential::bearer(0, &self.0)?)
    }
}

fn bearer(token: &Secret) -> Result<HeaderValue, InvalidHeader> {
    Secret(format!("Bearer {}", token.0)).to_header()
}

/// A header, whose value is not shown.
///
/// # Errors
/// The name is none, or the value can't stand in a header.
pub(super) fn named(name: &str, value: &Secret) -> Result<(HeaderName, HeaderValue), InvalidHeader> {
    let name = HeaderName::try_from(name).map_err(|_| InvalidHeader::Name { name: name.to_owned() })?;
    Ok((name, value.to_header()?))
}

/// Headers that never change: an API key, say.
#[derive(Clone, Debug, Default)]
pub struct FixedHeaders(Vec<(HeaderName, HeaderValue)>);

impl FixedHeaders {
    /// None yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// One header more.
    ///
    /// # Errors
    /// The name is none, or the value can't stand in a header.
    pub fn header(mut self, name: &str, value: impl Into<Secret>) -> Result<Self, InvalidHeader> {
        self.0.push(named(name, &value.into())?);
        Ok(self)
    }

    /// A bearer token, too.
    ///
    /// # Errors
    /// The token can't stand in a header.
    pub fn bearer(mut self, token: &Secret) -> Result<Self, InvalidHeader> {
        self.0.push((http::header::AUTHORIZATION, bearer(token)?));
        Ok(self)
    }
}

#[async_trait]
impl Credentials for FixedHeaders {
    async fn current(&self, _: CredentialRequest<'_>) -> Result<Credential, Failure> {
        let headers = self.0.iter().cloned();
        Ok(headers.fold(Credential::new(0), |credential, (name, value)| credential.header(name, value)))
    }
}
