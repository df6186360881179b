//! TLS: each connection agrees on keys for itself, by the certificate that is in its file then.
//!
//! A certificate that was renewed counts as soon as it and its key are whole and fit; until then the one before does.
//! Names and chains are the clients' business. What is checked here is what an operator gets wrong: files that are
//! missing or no PEM, a key of another certificate, a certificate whose time is over.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
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

/// What a server needs to speak TLS; clones share it.
#[derive(Clone)]
pub(crate) struct Tls {
    files: TlsFiles,
    current: Arc<Mutex<Current>>,
}

/// The certificate that counts.
struct Current {
    acceptor: TlsAcceptor,
    /// What it was read from.
    pems: Pems,
    /// What the files had in them later that could not be used.
    refused: Option<Pems>,
}

/// What came of looking for a renewed certificate.
#[derive(Debug)]
pub(crate) enum Renewal {
    /// There is none, or none that was not told of already.
    Unchanged,
    /// It counts from now on.
    Renewed,
    /// It cannot be used.
    Refused(TlsError),
}

/// What a certificate's and a key's file have in them; nothing where they cannot be read.
#[derive(Clone, PartialEq, Eq)]
struct Pems {
    certificate: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
}

impl Tls {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// When they cannot be read, are none, or do not fit each other.
    pub(crate) fn read(files: TlsFiles) -> Result<Self, TlsError> {
        let pems = Pems::of(&files);
        let acceptor = acceptor(&files)?;
        let current = Current {
            acceptor,
            pems,
            refused: None,
        };
        Ok(Self {
            files,
            current: Arc::new(Mutex::new(current)),
        })
    }

    /// Looks whether the files have changed, and uses what is in them if that can be.
    pub(crate) fn renew(&self) -> Renewal {
        let pems = Pems::of(&self.files);
        let mut current = self.current();
        if current.pems == pems {
            current.refused = None;
            return Renewal::Unchanged;
        }
        if current.refused.as_ref() == Some(&pems) {
            return Renewal::Unchanged;
        }
        match acceptor(&self.files) {
            Ok(acceptor) => {
                *current = Current {
                    acceptor,
                    pems,
                    refused: None,
                };
                Renewal::Renewed
            }
            Err(error) => {
                current.refused = Some(pems);
                Renewal::Refused(error)
            }
        }
    }

    /// Agrees on keys with whoever has connected.
    ///
    /// # Errors
    /// When it is no client that speaks TLS, or hangs up.
    pub(crate) async fn greet(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let acceptor = self.current().acceptor.clone();
        acceptor.accept(stream).await
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pems {
    fn of(files: &TlsFiles) -> Self {
        Self {
            certificate: fs::read(&files.certificate).ok(),
            key: fs::read(&files.key).ok(),
        }
    }
}

/// Reads certificate and key; warns of one whose time is over or has not come.
fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, TlsError> {
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
    if let Some(warning) = warning {
        tracing::warn!("{warning}");
    }
    Ok(TlsAcceptor::from(Arc::new(config)))
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

    /// Where a certificate and its key are to be.
    fn files(folder: &Path) -> TlsFiles {
        TlsFiles {
            certificate: folder.join("certificate.pem"),
            key: folder.join("key.pem"),
        }
    }

    /// A certificate that is valid in these years, and its key, as PEM.
    fn certificate(from: i32, to: i32) -> (String, String) {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().unwrap();
        (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    #[test]
    fn a_renewed_certificate_counts_when_it_is_whole_and_until_then_the_old_one_does() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let (old, old_key) = certificate(2020, 2120);
        fs::write(&files.certificate, &old).unwrap();
        fs::write(&files.key, &old_key).unwrap();
        let tls = Tls::read(files.clone()).unwrap();
        let counts = |tls: &Tls| Arc::as_ptr(tls.current().acceptor.config());
        let before = counts(&tls);
        assert!(matches!(tls.renew(), Renewal::Unchanged));

        // The certificate comes before its key, or comes broken off, or goes; each is told once.
        let (new, new_key) = certificate(2021, 2121);
        for (text, expected) in [
            (Some(new.as_str()), "does not fit"),
            (Some(&new[..new.len() / 2]), "is no PEM"),
            (None, "certificate.pem`: "),
        ] {
            match text {
                Some(text) => fs::write(&files.certificate, text).unwrap(),
                None => fs::remove_file(&files.certificate).unwrap(),
            }
            let Renewal::Refused(error) = tls.renew() else {
                panic!("{text:?} can be used");
            };
            assert!(error.to_string().contains(expected), "{error}");
            assert!(matches!(tls.renew(), Renewal::Unchanged));
            assert_eq!(counts(&tls), before);
        }
        fs::write(&files.certificate, &new).unwrap();
        fs::write(&files.key, &new_key).unwrap();
        let shared = tls.clone();
        assert!(matches!(tls.renew(), Renewal::Renewed));
        assert_ne!(counts(&shared), before);
        assert!(matches!(tls.renew(), Renewal::Unchanged));
    }

    #[test]
    fn a_certificate_whose_time_is_over_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let told = |from: i32, to: i32| {
            fs::write(&files.certificate, certificate(from, to).0).unwrap();
            let own = CertificateDer::from_pem_file(&files.certificate).unwrap();
            warning(&own, &ring::default_provider(), &files.certificate).unwrap()
        };
        assert_eq!(told(2020, 2120), None);
        let expired = told(2020, 2021).unwrap();
        assert!(expired.contains("expired on 2021-01-01"), "{expired}");
        let early = told(2119, 2120).unwrap();
        assert!(early.contains("not valid before 2119-01-01"), "{early}");
    }
}
