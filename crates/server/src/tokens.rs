//! Tokens: who may use a server that others can reach. They are kept in the data folder, by their hash alone.
//!
//! A token is shown once, when it is made. The file is read again when it changes, so that a revoked token ends at
//! once and a new one works without a restart.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString},
};
use serde::{Deserialize, Serialize};

/// What tokens begin with, so that one is recognised where it should not be.
const PREFIX: &str = "pv";
/// Name of the file in the data folder.
const FILE: &str = "tokens.json";
/// Random bytes in a token's secret.
const SECRET_BYTES: usize = 32;

/// What a token allows; each scope has what is allowed by those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Looking at worlds and runs, checking scenarios.
    Read,
    /// Making and moving worlds, starting runs, sending ledgers.
    Run,
    /// Deleting what others have kept.
    Admin,
}

impl Scope {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Run, Self::Admin];
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Read => "read",
            Self::Run => "run",
            Self::Admin => "admin",
        })
    }
}

/// What is known of a token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRecord {
    /// Its name: the part after `pv_`.
    pub id: String,
    /// What it allows.
    pub scope: Scope,
    /// Argon2id of the whole token.
    hash: String,
}

/// Why tokens cannot be made or read.
#[derive(Debug)]
#[non_exhaustive]
pub enum TokenError {
    /// The file cannot be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file is no list of tokens.
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// There is no token of this id.
    Unknown {
        /// The id.
        id: String,
    },
    /// The system gives no random numbers, or too little memory to hash.
    System {
        /// Its answer.
        message: String,
    },
}

impl fmt::Display for TokenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, source } => write!(out, "`{}`: {source}", path.display()),
            Self::Malformed { path, message } => {
                write!(out, "`{}` is no list of tokens: {message}", path.display())
            }
            Self::Unknown { id } => write!(out, "there is no token `{id}`"),
            Self::System { message } => write!(out, "a token cannot be made: {message}"),
        }
    }
}

impl std::error::Error for TokenError {}

fn system(error: impl fmt::Display) -> TokenError {
    TokenError::System {
        message: error.to_string(),
    }
}

/// The file of the tokens of a data folder.
pub(crate) fn file_of(data_dir: &Path) -> PathBuf {
    data_dir.join(FILE)
}

/// The tokens of a data folder; none where there is no file.
///
/// # Errors
/// When the file cannot be read or is none of ours.
pub fn list(data_dir: &Path) -> Result<Vec<TokenRecord>, TokenError> {
    let path = file_of(data_dir);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| TokenError::Malformed {
            message: error.to_string(),
            path,
        }),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(TokenError::File { path, source }),
    }
}

/// Makes a token and returns it; it is kept nowhere in this form.
///
/// # Errors
/// When it cannot be kept.
pub fn create(data_dir: &Path, scope: Scope) -> Result<String, TokenError> {
    let mut records = list(data_dir)?;
    let (id, secret, salt) = (random::<4>()?, random::<SECRET_BYTES>()?, random::<16>()?);
    let id = hex(&id);
    let token = format!("{PREFIX}_{id}_{}", hex(&secret));
    let salt = SaltString::encode_b64(&salt).map_err(system)?;
    let hash = Argon2::default()
        .hash_password(token.as_bytes(), &salt)
        .map_err(system)?;
    records.push(TokenRecord {
        id,
        scope,
        hash: hash.to_string(),
    });
    store(data_dir, &records)?;
    Ok(token)
}

/// Lets a token open nothing any more.
///
/// # Errors
/// When there is none of this id, or the file cannot be written.
pub fn revoke(data_dir: &Path, id: &str) -> Result<(), TokenError> {
    let mut records = list(data_dir)?;
    let before = records.len();
    records.retain(|record| record.id != id);
    if records.len() == before {
        return Err(TokenError::Unknown { id: id.to_owned() });
    }
    store(data_dir, &records)
}

/// Replaces the file, readable by its owner alone.
fn store(data_dir: &Path, records: &[TokenRecord]) -> Result<(), TokenError> {
    let path = file_of(data_dir);
    let text = serde_json::to_string_pretty(records).expect("texts always encode");
    let replace = || {
        fs::create_dir_all(data_dir)?;
        // A temporary file is made for its owner alone.
        let mut file = tempfile::NamedTempFile::new_in(data_dir)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        Ok(())
    };
    replace().map_err(|source| TokenError::File {
        path: path.clone(),
        source,
    })
}

impl TokenRecord {
    /// Whether `token` is the one that this is about.
    pub(crate) fn matches(&self, token: &str) -> bool {
        let Ok(hash) = PasswordHash::new(&self.hash) else {
            return false;
        };
        Argon2::default()
            .verify_password(token.as_bytes(), &hash)
            .is_ok()
    }
}

/// The id that a token says it has.
pub(crate) fn id_of(token: &str) -> Option<&str> {
    let rest = token.strip_prefix(PREFIX)?.strip_prefix('_')?;
    rest.split_once('_').map(|(id, _)| id)
}

fn random<const COUNT: usize>() -> Result<[u8; COUNT], TokenError> {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes).map_err(system)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_by_its_hash_and_can_be_revoked() {
        let folder = tempfile::tempdir().unwrap();
        assert!(list(folder.path()).unwrap().is_empty());
        let token = create(folder.path(), Scope::Run).unwrap();
        let text = fs::read_to_string(file_of(folder.path())).unwrap();
        assert!(!text.contains(&token[12..]) && text.contains("$argon2id$"));
        let record = list(folder.path()).unwrap().remove(0);
        assert_eq!(
            (record.id.as_str(), record.scope),
            (id_of(&token).unwrap(), Scope::Run)
        );
        assert!(record.matches(&token));
        assert!(!record.matches(&token[..token.len() - 1]));

        assert!(matches!(
            revoke(folder.path(), "nobody"),
            Err(TokenError::Unknown { .. })
        ));
        revoke(folder.path(), &record.id).unwrap();
        assert!(list(folder.path()).unwrap().is_empty());
    }

    #[test]
    fn scopes_contain_each_other() {
        assert!(Scope::ALL.is_sorted() && Scope::Admin >= Scope::Read);
    }
}
