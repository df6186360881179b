//! Who may use a server: names, scopes and hashes of tokens. What they mean is the server's business.

use serde::Serialize;

use crate::{archive::Archive, clock::now_millis, error::ArchiveError, run::Instant};

/// A token as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Token {
    /// What it is called.
    pub name: String,
    /// A hash of it that does not give it away.
    #[serde(skip)]
    pub hash: String,
    /// What it allows.
    pub scope: String,
    /// When it was made.
    pub created_at: Instant,
}

impl Archive {
    /// Stores a token, in the place of an earlier one of this name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_token(&self, name: &str, scope: &str, hash: &str) -> Result<(), ArchiveError> {
        self.write(|connection| {
            connection
                .execute(
                    "INSERT INTO tokens (name, hash, scope, created_at) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (name) DO UPDATE SET \
                     hash = excluded.hash, scope = excluded.scope, created_at = excluded.created_at",
                    &[name.into(), hash.into(), scope.into(), now_millis().into()],
                )
                .map(drop)
        })
    }

    /// All tokens, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn tokens(&self) -> Result<Vec<Token>, ArchiveError> {
        let sql = "SELECT name, hash, scope, created_at FROM tokens ORDER BY name";
        let rows = self.read(|connection| connection.query(sql, &[]))?;
        let tokens = rows.into_iter().map(|mut row| {
            Ok(Token {
                name: row.text()?,
                hash: row.text()?,
                scope: row.text()?,
                created_at: Instant {
                    unix_millis: row.whole()?,
                },
            })
        });
        tokens.collect()
    }

    /// Removes the token of this name; tells whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn remove_token(&self, name: &str) -> Result<bool, ArchiveError> {
        let sql = "DELETE FROM tokens WHERE name = $1";
        let count = self.write(|connection| connection.execute(sql, &[name.into()]))?;
        Ok(count > 0)
    }
}
