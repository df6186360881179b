//! One WebSocket to the server.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyAny, PyBytes, PyString},
};
use tokio::sync::{Mutex, watch};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::client::generate_key,
        protocol::{CloseFrame, Role, frame::coding::CloseCode},
    },
};

use super::{
    Line,
    exchange::{self, Head},
    promise::{broken, stopped},
};

/// What a side says that closes without a reason (RFC 6455, 7.4.1).
const NO_STATUS: u16 = 1005;

/// A request as one for a WebSocket.
pub(super) fn upgrading(head: Head) -> Head {
    let (_, target, mut headers) = exchange::forwarded(head);
    // What the server that faces the client has agreed on with it: the protocols alone are asked for again.
    headers.retain(|(name, _)| {
        !name.starts_with(b"sec-websocket-") || name == b"sec-websocket-protocol"
    });
    let key = generate_key();
    let own: [(&[u8], &[u8]); 4] = [
        (b"connection", b"upgrade"),
        (b"upgrade", b"websocket"),
        (b"sec-websocket-version", b"13"),
        (b"sec-websocket-key", key.as_bytes()),
    ];
    headers.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    ("GET".to_owned(), target, headers)
}

type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// See the module.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Socket {
    line: Line,
    incoming: Arc<Mutex<SplitStream<Stream>>>,
    outgoing: Arc<Mutex<SplitSink<Stream, Message>>>,
    /// Whoever waits for a message waits no longer when this is gone.
    kept: watch::Sender<()>,
}

/// A message as Python has it: a text, bytes, or code and reason of the end.
#[derive(IntoPyObject)]
enum Received {
    Text(String),
    #[pyo3(transparent)]
    Binary(Binary),
    Closed(u16, String),
}

struct Binary(Bytes);

impl<'py> IntoPyObject<'py> for Binary {
    type Target = PyBytes;
    type Output = Bound<'py, PyBytes>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(PyBytes::new(py, &self.0))
    }
}

impl Socket {
    pub(super) async fn new(line: Line, upgraded: Upgraded) -> Self {
        let stream = TokioIo::new(upgraded);
        let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        let (outgoing, incoming) = socket.split();
        Self {
            line,
            incoming: Arc::new(Mutex::new(incoming)),
            outgoing: Arc::new(Mutex::new(outgoing)),
            kept: watch::Sender::new(()),
        }
    }

    fn put<'py>(&self, py: Python<'py>, message: Message) -> PyResult<Bound<'py, PyAny>> {
        let outgoing = Arc::clone(&self.outgoing);
        self.line.promise(py, async move {
            let sent = outgoing.lock().await.send(message).await;
            sent.map_err(|error| broken(&error))
        })
    }
}

#[pymethods]
impl Socket {
    /// A future of the next message.
    fn receive<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let incoming = Arc::clone(&self.incoming);
        let mut kept = self.kept.subscribe();
        self.line.promise(py, async move {
            let mut incoming = incoming.lock().await;
            tokio::select! {
                received = next(&mut incoming) => received,
                _ = kept.changed() => Err(stopped()),
            }
        })
    }

    /// Sends a text or bytes: a future of when that is on its way.
    fn send<'py>(&self, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = message.py();
        let message = if let Ok(text) = message.cast::<PyString>() {
            Message::text(text.to_cow()?.into_owned())
        } else if let Ok(bytes) = message.cast::<PyBytes>() {
            Message::binary(Bytes::copy_from_slice(bytes.as_bytes()))
        } else {
            return Err(PyTypeError::new_err("a message is a text or bytes"));
        };
        self.put(py, message)
    }

    /// Says that it ends, and why: a future of when that is on its way.
    fn close<'py>(
        &self,
        py: Python<'py>,
        code: u16,
        reason: String,
    ) -> PyResult<Bound<'py, PyAny>> {
        // Codes that stand for a silent end are said by silence.
        let code = CloseCode::from(code);
        let frame = code.is_allowed().then(|| CloseFrame {
            code,
            reason: reason.into(),
        });
        self.put(py, Message::Close(frame))
    }
}

async fn next(incoming: &mut SplitStream<Stream>) -> PyResult<Received> {
    loop {
        match incoming.next().await {
            Some(Ok(Message::Text(text))) => return Ok(Received::Text(text.to_string())),
            Some(Ok(Message::Binary(bytes))) => return Ok(Received::Binary(Binary(bytes))),
            Some(Ok(Message::Close(frame))) => {
                let (code, reason) = frame.map_or((NO_STATUS, String::new()), |frame| {
                    (frame.code.into(), frame.reason.to_string())
                });
                return Ok(Received::Closed(code, reason));
            }
            // They are answered by the next look for a message.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Err(error)) => return Err(broken(&error)),
            None => return Err(stopped()),
        }
    }
}
