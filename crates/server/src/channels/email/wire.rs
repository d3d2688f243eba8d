//! The wire to the server that takes messages: TCP that sends what it is given at once, and TLS over it where the
//! settings say so.
//!
//! A message ends with five bytes that are written by themselves. With Nagle's algorithm (RFC 896) they wait until
//! the other side confirms what came before, which it puts off for up to 40 ms (RFC 1122, 4.2.3.2): every message
//! would.
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

/// TLS from the first byte (RFC 8314).
#[derive(Debug)]
struct Secured(TlsStream<TcpStream>);

/// Opens it; `secured`: with TLS from the first byte.
pub(super) async fn open(host: &str, port: u16, secured: bool) -> io::Result<Box<dyn AsyncTokioStream>> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    if !secured {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let connector = TlsConnector::from(outbound::tls().map_err(io::Error::other)?);
    Ok(Box::new(Secured(connector.connect(name, stream).await?)))
}

impl AsyncTokioStream for Secured {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
