//! The whole server, over real HTTP: recommendations with their reasons and receipts, what is never
//! said or kept, what happens when things break, and the demo page in a browser.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may panic and speak"
)]

#[path = "house/answers.rs"]
mod answers;
mod browser;
#[path = "house/faults.rs"]
mod faults;
#[path = "house/life.rs"]
mod life;
#[path = "house/merging.rs"]
mod merging;
#[path = "house/problems.rs"]
mod problems;
#[path = "house/quiet.rs"]
mod quiet;
#[path = "house/receipts.rs"]
mod receipts;
#[path = "house/support.rs"]
mod support;
#[path = "house/unlearning.rs"]
mod unlearning;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_can_be_walked_through_in_a_browser() {
    let house = support::learned().await;
    let base = format!("http://{}", house.address);
    tokio::task::spawn_blocking(move || browser::run(&base))
        .await
        .unwrap();
}
