//! A request's body on its way in: one that stalls is broken off, and one that nobody wants is read on for a moment.
//!
//! Who is refused while still sending would otherwise find the connection closed under unread bytes, which takes the
//! answer away with it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Bytes, HttpBody};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::{
    runtime::Handle,
    time::{Sleep, sleep, timeout},
};

/// How long a refused body is read on.
const LINGER: Duration = Duration::from_secs(2);

/// See the module.
pub(super) struct Arriving {
    /// `None` once it has ended.
    body: Option<Incoming>,
    patience: Duration,
    /// Runs while nothing comes.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Arriving {
    pub(super) fn new(body: Incoming, patience: Duration) -> Self {
        Self {
            body: Some(body).filter(|body| !body.is_end_stream()),
            patience,
            waiting: None,
        }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        match Pin::new(body).poll_frame(context) {
            Poll::Ready(frame) => {
                self.waiting = None;
                if !matches!(frame, Some(Ok(_))) {
                    self.body = None;
                }
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                let patience = self.patience;
                let waiting = self
                    .waiting
                    .get_or_insert_with(|| Box::pin(sleep(patience)));
                if waiting.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                self.body = None;
                let stalled = io::Error::from(io::ErrorKind::TimedOut);
                Poll::Ready(Some(Err(stalled.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let Some(mut body) = self.body.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        // Without a runtime the server has stopped, and its connections with it.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                let rest = async { while let Some(Ok(_)) = body.frame().await {} };
                // Whoever sends for longer than this does not listen.
                let _ = timeout(LINGER, rest).await;
            });
        }
    }
}
