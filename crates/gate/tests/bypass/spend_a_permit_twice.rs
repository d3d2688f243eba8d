//! A permit is spent by opening: it is moved, and there is no second use.
use gate::purposes::Personalise;
use gate::{Gate, Permit};

async fn twice(gate: Gate, permit: Permit<Personalise>) {
    let _ = gate.open_with(permit).await;
    let _ = gate.open_with(permit).await;
}

fn main() {}
