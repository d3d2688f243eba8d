//! What a purpose may not see is not there: `train` has no traits.
use gate::Opened;
use gate::purposes::Train;

fn traits(opened: &Opened<Train>) {
    let _ = &opened.view().traits;
}

fn main() {}
