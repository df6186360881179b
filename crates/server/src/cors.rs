//! Pages of other origins that may use the server: none, but for those that the operator names.
//!
//! An origin is compared as browsers send it, letter by letter. The browser asks before it sends (preflight); what it
//! then sends must still get past the guard, which lets these origins through, and carry a token where one is asked
//! for. Cookies are never part of it.

use std::{fmt, str::FromStr, time::Duration};

use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may remember what it was allowed.
const MAX_AGE: Duration = Duration::from_secs(600);

/// An origin as browsers name it: scheme, host, and the port where it is not the scheme's usual one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// Why a text is no origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnOrigin {
    message: String,
}

impl fmt::Display for NotAnOrigin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for NotAnOrigin {}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let no = |message: String| Err(NotAnOrigin { message });
        if text == "*" {
            let message =
                "`*` would let every page that anybody opens use this server: name the origins";
            return no(message.to_owned());
        }
        let uri = text.parse::<Uri>().ok();
        let parts = uri
            .as_ref()
            .and_then(|uri| Some((uri.scheme_str()?, uri.authority()?)));
        let Some((scheme @ ("http" | "https"), authority)) = parts else {
            return no("expected a scheme and a host, for example https://desk.example".to_owned());
        };
        let host = authority.host().to_ascii_lowercase();
        let usual = if scheme == "https" { 443 } else { 80 };
        let origin = match authority.port_u16().filter(|port| *port != usual) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        if text != origin {
            return no(format!("browsers would say `{origin}`"));
        }
        match HeaderValue::from_str(text) {
            Ok(value) => Ok(Self(value)),
            Err(error) => no(error.to_string()),
        }
    }
}

/// Whether `origin` is one of those that may use the server.
pub(crate) fn allows(allowed: &[Origin], origin: &HeaderValue) -> bool {
    allowed.iter().any(|Origin(one)| one == origin)
}

/// What tells browsers that these origins may; `None` where there are none.
pub(crate) fn layer(allowed: &[Origin]) -> Option<CorsLayer> {
    let origins: Vec<_> = allowed.iter().map(|Origin(one)| one.clone()).collect();
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            HeaderName::from_static("x-chunk-hash"),
        ])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
        ])
        .max_age(MAX_AGE);
    (!origins.is_empty()).then(|| layer.allow_origin(AllowOrigin::list(origins)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_browsers_say_is_an_origin() {
        for good in [
            "https://desk.example",
            "http://127.0.0.1:5173",
            "http://[::1]:8080",
        ] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
        let refused = |text: &str| text.parse::<Origin>().unwrap_err().to_string();
        assert!(refused("*").contains("every page"));
        assert_eq!(
            refused("https://Desk.example:443/"),
            "browsers would say `https://desk.example`"
        );
        for bad in ["null", "desk.example", "ftp://desk.example", "https://", ""] {
            assert!(refused(bad).contains("expected a scheme"), "{bad}");
        }
    }
}
