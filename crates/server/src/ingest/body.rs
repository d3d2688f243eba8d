//! Bodies: read under a limit, decompressed under the same limit.
//!
//! The content type is not looked at: clients send JSON as `application/json`, `text/plain` (the
//! browser, to be spared a preflight) and `application/x-www-form-urlencoded` (rudder-sdk-node).
//! Gzip is known by its first bytes, because proxies decompress and leave the header standing, and
//! no JSON starts with them.

use super::fault::Code;
use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use flate2::read::GzDecoder;
use http_body_util::BodyExt as _;
use std::io::Read as _;

/// A body that is refused is still read up to this many bytes and thrown away, so that the client gets
/// to read the answer instead of a broken connection.
const DRAIN: usize = 32 << 20;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read(mut body: Body, limit: usize) -> Result<Bytes, Code> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    let mut length = 0usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Code::BodyInterrupted)?.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length > limit {
            (first, rest) = (Bytes::new(), BytesMut::new());
            if length > limit.max(DRAIN) {
                break;
            }
        } else if first.is_empty() {
            first = data; // most bodies come in one piece and are not copied
        } else {
            if rest.is_empty() {
                rest.extend_from_slice(&first);
            }
            rest.extend_from_slice(&data);
        }
    }
    match length {
        _ if length > limit => Err(Code::PayloadTooLarge),
        _ if rest.is_empty() => Ok(first),
        _ => Ok(rest.freeze()),
    }
}

/// Whether the body is gzip.
pub(super) fn is_gzip(body: &[u8]) -> bool {
    body.starts_with(&GZIP)
}

/// Refuses an encoding that is announced and that we cannot undo.
pub(super) fn check_encoding(headers: &HeaderMap) -> Result<(), Code> {
    let known = |value: &str| {
        let value = value.trim();
        value.is_empty()
            || ["gzip", "x-gzip", "identity"]
                .iter()
                .any(|k| value.eq_ignore_ascii_case(k))
    };
    let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
    if values.all(|value| value.to_str().is_ok_and(known)) {
        Ok(())
    } else {
        Err(Code::UnknownEncoding)
    }
}

/// Decompresses at most `limit` bytes. A bomb costs the time and the memory of `limit` bytes.
pub(super) fn inflate(body: &[u8], limit: usize) -> Result<Vec<u8>, Code> {
    let mut plain = Vec::with_capacity(body.len().saturating_mul(4).min(limit));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    GzDecoder::new(body)
        .take(most)
        .read_to_end(&mut plain)
        .map_err(|_| Code::InvalidGzip)?;
    if plain.len() > limit {
        Err(Code::PayloadTooLarge)
    } else {
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use std::io::Write as _;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_gzip_bomb_stops_at_the_limit() {
        let bomb = gzip(&vec![b' '; 20 << 20]);
        assert!(bomb.len() < 64 << 10);
        assert_eq!(inflate(&bomb, 1 << 20), Err(Code::PayloadTooLarge));
    }

    #[test]
    fn gzip_that_was_cut_or_changed_is_refused() {
        let good = gzip(b"{\"batch\":[]}");
        assert_eq!(inflate(&good, 100).unwrap(), b"{\"batch\":[]}");
        for cut in 2..good.len() {
            assert_eq!(inflate(&good[..cut], 100), Err(Code::InvalidGzip), "{cut}");
        }
        let mut changed = good.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        assert_eq!(inflate(&changed, 100), Err(Code::InvalidGzip));
    }

    #[test]
    fn an_encoding_we_cannot_undo_is_refused() {
        let check = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_ENCODING, value.parse().unwrap());
            check_encoding(&headers)
        };
        assert_eq!(check("gzip"), Ok(()));
        assert_eq!(check("GZIP"), Ok(()));
        assert_eq!(check("identity"), Ok(()));
        assert_eq!(check("br"), Err(Code::UnknownEncoding));
        assert_eq!(check_encoding(&HeaderMap::new()), Ok(()));
    }

    proptest! {
        #[test]
        fn what_was_compressed_comes_back_and_no_byte_over_the_limit(plain: Vec<u8>, limit in 0usize..200) {
            match inflate(&gzip(&plain), limit) {
                Ok(back) => prop_assert!(back == plain && plain.len() <= limit),
                Err(code) => prop_assert!(code == Code::PayloadTooLarge && plain.len() > limit),
            }
        }
    }
}
