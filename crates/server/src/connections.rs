//! Connections: accepted up to a bound, given up when a request's head does not come, and ended within
//! a bounded time when the server stops.
//!
//! Deliberately does not know: what is asked and answered.

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Sleep, sleep, timeout};
use tower::ServiceExt as _;

/// How long and how much is waited for.
struct Patience {
    /// From the first byte of a request to the end of its head.
    head: Duration,
    /// On a connection that asks nothing; longer than the usual 60 s of proxies, so that it is they who
    /// close it, and no request of theirs crosses our closing.
    idle: Duration,
    /// For what is being answered, when the server stops.
    end: Duration,
    /// Connections at once; further ones wait in the system's queue.
    connections: usize,
}

const PATIENCE: Patience = Patience {
    head: Duration::from_secs(10),
    idle: Duration::from_secs(75),
    end: Duration::from_secs(10),
    connections: 10_000,
};

/// Serves until `stop` is done; then finishes what is being answered, for 10 s at most.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    serve_patiently(listener, router, stop, &PATIENCE).await;
}

async fn serve_patiently(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    patience: &Patience,
) {
    let room = Arc::new(Semaphore::new(patience.connections));
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = Arc::clone(&room).acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            biased;
            () = &mut stop => break,
            next = next => next,
        };
        while tasks.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let served = graceful.watch(connection(stream, router.clone(), patience));
                tasks.spawn(async move {
                    if let Err(error) = served.await {
                        tracing::debug!(%error, "a connection ended early");
                    }
                    drop(place);
                });
            }
            Err(error) if of_the_peer(&error) => {}
            Err(error) => {
                // Most often too many open files: more of them close than open in a second.
                tracing::error!(%error, "no connection can be accepted");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
    drop(listener);
    if timeout(patience.end, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "connections were cut at the end");
    }
    tasks.shutdown().await;
}

/// Whether it is only that the peer went away before it was accepted.
fn of_the_peer(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

fn connection(
    stream: TcpStream,
    router: Router,
    patience: &Patience,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send + use<> {
    let asked = Arc::new(Asked::default());
    let watched = Watched {
        stream,
        asked: Arc::clone(&asked),
        seen: 0,
        head: patience.head,
        late: None,
    };
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        asked.begins();
        let (router, asked) = (router.clone(), Arc::clone(&asked));
        async move {
            let answer = router.oneshot(request.map(Body::new)).await;
            asked.answered();
            answer
        }
    });
    // hyper's own timeout runs while nothing is asked too, so it is the long one.
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.idle)
        .serve_connection(TokioIo::new(watched), service)
}

/// What a connection was asked so far.
#[derive(Default)]
struct Asked {
    requests: AtomicU64,
    busy: AtomicBool,
}

impl Asked {
    fn begins(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.busy.store(true, Ordering::Relaxed);
    }

    fn answered(&self) {
        self.busy.store(false, Ordering::Relaxed);
    }
}

/// A stream that fails when a head that has begun does not end in time.
struct Watched {
    stream: TcpStream,
    asked: Arc<Asked>,
    /// Requests that had begun when this was last read from.
    seen: u64,
    head: Duration,
    /// Runs out when the head that has begun is late.
    late: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let requests = self.asked.requests.load(Ordering::Relaxed);
        if requests != self.seen {
            self.seen = requests;
            self.late = None;
        }
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Pending => match self.late.as_mut().map(|late| late.as_mut().poll(cx)) {
                Some(Poll::Ready(())) => Poll::Ready(Err(ErrorKind::TimedOut.into())),
                Some(Poll::Pending) | None => Poll::Pending,
            },
            ready => {
                // Between requests, whatever comes is the next one's head.
                let waiting = !self.asked.busy.load(Ordering::Relaxed);
                if waiting && self.late.is_none() && buffer.filled().len() > before {
                    self.late = Some(Box::pin(sleep(self.head)));
                }
                ready
            }
        }
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot::{self, Sender};
    use tokio::task::JoinHandle;

    const LONG: Duration = Duration::from_secs(600);

    async fn start(patience: Patience) -> (SocketAddr, Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().route("/", get(|| async { "here" }));
        let served = tokio::spawn(async move {
            let until = async { drop(stopped.await) };
            serve_patiently(listener, router, until, &patience).await;
        });
        (address, stop, served)
    }

    async fn ask(stream: &mut TcpStream) {
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"here") {
            assert!(
                stream.read_buf(&mut answer).await.unwrap() > 0,
                "closed unanswered"
            );
        }
    }

    #[tokio::test]
    async fn a_half_sent_head_is_given_up_and_an_idle_connection_is_not() {
        let head = Duration::from_millis(50);
        let patience = Patience {
            head,
            idle: LONG,
            end: LONG,
            connections: 10,
        };
        let (address, stop, served) = start(patience).await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        ask(&mut idle).await;
        let mut half = TcpStream::connect(address).await.unwrap();
        ask(&mut half).await;
        half.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
        // Ends at all: the server closed, or broke, the connection.
        let mut rest = Vec::new();
        let _ = half.read_to_end(&mut rest).await;
        sleep(head * 2).await;
        ask(&mut idle).await;
        drop(idle);
        stop.send(()).unwrap();
        served.await.unwrap();
    }

    #[tokio::test]
    async fn a_half_sent_head_does_not_keep_the_server_from_stopping() {
        let end = Duration::from_millis(50);
        let patience = Patience {
            head: LONG,
            idle: LONG,
            end,
            connections: 10,
        };
        let (address, stop, served) = start(patience).await;
        let mut half = TcpStream::connect(address).await.unwrap();
        ask(&mut half).await;
        half.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
        stop.send(()).unwrap();
        served.await.unwrap();
    }

    #[tokio::test]
    async fn connections_beyond_the_bound_wait_for_a_place() {
        let patience = Patience {
            head: LONG,
            idle: LONG,
            end: LONG,
            connections: 1,
        };
        let (address, stop, served) = start(patience).await;
        let mut first = TcpStream::connect(address).await.unwrap();
        ask(&mut first).await;
        let mut second = TcpStream::connect(address).await.unwrap();
        let asked = tokio::spawn(async move { ask(&mut second).await });
        ask(&mut first).await;
        assert!(!asked.is_finished());
        drop(first);
        asked.await.unwrap();
        stop.send(()).unwrap();
        served.await.unwrap();
    }
}
