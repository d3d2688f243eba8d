//! What was opened cannot be serialised, and a view cannot be printed.
use gate::Opened;
use gate::purposes::Personalise;

fn send(opened: &Opened<Personalise>) -> String {
    serde_json::to_string(opened).unwrap()
}

fn print(opened: &Opened<Personalise>) -> String {
    format!("{:?}", opened.view())
}

fn main() {}
