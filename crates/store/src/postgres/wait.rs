//! Waiting for a future on any thread, also one that belongs to another runtime.
//!
//! The connection itself runs on the driver's own thread; here we only sleep until it answers.
//! Deliberately does not know: tokio, which refuses to be waited for inside itself.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future to its end on this thread.
pub(super) fn wait<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Sleeper(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            // A wake that came before this is not lost: it makes the next park return at once.
            Poll::Pending => thread::park(),
        }
    }
}
