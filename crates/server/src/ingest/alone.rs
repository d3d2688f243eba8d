//! The dialect without the rest of the house: decoding a body that came by another way than HTTP, and
//! the endpoints over any acceptor. For benches, tests, and files of events.

use super::batch::{self, Outside, Shape};
use super::{Code, Ingest, routes};
use crate::auth::ApiKeys;
use std::sync::Arc;
use tokio::net::TcpListener;
use vocabulary::Event;

impl Ingest {
    /// The good messages of a plain batch body (`{"batch": […]}`), in the order of their corrected times:
    /// what the acceptor would be given.
    ///
    /// # Errors
    /// The code under which the whole body would be refused.
    pub fn read_batch(&self, write_key: &str, body: &[u8]) -> Result<Vec<Event>, Code> {
        let outside = Outside {
            shape: Shape::Many,
            write_keys: [Some(write_key), None],
            gpc: false,
            received_at: (self.clock)(),
            proofs: &self.proofs,
        };
        batch::decode(body, &outside, &self.sources, &self.limits)
            .map(|decoded| decoded.events.into_iter().map(|told| told.event).collect())
            .map_err(|refused| refused.code)
    }
}

/// Serves the ingest endpoints alone, until `stop` is done.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    ingest: Ingest,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = routes::router(Arc::new(ingest), ApiKeys::default());
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

#[cfg(test)]
mod tests {
    use super::super::{Accept, Accepting, PublicUrl, Source, SourceName, Sources, Told};
    use super::*;

    struct Never;

    impl Accept for Never {
        fn accept(&self, _: SourceName, _: Vec<Told>) -> Accepting {
            Box::pin(async { unreachable!("nothing is handed over") })
        }
    }

    #[test]
    fn a_body_that_came_another_way_is_read_the_same() {
        let source = Source {
            name: SourceName::parse("shop").unwrap(),
            write_key: "key".to_owned(),
            enabled: true,
            child_directed: false,
            secret: false,
            origins: Vec::new(),
        };
        let sources = Sources::new([source]).unwrap();
        let ingest = Ingest::new(
            sources,
            Arc::new(Never),
            PublicUrl::parse("http://127.0.0.1").unwrap(),
        );
        let body = br#"{"batch":[
            {"type":"track","event":"B","userId":"u","messageId":"2","timestamp":"2026-01-02T00:00:00Z"},
            {"type":"track","userId":"u"},
            {"type":"track","event":"A","userId":"u","messageId":"1","timestamp":"2026-01-01T00:00:00Z"}]}"#;
        let names = |events: Vec<Event>| events.into_iter().map(|event| event.name).collect::<Vec<_>>();
        assert_eq!(
            ingest.read_batch("key", body).map(names),
            Ok(vec!["A".to_owned(), "B".to_owned()])
        );
        assert_eq!(ingest.read_batch("other", body), Err(Code::UnknownSource));
        assert_eq!(ingest.read_batch("key", b"{"), Err(Code::InvalidJson));
    }
}
