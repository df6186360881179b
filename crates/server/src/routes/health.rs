//! Whether the server lives, and whether it can work.

/// It answers, so it lives.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// It takes requests.
pub(super) async fn ready() -> &'static str {
    "ok\n"
}
