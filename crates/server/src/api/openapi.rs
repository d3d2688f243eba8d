//! The OpenAPI document, made from the code; a test holds it against its snapshot.

use super::{
    consents, exports, groups, health, ledger, merges, numbers, opendsr, people, programs,
    push_subscriptions, recommendations, records, rights_requests, webhooks,
};
use axum::Json;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Égard",
        description = "Personalisation that respects the person: every use of data is permitted, explained and recorded.",
        license(name = "AGPL-3.0-or-later"),
    ),
    paths(
        recommendations::recommend,
        consents::state,
        consents::ask,
        records::receipt,
        records::receipt_document,
        records::receipt_context,
        records::receipt_schema,
        people::open,
        crate::me::contract::state,
        crate::me::contract::ask,
        crate::me::in_app::collect,
        crate::me::in_app::say,
        crate::me::openness::state,
        crate::me::openness::answer,
        crate::me::openness::ask,
        crate::me::links::make,
        crate::me::links::reach,
        groups::segments,
        groups::preview,
        groups::journeys,
        programs::history,
        programs::plan,
        programs::apply,
        programs::approve,
        programs::rollback,
        merges::join,
        merges::part,
        numbers::note,
        numbers::inbound,
        webhooks::list,
        webhooks::on,
        push_subscriptions::note,
        push_subscriptions::key,
        push_subscriptions::remove,
        rights_requests::open,
        rights_requests::of,
        rights_requests::pending,
        rights_requests::one,
        rights_requests::revoke,
        rights_requests::advance,
        exports::export,
        exports::schema,
        opendsr::discovery,
        opendsr::key,
        opendsr::receive,
        opendsr::status,
        opendsr::cancel,
        ledger::checkpoint,
        ledger::keys,
        ledger::tile,
        serve,
        health::alive,
        health::ready,
        health::metrics,
    ),
    modifiers(&ApiKeyScheme),
)]
struct Api;

struct ApiKeyScheme;

impl utoipa::Modify for ApiKeyScheme {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("api_key", SecurityScheme::Http(scheme));
    }
}

/// The document.
pub fn document() -> Document {
    Api::openapi()
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
pub(super) async fn serve() -> Json<Document> {
    Json(document())
}
