//! One request and its answer.
//!
//! Both bodies go piece by piece: a piece that finds no room is waited for, which lets the other side wait, and with
//! it, in the end, the client. An exchange that is closed or forgotten before its end breaks its connection off, and
//! the server lets go of what it was doing for it.

use std::{
    io, mem,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::{
    Request, Response, Uri, Version,
    body::{Body, Frame, Incoming, SizeHint},
    client::conn::http1,
    header::{self, HeaderMap, HeaderName, HeaderValue},
    http::request::Parts,
    upgrade::OnUpgrade,
};
use hyper_util::rt::TokioIo;
use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyTuple},
};
use tokio::{
    io::DuplexStream,
    sync::{mpsc, oneshot},
    task::AbortHandle,
};

use super::{
    Line,
    promise::{broken, out_of_order, stopped},
    socket::Socket,
};

/// Pieces of a body that wait to be sent.
const PIECES_MAX: usize = 4;

/// What is about one connection and no other, so that it is not forwarded; and the time, which each server says itself.
const OF_THE_CONNECTION: [HeaderName; 8] = [
    header::CONNECTION,
    header::DATE,
    header::EXPECT,
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// A request's method, target and headers, as ASGI has them.
pub(super) type Head = (String, String, Vec<(Vec<u8>, Vec<u8>)>);

/// A piece of a request's body.
enum Piece {
    Bytes(Bytes),
    End,
}

/// Both ends of a request's body.
pub(super) struct Upload(mpsc::Sender<Piece>, mpsc::Receiver<Piece>);

pub(super) fn upload() -> Upload {
    let (sender, receiver) = mpsc::channel(PIECES_MAX);
    Upload(sender, receiver)
}

/// A request's body on its way.
struct Sending {
    /// `None` when there is nothing to come.
    pieces: Option<mpsc::Receiver<Piece>>,
}

impl Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let Some(pieces) = &mut self.pieces else {
            return Poll::Ready(None);
        };
        pieces.poll_recv(context).map(|piece| match piece {
            Some(Piece::Bytes(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Piece::End) => {
                self.pieces = None;
                None
            }
            None => Some(Err(io::ErrorKind::ConnectionAborted.into())),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.pieces {
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }
}

/// How far an answer is.
enum Answer {
    Awaited(oneshot::Receiver<hyper::Result<Response<Incoming>>>),
    Body(Incoming),
    Upgrade(OnUpgrade),
    Over,
}

/// See the module.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Exchange {
    line: Line,
    upload: Mutex<Option<mpsc::Sender<Piece>>>,
    answer: Arc<tokio::sync::Mutex<Answer>>,
    connection: AbortHandle,
}

impl Exchange {
    /// Begins an exchange over a connection of its own.
    ///
    /// # Errors
    /// When the request is none.
    pub(super) fn begin(
        line: Line,
        stream: DuplexStream,
        head: Head,
        upload: Option<Upload>,
    ) -> PyResult<Self> {
        let head = request_head(head)?;
        let (upload, pieces) = match upload {
            Some(Upload(sender, receiver)) => (Some(sender), Some(receiver)),
            None => (None, None),
        };
        let request = Request::from_parts(head, Sending { pieces });
        let (tell, answer) = oneshot::channel();
        let connection = line.runtime.spawn(converse(stream, request, tell));
        Ok(Self {
            line,
            upload: Mutex::new(upload),
            answer: Arc::new(tokio::sync::Mutex::new(Answer::Awaited(answer))),
            connection: connection.abort_handle(),
        })
    }

    /// Hands a piece over; a future where there is no room yet.
    fn push<'py>(&self, py: Python<'py>, piece: Piece) -> PyResult<Option<Bound<'py, PyAny>>> {
        let upload = self.upload.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = upload.as_ref() else {
            return Err(out_of_order("this request has no body, or it has ended"));
        };
        match sender.try_send(piece) {
            Ok(()) => Ok(None),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(stopped()),
            Err(mpsc::error::TrySendError::Full(piece)) => {
                let sender = sender.clone();
                let work = async move { sender.send(piece).await.map_err(|_| stopped()) };
                self.line.promise(py, work).map(Some)
            }
        }
    }
}

#[pymethods]
impl Exchange {
    /// Sends a piece of the body; a future where it has to wait for room.
    fn send<'py>(
        &self,
        py: Python<'py>,
        piece: &Bound<'py, PyBytes>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.push(py, Piece::Bytes(Bytes::copy_from_slice(piece.as_bytes())))
    }

    /// Says that the body is whole; a future where that has to wait for room.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.push(py, Piece::End)
    }

    /// A future of the answer's status and headers.
    fn head<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let answer = Arc::clone(&self.answer);
        self.line.promise(py, async move {
            let mut answer = answer.lock().await;
            let Answer::Awaited(awaited) = mem::replace(&mut *answer, Answer::Over) else {
                return Err(out_of_order("this answer has begun already"));
            };
            let response = awaited.await.map_err(|_| stopped())?;
            let mut response = response.map_err(|error| broken(&error))?;
            let upgrade = hyper::upgrade::on(&mut response);
            let (head, body) = response.into_parts();
            let is_upgrade = head.status == hyper::StatusCode::SWITCHING_PROTOCOLS;
            *answer = if is_upgrade {
                Answer::Upgrade(upgrade)
            } else {
                Answer::Body(body)
            };
            Ok((head.status.as_u16(), Headers(head.headers)))
        })
    }

    /// A future of the next piece of the answer's body; an empty one is its end.
    fn read<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let answer = Arc::clone(&self.answer);
        self.line.promise(py, async move {
            let mut answer = answer.lock().await;
            let Answer::Body(body) = &mut *answer else {
                return Err(out_of_order("this answer has no body"));
            };
            next_piece(body).await.map(Octets)
        })
    }

    /// A future of the WebSocket that the server has agreed to.
    fn socket<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let answer = Arc::clone(&self.answer);
        let line = self.line.clone();
        self.line.promise(py, async move {
            let Answer::Upgrade(upgrade) = mem::replace(&mut *answer.lock().await, Answer::Over)
            else {
                return Err(out_of_order("the server has agreed to no WebSocket"));
            };
            let upgraded = upgrade.await.map_err(|error| broken(&error))?;
            Ok(Socket::new(line, upgraded).await)
        })
    }

    /// Breaks off what has not ended yet.
    fn close(&self) {
        self.connection.abort();
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// Sends a request, tells of the answer, and keeps the connection going until that has been read.
async fn converse(
    stream: DuplexStream,
    request: Request<Sending>,
    tell: oneshot::Sender<hyper::Result<Response<Incoming>>>,
) {
    let (mut sender, connection) = match http1::handshake(TokioIo::new(stream)).await {
        Ok(ready) => ready,
        Err(error) => {
            // Nobody asks any more where this cannot be told.
            let _ = tell.send(Err(error));
            return;
        }
    };
    let asking = async {
        let _ = tell.send(sender.send_request(request).await);
        drop(sender);
    };
    // What ends the connection is told by the answer or by its body.
    let _ = tokio::join!(connection.with_upgrades(), asking);
}

/// The next bytes of a body; none at its end.
async fn next_piece(body: &mut Incoming) -> PyResult<Bytes> {
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
        match frame.await {
            None => return Ok(Bytes::new()),
            Some(Err(error)) => return Err(broken(&error)),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(bytes) if !bytes.is_empty() => return Ok(bytes),
                _ => {}
            },
        }
    }
}

/// A request without what is about the connection to the client.
pub(super) fn forwarded((method, target, mut headers): Head) -> Head {
    let is_own = |header: &[u8]| {
        let mut names = OF_THE_CONNECTION.iter();
        names.any(|name| name.as_str().as_bytes().eq_ignore_ascii_case(header))
    };
    headers.retain(|(name, _)| !is_own(name));
    (method, target, headers)
}

fn request_head((method, target, headers): Head) -> PyResult<Parts> {
    let wrong = |what: &str| PyValueError::new_err(format!("{what} of the request is none"));
    let mut request = Request::new(());
    *request.method_mut() = method.parse().map_err(|_| wrong("the method"))?;
    *request.uri_mut() = target
        .parse::<Uri>()
        .map_err(|_| wrong("the path or query"))?;
    *request.version_mut() = Version::HTTP_11;
    for (name, value) in &headers {
        let name = HeaderName::from_bytes(name).map_err(|_| wrong("the name of a header"))?;
        let value = HeaderValue::from_bytes(value).map_err(|_| wrong("the value of a header"))?;
        request.headers_mut().append(name, value);
    }
    Ok(request.into_parts().0)
}

/// Headers as ASGI has them.
struct Headers(HeaderMap);

impl<'py> IntoPyObject<'py> for Headers {
    type Target = PyTuple;
    type Output = Bound<'py, PyTuple>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let kept = self
            .0
            .iter()
            .filter(|(name, _)| !OF_THE_CONNECTION.contains(name));
        let pairs: Vec<_> = kept
            .map(|(name, value)| {
                let name = PyBytes::new(py, name.as_str().as_bytes());
                (name, PyBytes::new(py, value.as_bytes()))
            })
            .collect();
        PyTuple::new(py, pairs)
    }
}

/// Bytes as Python has them.
struct Octets(Bytes);

impl<'py> IntoPyObject<'py> for Octets {
    type Target = PyBytes;
    type Output = Bound<'py, PyBytes>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(PyBytes::new(py, &self.0))
    }
}
