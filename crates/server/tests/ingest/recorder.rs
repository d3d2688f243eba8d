//! An acceptor that keeps everything in memory, each `(source, messageId)` once, and that can be
//! told to refuse first.

use server::ingest::{Accept, Accepted, Accepting, Dropped, Refusal, SourceName, Told};
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use vocabulary::Event;

#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    seen: HashSet<(SourceName, String)>,
    arrived: Vec<(SourceName, Event)>,
    duplicates: u32,
    vouched: Vec<bool>,
    refusals: VecDeque<Refusal>,
    dropping: Option<&'static str>,
}

impl Recorder {
    /// What arrived, each message once, in the order of arrival.
    pub fn arrived(&self) -> Vec<(SourceName, Event)> {
        self.0.lock().unwrap().arrived.clone()
    }

    /// How often something came again.
    #[allow(dead_code, reason = "not every test binary asks")]
    pub fn duplicates(&self) -> u32 {
        self.0.lock().unwrap().duplicates
    }

    /// Of which the sender may speak for the person they name, in the order of arrival.
    #[allow(dead_code, reason = "not every test binary asks")]
    pub fn vouched(&self) -> Vec<bool> {
        self.0.lock().unwrap().vouched.clone()
    }

    /// The next call is refused like this.
    #[allow(dead_code, reason = "not every test binary refuses")]
    pub fn refuse(&self, refusal: Refusal) {
        self.0.lock().unwrap().refusals.push_back(refusal);
    }

    /// The first event of each call is dropped with this code.
    #[allow(dead_code, reason = "not every test binary drops")]
    pub fn drop_first(&self, code: &'static str) {
        self.0.lock().unwrap().dropping = Some(code);
    }
}

impl Accept for Recorder {
    fn accept(&self, source: SourceName, told: Vec<Told>) -> Accepting {
        let state = self.0.clone();
        Box::pin(async move {
            let mut state = state.lock().unwrap();
            if let Some(refusal) = state.refusals.pop_front() {
                return Err(refusal);
            }
            let dropping = state.dropping;
            let mut accepted = Accepted::default();
            for (index, Told { event, vouched }) in (0u32..).zip(told) {
                match dropping {
                    Some(code) if index == 0 => {
                        accepted.dropped.push(Dropped {
                            index,
                            code: code.into(),
                        });
                    }
                    _ if state.seen.insert((source.clone(), event.message_id.clone())) => {
                        accepted.stored += 1;
                        state.vouched.push(vouched);
                        state.arrived.push((source.clone(), event));
                    }
                    _ => accepted.duplicates += 1,
                }
            }
            state.duplicates += accepted.duplicates;
            Ok(accepted)
        })
    }
}
