//! How handlers take what callers send: each part with a refusal of the server's own shape.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{header::CONTENT_TYPE, request::Parts},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};

use crate::problem::Problem;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

/// The query's parameters.
pub(crate) struct Parameters<T>(pub(crate) T);

/// What stands in the path.
pub(crate) struct Segments<T>(pub(crate) T);

/// Raw bytes, as many as the route allows.
pub(crate) struct Raw(pub(crate) Bytes);

/// A whole number in a JSON body, also one that is written `7.0`: JSON Schema makes no difference.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Whole(u64);

impl Whole {
    pub(crate) fn get(self) -> u64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const LIMIT: f64 = 18_446_744_073_709_551_616.0;
        let number = serde_json::Number::deserialize(deserializer)?;
        if let Some(whole) = number.as_u64() {
            return Ok(Self(whole));
        }
        let float = number.as_f64().unwrap_or(f64::NAN);
        if (0.0..LIMIT).contains(&float) && float.fract() == 0.0 {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is whole and in range"
            )]
            return Ok(Self(float as u64));
        }
        let message = format!("`{number}` is no whole number from 0 to {}", u64::MAX);
        Err(D::Error::custom(message))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = request.headers().get(CONTENT_TYPE).is_some_and(|value| {
            let name = value.to_str().unwrap_or_default();
            let name = name.split(';').next().unwrap_or_default().trim();
            name.eq_ignore_ascii_case("application/json")
        });
        if !is_json {
            return Err(Problem::new(
                axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "the body's content type is not JSON",
            )
            .help("send `Content-Type: application/json`"));
        }
        let Raw(bytes) = Raw::from_request(request, state).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Problem::bad_request("bad_json", format!("the body cannot be read: {error}"))
        })
    }
}

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Bytes::from_request(request, state)
            .await
            .map(Self)
            .map_err(|rejection| {
                if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                    Problem::too_large("the body is larger than this server takes here")
                } else {
                    Problem::bad_request("bad_body", "the body did not arrive whole")
                }
            })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|Query(query)| Self(query))
            .map_err(|rejection| Problem::bad_request("bad_query", rejection.body_text()))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(path)| Self(path))
            .map_err(|rejection| Problem::bad_request("bad_path", rejection.body_text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_taken_however_they_are_written() {
        let read = |text: &str| serde_json::from_str::<Whole>(text).map(Whole::get);
        for (text, number) in [
            ("7", 7),
            ("7.0", 7),
            ("1e3", 1000),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(read(text).unwrap(), number, "{text}");
        }
        for text in [
            "-1",
            "7.5",
            "18446744073709551616",
            "1e300",
            "\"7\"",
            "null",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
