//! TLS: certificate and key are read once, at the start; each connection agrees on keys for itself.
//!
//! Names and chains are the clients' business. What is checked here is what an operator gets wrong: files that are
//! missing or no PEM, a key of another certificate, a certificate whose time is over.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use pluriverse_archive::Instant;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, CertificateError, RootCertStore, ServerConfig,
        client::verify_server_cert_signed_by_trust_anchor,
        crypto::{CryptoProvider, ring},
        pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject as _},
        server::ParsedCertificate,
    },
    server::TlsStream,
};

/// Where a server's certificate and key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those that lead to its root, the server's own first; PEM.
    pub certificate: PathBuf,
    /// Its private key; PEM.
    pub key: PathBuf,
}

/// Why there can be no TLS.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A file has not in it what it should.
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The key is another certificate's.
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
}

impl fmt::Display for TlsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, source } => write!(out, "`{}`: {source}", path.display()),
            Self::Malformed { path, message } => write!(out, "`{}` {message}", path.display()),
            Self::Mismatch { certificate, key } => write!(
                out,
                "the key in `{}` does not fit the certificate in `{}`",
                key.display(),
                certificate.display()
            ),
        }
    }
}

impl std::error::Error for TlsError {}

/// What a server needs to speak TLS.
#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    /// What is wrong with the certificate, although it can be used.
    pub(crate) warning: Option<String>,
}

impl Tls {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// When they cannot be read, are none, or do not fit each other.
    pub(crate) fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let malformed = |path: &Path, message: String| TlsError::Malformed {
            path: path.to_owned(),
            message,
        };
        let text = read(&files.certificate)?;
        let chain = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
        let chain =
            chain.map_err(|error| malformed(&files.certificate, format!("is no PEM: {error}")))?;
        let Some(own) = chain.first().cloned() else {
            let message = "has no certificate in it: expected PEM (`-----BEGIN CERTIFICATE-----`)";
            return Err(malformed(&files.certificate, message.to_owned()));
        };
        let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?).map_err(|_| {
            let message = "has no private key in it: expected PEM (`-----BEGIN PRIVATE KEY-----`)";
            malformed(&files.key, message.to_owned())
        })?;
        let provider = Arc::new(ring::default_provider());
        let warning = warning(&own, &provider, &files.certificate)?;
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
        let mut config = config.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => TlsError::Mismatch {
                certificate: files.certificate.clone(),
                key: files.key.clone(),
            },
            other => malformed(&files.key, format!("cannot be used: {other}")),
        })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            warning,
        })
    }

    /// Agrees on keys with whoever has connected.
    ///
    /// # Errors
    /// When it is no client that speaks TLS, or hangs up.
    pub(crate) async fn greet(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::File {
        path: path.to_owned(),
        source,
    })
}

/// Whether the certificate's time is over, or has not come.
fn warning(
    own: &CertificateDer<'_>,
    provider: &CryptoProvider,
    path: &Path,
) -> Result<Option<String>, TlsError> {
    let malformed = |error: rustls::Error| TlsError::Malformed {
        path: path.to_owned(),
        message: format!("has no certificate in it that can be used: {error}"),
    };
    let parsed = ParsedCertificate::try_from(own).map_err(malformed)?;
    // Without a root nothing is trusted, but dates are looked at first.
    let checked = verify_server_cert_signed_by_trust_anchor(
        &parsed,
        &RootCertStore::empty(),
        &[],
        UnixTime::now(),
        provider.signature_verification_algorithms.all,
    );
    Ok(match checked {
        Err(rustls::Error::InvalidCertificate(CertificateError::ExpiredContext {
            not_after,
            ..
        })) => Some(format!("the certificate expired on {}", day(not_after))),
        Err(rustls::Error::InvalidCertificate(CertificateError::NotValidYetContext {
            not_before,
            ..
        })) => Some(format!(
            "the certificate is not valid before {}",
            day(not_before)
        )),
        _ => None,
    })
}

fn day(time: UnixTime) -> String {
    let unix_millis = i64::try_from(time.as_secs().saturating_mul(1000)).unwrap_or(i64::MAX);
    Instant { unix_millis }.to_string()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn a_certificate_whose_time_is_over_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let files = TlsFiles {
            certificate: folder.path().join("certificate.pem"),
            key: folder.path().join("key.pem"),
        };
        let told = |from: i32, to: i32| {
            let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
            params.not_before = date_time_ymd(from, 1, 1);
            params.not_after = date_time_ymd(to, 1, 1);
            let key = KeyPair::generate().unwrap();
            fs::write(&files.certificate, params.self_signed(&key).unwrap().pem()).unwrap();
            fs::write(&files.key, key.serialize_pem()).unwrap();
            Tls::read(&files).unwrap().warning
        };
        assert_eq!(told(2020, 2120), None);
        let expired = told(2020, 2021).unwrap();
        assert!(expired.contains("expired on 2021-01-01"), "{expired}");
        let early = told(2119, 2120).unwrap();
        assert!(early.contains("not valid before 2119-01-01"), "{early}");
    }
}
