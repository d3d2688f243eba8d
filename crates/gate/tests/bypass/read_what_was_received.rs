//! What was received cannot be read, only handed on.
use gate::Received;

fn peek(received: &Received) {
    let _ = &received.input;
}

fn main() {}
