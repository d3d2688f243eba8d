//! A permit cannot be made by hand: its fields are private to `gate`.
use gate::Permit;
use gate::purposes::Personalise;

fn main() {
    let _: Permit<Personalise> = Permit { granted: todo!(), purpose: std::marker::PhantomData };
}
