//! What was opened cannot be kept by copying it.
use gate::Opened;
use gate::purposes::Personalise;

fn keep(opened: &Opened<Personalise>) -> Opened<Personalise> {
    opened.clone()
}

fn main() {}
