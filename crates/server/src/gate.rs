//! Who is let in: tokens against their hashes, and no more than a few wrong ones from an address.
//!
//! A right token is remembered by a keyed hash of it, because its slow hash would cost every request a tenth of a
//! second; a wrong one costs that time always, and only one is tried at a time.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use axum::http::{HeaderMap, StatusCode, header};
use tokio::sync::Semaphore;

use crate::{
    problem::Problem,
    throttle::Throttle,
    tokens::{self, Scope, TokenError, TokenRecord},
};

/// Wrong tokens that an address may send in [`WRONG_PERIOD`].
const WRONG_MAX: u32 = 10;
const WRONG_PERIOD: Duration = Duration::from_secs(60);
/// What a WebSocket's protocol begins with that carries a token, as browsers can set no other header.
const PROTOCOL_PREFIX: &str = "bearer.";
/// Right tokens that are remembered.
const KNOWN_MAX: usize = 1000;

/// Whoever is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The token's id.
    pub(crate) id: String,
    /// What it allows.
    pub(crate) scope: Scope,
}

/// The gate.
pub(crate) struct Gate {
    data_dir: PathBuf,
    key: [u8; 32],
    book: Mutex<Book>,
    wrong: Throttle,
    /// One slow hash at a time.
    hashing: Semaphore,
}

/// What the file of tokens said last, and which tokens have been right since.
#[derive(Default)]
struct Book {
    changed: Option<SystemTime>,
    records: Vec<TokenRecord>,
    known: BTreeMap<[u8; 32], Caller>,
}

impl Gate {
    /// The gate to the tokens of a data folder.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) fn new(data_dir: PathBuf) -> Result<Self, TokenError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| TokenError::System {
            message: error.to_string(),
        })?;
        let gate = Self {
            data_dir,
            key,
            book: Mutex::default(),
            wrong: Throttle::new(WRONG_MAX, WRONG_PERIOD),
            hashing: Semaphore::new(1),
        };
        gate.refresh()?;
        Ok(gate)
    }

    /// Whether there is a token at all.
    pub(crate) fn has_tokens(&self) -> bool {
        !self.book().records.is_empty()
    }

    /// Finds out who calls from `address` with these headers.
    ///
    /// # Errors
    /// When there is no token, it is wrong, or too many were.
    pub(crate) async fn admit(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
    ) -> Result<Caller, Problem> {
        let token = token_of(headers).ok_or_else(|| {
            Problem::new(StatusCode::UNAUTHORIZED, "no_token", "this server asks for a token")
                .help("send `Authorization: Bearer TOKEN`; `pluriverse token new` makes one where the server runs")
        })?;
        if let Err(error) = self.refresh() {
            return Err(Problem::internal("the tokens cannot be read", &error));
        }
        let fingerprint = *blake3::keyed_hash(&self.key, token.as_bytes()).as_bytes();
        if let Some(caller) = self.book().known.get(&fingerprint) {
            return Ok(caller.clone());
        }
        // Counted before it is known to be wrong, or a thousand guesses at once would all be tried.
        self.wrong.take(address, Instant::now()).map_err(too_many)?;
        let changed = self.book().changed;
        match self.verify(token.to_owned()).await? {
            Some(caller) => {
                self.wrong.give_back(address);
                let mut book = self.book();
                if book.changed != changed {
                    // It may have been revoked while it was tried; the next time it is tried against the new book.
                    return Ok(caller);
                }
                if book.known.len() >= KNOWN_MAX {
                    book.known.clear();
                }
                book.known.insert(fingerprint, caller.clone());
                Ok(caller)
            }
            None => Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "wrong_token",
                "this token opens nothing here",
            )),
        }
    }

    async fn verify(&self, token: String) -> Result<Option<Caller>, Problem> {
        let closed =
            |error: &dyn std::fmt::Display| Problem::internal("the token cannot be checked", error);
        let _turn = self
            .hashing
            .acquire()
            .await
            .map_err(|error| closed(&error))?;
        let id = tokens::id_of(&token).unwrap_or_default();
        let records = self.book().records.clone();
        let record = records.iter().find(|record| record.id == id).cloned();
        // A token of an unknown id takes as long to refuse as a wrong one.
        let Some(tried) = record.clone().or_else(|| records.first().cloned()) else {
            return Ok(None);
        };
        let is_right = tokio::task::spawn_blocking(move || tried.matches(&token)).await;
        let is_right = is_right.map_err(|error| closed(&error))?;
        Ok(record.filter(|_| is_right).map(|record| Caller {
            id: record.id,
            scope: record.scope,
        }))
    }

    /// Reads the file again when it has changed.
    fn refresh(&self) -> Result<(), TokenError> {
        let file = tokens::file_of(&self.data_dir);
        let changed = std::fs::metadata(file)
            .and_then(|metadata| metadata.modified())
            .ok();
        let mut book = self.book();
        if book.changed != changed {
            *book = Book {
                changed,
                records: tokens::list(&self.data_dir)?,
                known: BTreeMap::new(),
            };
        }
        Ok(())
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many(wait: Duration) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_wrong_tokens",
        "too many wrong tokens came from this address",
    )
    .retry_after(wait)
}

/// The token that a request carries.
fn token_of(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    bearer.or_else(|| {
        let protocols = text(header::SEC_WEBSOCKET_PROTOCOL)?.split(',');
        protocols
            .map(str::trim)
            .find_map(|protocol| protocol.strip_prefix(PROTOCOL_PREFIX))
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::http::HeaderValue;

    use super::*;

    fn bearing(token: &str) -> HeaderMap {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        HeaderMap::from_iter([(header::AUTHORIZATION, value)])
    }

    #[tokio::test]
    async fn right_tokens_pass_wrong_ones_do_not_and_soon_nobody_listens() {
        let folder = tempfile::tempdir().unwrap();
        let token = tokens::create(folder.path(), Scope::Read).unwrap();
        let gate = Gate::new(folder.path().to_owned()).unwrap();
        let [friend, foe] = [1, 2].map(|last| IpAddr::from(Ipv4Addr::new(10, 0, 0, last)));
        let caller = gate.admit(&bearing(&token), friend).await.unwrap();
        assert_eq!(caller.scope, Scope::Read);

        let mut codes = Vec::new();
        for number in 0..WRONG_MAX + 2 {
            let guess = format!("{}_{number}", &token[..11]);
            let refused = gate.admit(&bearing(&guess), foe).await.unwrap_err();
            codes.push(refused.into_error().code);
        }
        assert_eq!(codes[..2], ["wrong_token"; 2]);
        assert_eq!(*codes.last().unwrap(), "too_many_wrong_tokens");
        // Nobody is locked out with the one who guesses, who may share an address with others behind a proxy.
        assert!(gate.admit(&bearing(&token), friend).await.is_ok());
        assert!(gate.admit(&bearing(&token), foe).await.is_ok());

        tokens::revoke(folder.path(), &caller.id).unwrap();
        assert!(gate.admit(&bearing(&token), friend).await.is_err());
    }

    #[test]
    fn a_token_comes_as_a_header_or_as_a_protocol() {
        assert_eq!(token_of(&bearing("x")), Some("x"));
        let protocol = HeaderValue::from_static("pluriverse, bearer.y");
        let headers = HeaderMap::from_iter([(header::SEC_WEBSOCKET_PROTOCOL, protocol)]);
        assert_eq!(token_of(&headers), Some("y"));
        assert_eq!(token_of(&HeaderMap::new()), None);
    }
}
