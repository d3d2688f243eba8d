//! A permit cannot be made by hand: its fields are private to `gate`.
use gate::Permit;
use gate::purposes::Personalise;

fn anything<T>() -> T {
    loop {}
}

fn forge() -> Permit<Personalise> {
    Permit { granted: anything(), purpose: anything() }
}

fn main() {}
