//! A draft cannot be read before it is recorded.
use gate::Draft;
use gate::purposes::Personalise;

fn show(draft: Draft<Personalise, String>) -> String {
    draft.proposal
}

fn main() {}
