//! The wire to the server that takes messages: TCP that sends what it is given at once, and TLS over it where the
//! settings say so.
//!
//! A message ends with five bytes that are written by themselves. With Nagle's algorithm (RFC 896) they wait until
//! the other side confirms what came before, which it puts off for up to 40 ms (RFC 1122, 4.2.3.2): every message
//! would.
//!
//! What the other side says is bounded: a connection whose server says more than a mebibyte ends with an error, since
//! the library reads replies for as long as lines come.
//!
//! Deliberately does not know: SMTP, messages.

use crate::outbound;
use lettre::transport::smtp::client::AsyncTokioStream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

/// Most that a server may say over one connection, bytes: a hundred messages take about fifty thousand.
const MOST_SAID: usize = 1 << 20;

/// A wire over which so much may still be said.
#[derive(Debug)]
struct Bounded<S> {
    wire: S,
    left: usize,
}

/// Opens it; `secured`: with TLS from the first byte (RFC 8314).
pub(super) async fn open(host: &str, port: u16, secured: bool) -> io::Result<Box<dyn AsyncTokioStream>> {
    let wire = TcpStream::connect((host, port)).await?;
    wire.set_nodelay(true)?;
    let left = MOST_SAID;
    if !secured {
        return Ok(Box::new(Bounded { wire, left }));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let connector = TlsConnector::from(outbound::tls().map_err(io::Error::other)?);
    let wire = connector.connect(name, wire).await?;
    Ok(Box::new(Bounded { wire, left }))
}

impl AsyncTokioStream for Bounded<TcpStream> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.wire.peer_addr()
    }
}

impl AsyncTokioStream for Bounded<TlsStream<TcpStream>> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.wire.get_ref().0.peer_addr()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.wire).poll_read(context, into);
        match self.left.checked_sub(into.filled().len() - before) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Err(io::Error::other("the server does not stop talking"))),
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }
}
