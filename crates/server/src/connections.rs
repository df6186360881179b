//! Connections: taken, served by a task each, and let go when the other side keeps the server waiting.
//!
//! Whoever does not end a request's head, lets its body stall or reads no answer holds a connection for no longer
//! than the limit of patience. A server that stops takes nothing new and ends what it has begun.

use std::{io, net::SocketAddr, pin::pin, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
};
use tower_service::Service as _;

use crate::tls::Tls;

mod body;
mod patient;

use body::Arriving;
use patient::Patient;

/// How long nothing is taken after the system has refused a connection, for want of file numbers for one.
const REFUSED_PAUSE: Duration = Duration::from_millis(200);

/// How connections are served.
#[derive(Clone)]
pub(crate) struct Service {
    /// What answers.
    pub(crate) router: Router,
    /// What keys are agreed on with, where it speaks TLS.
    pub(crate) tls: Option<Tls>,
    /// How long the other side may keep the server waiting.
    pub(crate) patience: Duration,
    /// Says when to stop.
    pub(crate) stopped: watch::Receiver<bool>,
}

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// From where.
    pub address: SocketAddr,
    /// Who it is, where the program knows that the server is mounted in; else empty.
    pub name: String,
}

/// A connection from within this process.
pub(crate) struct Visit {
    pub(crate) stream: DuplexStream,
    pub(crate) visitor: Visitor,
}

/// Serves those who come from within this process until it is told to stop, and then until the last has gone.
pub(crate) async fn receive(mut visits: mpsc::UnboundedReceiver<Visit>, service: Service) {
    // Nothing is ever sent: the receiver hears when the last sender is gone.
    let (open, mut all_closed) = mpsc::channel::<()>(1);
    let mut told = service.stopped.clone();
    loop {
        let Visit { stream, visitor } = tokio::select! {
            Some(visit) = visits.recv() => visit,
            () = told_to_stop(&mut told) => break,
        };
        let (service, open) = (service.clone(), open.clone());
        tokio::spawn(async move {
            service.converse(stream, visitor).await;
            drop(open);
        });
    }
    drop((visits, open));
    all_closed.recv().await;
}

/// Serves until it is told to stop, and then until the last connection has ended.
pub(crate) async fn serve(listener: TcpListener, service: Service) {
    // Nothing is ever sent: the receiver hears when the last sender is gone.
    let (open, mut all_closed) = mpsc::channel::<()>(1);
    let mut told = service.stopped.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = told_to_stop(&mut told) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (service, open) = (service.clone(), open.clone());
                tokio::spawn(async move {
                    // Messages are small and wanted at once; without this they come all the same.
                    let _ = TcpStream::set_nodelay(&stream, true);
                    service.begin(stream, peer).await;
                    drop(open);
                });
            }
            Err(error) if is_of_its_client(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken");
                tokio::time::sleep(REFUSED_PAUSE).await;
            }
        }
    }
    drop((listener, open));
    all_closed.recv().await;
}

/// Ends when the server is to stop.
pub(crate) async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    // A sender that is gone says the same.
    let _ = stopped.wait_for(|is_stopped| *is_stopped).await;
}

/// Whether the client of a connection is to blame that it could not be taken.
fn is_of_its_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

impl Service {
    /// Agrees on keys where it speaks TLS, and serves one connection until it ends.
    async fn begin(mut self, stream: TcpStream, peer: SocketAddr) {
        let visitor = Visitor {
            address: peer,
            name: String::new(),
        };
        let Some(tls) = self.tls.take() else {
            return self.converse(stream, visitor).await;
        };
        let mut stopped = self.stopped.clone();
        let greeted = tokio::select! {
            greeted = tokio::time::timeout(self.patience, tls.greet(stream)) => greeted,
            () = told_to_stop(&mut stopped) => return,
        };
        match greeted {
            Ok(Ok(stream)) => self.converse(stream, visitor).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS was agreed on"),
            Err(_) => tracing::debug!(%peer, "no TLS was agreed on in time"),
        }
    }

    /// Serves one connection until it ends.
    async fn converse(
        mut self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        visitor: Visitor,
    ) {
        let peer = visitor.address;
        let (router, patience) = (self.router, self.patience);
        let answer = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(|body| Body::new(Arriving::new(body, patience)));
            request
                .extensions_mut()
                .insert(ConnectInfo(visitor.clone()));
            router.clone().call(request)
        });
        let stream = TokioIo::new(Patient::new(stream, patience));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(patience)
            .serve_connection(stream, answer)
            .with_upgrades();
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = told_to_stop(&mut self.stopped) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, %error, "a connection broke off");
        }
    }
}
