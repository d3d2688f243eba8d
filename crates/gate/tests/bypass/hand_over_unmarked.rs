//! A handover exists once its mark is on disk: it cannot be made by hand, nor handed over twice.
use gate::Gate;
use gate::dispatch::{HandedOver, Handover, Outcome};
use vocabulary::Moment;

fn twice(gate: &Gate, handover: Handover<String>) {
    let first = HandedOver { handover, outcome: Outcome::Accepted };
    let second = HandedOver { handover, outcome: Outcome::Accepted };
    let _ = gate.answered(vec![first, second], Moment(0));
}

fn forge(letter: String) -> Handover<String> {
    Handover { letter }
}

fn main() {}
