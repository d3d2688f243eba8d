//! The files that pages load, each at an address that holds the hash of its bytes, so that it can be
//! cached for ever and never be stale.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// A file to be served as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asset {
    /// The address, from the root of the site: `/assets/style-0123456789abcdef.css`.
    pub path: String,
    /// The media type.
    pub content_type: &'static str,
    /// The bytes.
    pub body: &'static str,
}

/// How long a file at a hashed address may be kept: a year, without asking again.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The stylesheet of all pages.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    asset(
        "style",
        "css",
        "text/css; charset=utf-8",
        include_str!("../../assets/style.css"),
    )
});

/// The mark of the house, for tabs and bookmarks.
pub static ICON: LazyLock<Asset> = LazyLock::new(|| {
    asset(
        "icon",
        "svg",
        "image/svg+xml",
        include_str!("../../assets/icon.svg"),
    )
});

/// The files, each at its address.
pub fn router() -> Router {
    Router::new().route("/assets/{name}", get(serve))
}

async fn serve(Path(name): Path<String>) -> Response {
    match find(&format!("/assets/{name}")) {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, CACHE_CONTROL),
            ];
            (headers, asset.body).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
/// The consent dialogue that a site puts on its own pages; served at an address of its own.
pub static DIALOGUE: LazyLock<Asset> = LazyLock::new(|| {
    asset(
        "dialogue",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../assets/dialogue.js"),
    )
});

/// Asks what the checker finds while a text is typed, on the team's page of it.
pub static LINT: LazyLock<Asset> = LazyLock::new(|| script("lint", include_str!("../../assets/lint.js")));

/// Asks for notifications, on the pages of a site; served at an address of its own.
pub static PUSH: LazyLock<Asset> = LazyLock::new(|| script("push", include_str!("../../assets/push.js")));

/// Shows notifications; served at an address of its own.
pub static PUSH_WORKER: LazyLock<Asset> =
    LazyLock::new(|| script("push-worker", include_str!("../../assets/push-worker.js")));

fn script(name: &str, body: &'static str) -> Asset {
    asset(name, "js", "text/javascript; charset=utf-8", body)
}

/// The file at `path`, if it is one of ours.
pub fn find(path: &str) -> Option<&'static Asset> {
    [&*STYLE, &*ICON, &*LINT]
        .into_iter()
        .find(|asset| asset.path == path)
}

fn asset(name: &str, ending: &str, content_type: &'static str, body: &'static str) -> Asset {
    let digest = Sha256::digest(body.as_bytes());
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Asset {
        path: format!("/assets/{name}-{hash}.{ending}"),
        content_type,
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_at_its_own_address_only() {
        for asset in [&*STYLE, &*ICON] {
            assert_eq!(find(&asset.path), Some(asset));
            assert!(!asset.body.is_empty());
        }
        assert_eq!(find("/assets/style-0000000000000000.css"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn the_address_follows_the_bytes() {
        assert_ne!(
            asset("a", "css", "text/css", "x").path,
            asset("a", "css", "text/css", "y").path
        );
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for asset in [&*STYLE, &*ICON, &*DIALOGUE, &*PUSH, &*PUSH_WORKER] {
            for call in ["url(", "@import", "src="] {
                assert!(!asset.body.contains(call), "{}", asset.path);
            }
        }
    }
}
