//! Metrics for Prometheus: counts and times, never a person, an identifier or a page address.
//!
//! Deliberately does not know: what is counted, except the gauges of the gate.

use crate::app::App;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use vocabulary::PurposeName;

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the recorder, once for the process.
fn handle() -> Option<&'static PrometheusHandle> {
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            metrics::set_global_recorder(recorder).ok().map(|()| handle)
        })
        .as_ref()
}

/// Makes sure that what is counted from now on is kept.
pub fn start() {
    handle();
}

/// The text exposition of now.
pub fn render(app: &App) -> String {
    metrics::gauge!("egard_waiting").set(app.gate.waiting() as f64);
    metrics::gauge!("egard_envelopes_in_memory").set(app.gate.in_memory() as f64);
    for purpose in PurposeName::ALL {
        metrics::counter!("egard_openings_total", "purpose" => purpose.as_str())
            .absolute(app.gate.openings(purpose));
    }
    exposition()
}

/// What was counted in this process, without the gauges of the gate: for a server that has none.
pub fn exposition() -> String {
    match handle() {
        Some(handle) => {
            handle.run_upkeep();
            handle.render()
        }
        None => String::new(),
    }
}
