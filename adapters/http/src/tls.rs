//! TLS, and whose certificates are believed.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::{fmt, io};

use futures_rustls::TlsConnector;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use tenure_mcp::{HttpFailure, Stage};
use thiserror::Error;

use crate::failure::{of_tls, permanent};
use crate::network::BoxSocket;

/// Whose certificates are believed: the platform's authorities by default.
///
/// ```no_run
/// use tenure_http::{Options, Roots};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // A company's own authority beside the public ones ...
/// let options = Options::new().roots(Roots::platform().pem_file("company.pem".as_ref())?);
/// // ... or nobody else's.
/// let options = Options::new().roots(Roots::none().pem_file("company.pem".as_ref())?);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Roots {
    has_platform: bool,
    given: Vec<CertificateDer<'static>>,
}

impl Roots {
    /// The platform's: what its own verifier believes on macOS and Windows, the system's certificates (or those that
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` name) elsewhere. They are read when TLS is needed first.
    pub const fn platform() -> Self {
        Self { has_platform: true, given: Vec::new() }
    }

    /// None but those that are added.
    pub const fn none() -> Self {
        Self { has_platform: false, given: Vec::new() }
    }

    /// Adds the certificates of a PEM file's contents.
    ///
    /// # Errors
    /// It is no PEM, or holds no certificate.
    pub fn pem(mut self, pem: &[u8]) -> Result<Self, InvalidRoots> {
        let before = self.given.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            self.given.push(certificate.map_err(|error| InvalidRoots::Pem(error.to_string()))?);
        }
        if self.given.len() == before { Err(InvalidRoots::Empty) } else { Ok(self) }
    }

    /// Adds the certificates of a PEM file, which is read now.
    ///
    /// # Errors
    /// It can't be read, is no PEM, or holds no certificate.
    pub fn pem_file(self, path: &Path) -> Result<Self, InvalidRoots> {
        self.pem(&std::fs::read(path)?)
    }
}

impl Default for Roots {
    fn default() -> Self {
        Self::platform()
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roots")
            .field("has_platform", &self.has_platform)
            .field("given", &self.given.len())
            .finish()
    }
}

/// Certificates that can't be added.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InvalidRoots {
    /// The file can't be read.
    #[error("the certificates can't be read")]
    File(#[from] io::Error),
    /// It is no PEM.
    #[error("the certificates are no PEM: {0}")]
    Pem(String),
    /// There is no certificate in it.
    #[error("there is no certificate in it")]
    Empty,
}

/// Agrees on TLS with servers.
pub(crate) struct Tls {
    roots: Roots,
    config: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl Tls {
    pub(crate) const fn new(roots: Roots) -> Self {
        Self { roots, config: OnceLock::new() }
    }

    pub(crate) async fn connect(&self, host: &str, socket: BoxSocket) -> Result<BoxSocket, HttpFailure> {
        let config = self.config.get_or_init(|| config(&self.roots).map_err(|error| error.to_string()));
        let config = config.clone().map_err(|reason| permanent(Stage::Tls, reason))?;
        let name = ServerName::try_from(host.to_owned());
        let name =
            name.map_err(|_| permanent(Stage::Tls, "the host is no name that a certificate could have"))?;
        match TlsConnector::from(config).connect(name, socket).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(of_tls(&error)),
        }
    }
}

fn config(roots: &Roots) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let builder = if roots.has_platform {
        let verifier = Verifier::new_with_extra_roots(roots.given.iter().cloned(), provider)?;
        // "Dangerous" is any verifier that isn't rustls' own.
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
    } else {
        let mut store = RootCertStore::empty();
        for certificate in &roots.given {
            store.add(certificate.clone())?;
        }
        builder.with_root_certificates(store)
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
