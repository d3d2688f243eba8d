//! What somebody may hand over as the report of an audit, and what may lie in a store as a charter of the past.

use crate::Target;
use crate::log::key;
use gate::charter::Charter;
use server::audit::Report;

pub const TARGETS: &[&Target] = &[
    &Target {
        name: "report",
        run: report,
        seeds: || vec![genuine().into_bytes(), SAMPLE.as_bytes().to_vec()],
    },
    &Target {
        name: "charter-text",
        run: charter,
        seeds: || {
            let charter = Charter::built_in().expect("the charter");
            vec![charter.text().to_vec()]
        },
    },
];

const SAMPLE: &str = r#"{"checkpoint":{"origin":"log.example","root":"AAAA","size":3},"counts":{"opened":2},"day":"2026-11-22","erased":0,"findings":{},"form":"egard audit 1","kinds":{"choice":2},"population":3,"program":"egard 0.1.0","questions_since":0,"retention":{"event_days":90,"message_days":7},"sample":2,"seed":{"given":7,"hex":"00"}}"#;

/// Whatever is read is written again to the byte, and only what this key signed is genuine.
fn report(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(report) = Report::read(text)
    {
        let again = report.to_json().expect("a report that was read");
        assert_eq!(again, text.strip_suffix('\n').unwrap_or(text));
    }
    if let Ok(report) = Report::open(bytes, key().verifying_key()) {
        assert_eq!(Ok(report), Report::read(SAMPLE));
    }
}

fn genuine() -> String {
    key().sign(&format!("{SAMPLE}\n")).expect("a line").to_string()
}

/// A charter that is read is the one of its bytes.
fn charter(bytes: &[u8]) {
    if let Ok(charter) = Charter::from_text(bytes) {
        assert_eq!(charter.text(), bytes);
    }
}
