//! A thread beside the writer that moves what was written into its place in the store, so that the
//! write-ahead file stays short and no group waits for it: a group costs the one fsync of its own.
//!
//! Deliberately does not know: what is in the store.

use crate::gate::Shared;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// Groups, or events, after which there is something to move: some megabytes of pages.
const GROUPS: usize = 200;
const EVENTS: usize = 2_000;

/// The writer's handle on the thread.
pub(super) struct Tidier {
    nudges: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    groups: usize,
    events: usize,
}

impl Tidier {
    /// Starts the thread. Where there can be none, the writer tidies by itself.
    pub(super) fn start(shared: &Arc<Shared>) -> Tidier {
        let (nudges, nudged) = sync_channel(1);
        let shared = Arc::clone(shared);
        let thread = std::thread::Builder::new().name("tidier".to_owned());
        let thread = thread.spawn(move || {
            while nudged.recv().is_ok() {
                if let Err(error) = shared.shelf.tidy() {
                    shared.note(&error);
                }
            }
        });
        Tidier {
            nudges: thread.is_ok().then_some(nudges),
            thread: thread.ok(),
            groups: 0,
            events: 0,
        }
    }

    /// Notes a group of so many events. Never waits, unless there is no thread.
    pub(super) fn after(&mut self, events: usize, shared: &Shared) {
        self.groups += usize::from(events > 0);
        self.events += events;
        if self.groups >= GROUPS || self.events >= EVENTS {
            self.nudge(shared);
        }
    }

    /// Nothing happens just now: what is left can be moved.
    pub(super) fn idle(&mut self, shared: &Shared) {
        if self.groups > 0 {
            self.nudge(shared);
        }
    }

    fn nudge(&mut self, shared: &Shared) {
        (self.groups, self.events) = (0, 0);
        let nudged = self.nudges.as_ref().map(|nudges| nudges.try_send(()));
        // Full: it is at work, and has been asked to go on.
        if matches!(nudged, None | Some(Err(TrySendError::Disconnected(()))))
            && let Err(error) = shared.shelf.tidy()
        {
            shared.note(&error);
        }
    }
}

impl Drop for Tidier {
    /// Ends with the writer, so that nobody holds the store after it.
    fn drop(&mut self) {
        self.nudges = None;
        if let Some(thread) = self.thread.take() {
            // Its panic, if it had one, was its own.
            let _ = thread.join();
        }
    }
}
