//! A purpose cannot be made outside `gate`: how it looks at an envelope is sealed.
use gate::purposes::{Purpose, Wipe};
use vocabulary::PurposeName;

struct Curiosity;
struct Everything;

impl Wipe for Everything {
    fn wipe(&mut self) {}
}

impl Purpose for Curiosity {
    type View = Everything;
    const NAME: PurposeName = PurposeName::Service;
    const DPV: &'static str = "";
    const LEGAL_BASIS: &'static str = "";
    const SEES: &'static [&'static str] = &[];
    const RETENTION_DAYS: u32 = 1;
}

fn main() {}
