//! Opposed audiences, on the conversations that ship with the program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic, and shows its figures"
)]

use lab::polis::{Choices, Conversation, Error, Sides, Vote, read, run};
use std::path::Path;

fn shipped(name: &str) -> Conversation {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/data/polis"));
    read(folder)
        .unwrap()
        .into_iter()
        .find(|one| one.name.contains(name))
        .unwrap()
}

/// Of a list of five, what another side rejects: at most so much of what the plain list has, for at most so many
/// points of agreement.
fn floors(name: &str, one_sided: f64, by_file: f64, noised: f64) {
    let report = run(&shipped(name), &Choices::default()).unwrap();
    println!("{report}");
    let line = |name| report.line(name).unwrap();
    let (plain, bridged) = (line("plain"), line("bridging"));
    // By the groups found here, and by those that the file has.
    assert!(bridged.one_sided.mean <= one_sided * plain.one_sided.mean);
    assert!(bridged.by_file.mean <= by_file * plain.by_file.mean);
    assert!(bridged.agrees.mean >= plain.agrees.mean - 0.015);
    assert!(bridged.gap.mean <= 0.65 * plain.gap.mean);
    // From sums with noise of ε = 1.
    let of_noise = line("bridging, noised");
    assert!(of_noise.one_sided.mean <= noised * plain.one_sided.mean);
    assert!(of_noise.agrees.mean >= plain.agrees.mean - 0.015);
    // The plain list is one-sided: there is something to mend.
    assert!(plain.one_sided.mean > 3.0 * line("most agreed").one_sided.mean);
    assert!(plain.gap.mean > line("chance").gap.mean + 0.03);
}

#[test]
fn bridging_cuts_what_is_one_sided_by_65_percent_in_bowling_green() {
    floors("bowling-green", 0.35, 0.35, 0.2);
}

/// Two hundred people and fifty statements: by the file's groups a point less, and noise leaves little of it.
#[test]
fn bridging_cuts_what_is_one_sided_by_65_percent_in_a_small_conversation() {
    floors("brexit", 0.35, 0.37, 0.85);
}

/// The groups found here are those that Polis found itself.
#[test]
fn groups_are_found_as_polis_finds_them() {
    for name in ["bowling-green", "brexit"] {
        let conversation = shipped(name);
        let people: Vec<&[Vote]> = conversation.people.iter().map(Vec::as_slice).collect();
        let sides = Sides::find(&people, conversation.statements.len(), 7);
        assert_eq!(sides.groups(), 2, "{name}");
        let both: Vec<bool> = people
            .iter()
            .zip(&conversation.groups)
            .filter_map(|(votes, group)| Some(sides.of(votes)? == (*group)?))
            .collect();
        let same = both.iter().filter(|same| **same).count() as f64 / both.len() as f64;
        // Which of them is called 0 is chance.
        assert!(same.max(1.0 - same) > 0.9, "{name}: {same}");
    }
}

#[test]
fn votes_are_read_and_what_is_none_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("votes.csv"), text).unwrap();
    write("conversation,participant,statement,vote\na,1,x,1\na,1,y,-1\na,2,x,0\nb,1,z,1\na,1,x,-1\n");
    let read_back = read(folder.path()).unwrap();
    assert_eq!(
        (
            read_back.len(),
            read_back[0].people.len(),
            read_back[0].statements.len()
        ),
        (2, 2, 2)
    );
    assert_eq!(
        read_back[0].people[0][0],
        Vote {
            statement: 0,
            vote: -1
        },
        "the last vote counts"
    );
    assert!(matches!(
        run(&read_back[0], &Choices::default()),
        Err(Error::TooFew { .. })
    ));
    write("conversation,participant,statement,vote\na,1,x,yes\n");
    let error = read(folder.path()).unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("yes"), "{error}");
    write("conversation,participant,statement,vote\n");
    assert!(read(folder.path()).is_err() && read(&folder.path().join("none")).is_err());
}
