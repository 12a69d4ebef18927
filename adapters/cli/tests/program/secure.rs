//! Servers over HTTP by TLS.

use std::fs;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::on_both_runtimes;
use crate::support::{Folder, run};
use crate::web::Web;

on_both_runtimes!(
    #[cfg_attr(
        windows,
        ignore = "Wine 8 refuses the size that CERT_CHAIN_ENGINE_CONFIG has since Windows 8"
    )]
    a_server_is_known_by_an_authority_that_is_given,
);

/// What a server of this machine shows, and who vouches for it.
fn certified() -> (Arc<ServerConfig>, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&own, &issuer).unwrap();
    let own = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], own)
        .unwrap();
    (Arc::new(config), authority.pem())
}

fn a_server_is_known_by_an_authority_that_is_given(runtime: &str) {
    let (tls, authority) = certified();
    let web = Web::secure(tls);
    let folder = Folder::new();
    let file = folder.path("authority.pem");
    fs::write(&file, authority).unwrap();
    let (url, file) = (web.url(), file.to_str().unwrap().to_owned());
    let rest = ["tools", "--runtime", runtime, "--era", "legacy", "--url", &url];
    run(rest).failed(3, "TLS");
    assert!(web.heard().is_empty());
    assert!(run(rest.into_iter().chain(["--ca-file", &file])).held().contains("says it again"));
}
