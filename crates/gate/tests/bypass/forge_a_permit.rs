//! A permit cannot be made by hand: its fields are private to `gate`.
use gate::Permit;
use gate::purposes::Personalise;

fn forge() -> Permit<Personalise> {
    Permit { granted: (), purpose: std::marker::PhantomData }
}

fn main() {}
