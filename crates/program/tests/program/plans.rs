//! What changes is told, and nothing else.

use super::demo;
use program::plan::{Fate, NotRunning};
use program::{Files, Name, Program, diff, plan};

fn changed(change: impl FnOnce(&mut Files)) -> (Program, Program) {
    let before = Program::read(demo()).unwrap();
    let mut files = demo();
    change(&mut files);
    (
        before,
        Program::read(files).unwrap_or_else(|faults| panic!("{faults}")),
    )
}

fn replace(files: &mut Files, path: &str, from: &str, to: &str) {
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert!(text.contains(from), "{path} has no {from}");
    files.insert(path.to_owned(), text.replace(from, to).into());
}

#[test]
fn the_same_program_differs_in_nothing() {
    let (before, after) = changed(|_| {});
    assert!(diff(&before, &after).is_empty());
    let plan = plan(Some(&before), &after);
    assert!(plan.segments.is_empty() && plan.journeys.is_empty());
}

#[test]
fn a_difference_is_told_in_plain_words() {
    let (before, after) = changed(|files| {
        replace(
            files,
            "journeys/abandoned_cart.yaml",
            "wait: 4 hours",
            "wait: 6 hours",
        );
        replace(files, "segments/customers.yaml", "title:", "# a word\ntitle:");
        replace(
            files,
            "messages/letter/fr.mjml",
            "Chaque semaine",
            "Toutes les semaines",
        );
        files.remove("messages/welcome_around/fr.plain.txt");
        files.remove("messages/welcome_around/en.plain.txt");
        replace(
            files,
            "messages/welcome_around/message.yaml",
            "tones:\n  plain: { fr: fr.plain.txt, en: en.plain.txt }",
            "",
        );
    });
    let told: Vec<String> = diff(&before, &after).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "journey `abandoned_cart` is different:\n    `steps.patience.wait` was `4 hours`, is `6 hours`",
            "`fr.mjml` of the message `letter` is different:\n    1 lines are gone, 1 are new",
            "`en.plain.txt` of the message `welcome_around` is gone",
            "`fr.plain.txt` of the message `welcome_around` is gone",
            "message `welcome_around` is different:\n    `tones.plain.en` is gone; it was `en.plain.txt`\n    \
             `tones.plain.fr` is gone; it was `fr.plain.txt`",
            "segment `customers` is different:\n    comments or layout only",
        ]
    );
}

#[test]
fn a_plan_names_whom_it_touches() {
    let (before, after) = changed(|files| {
        // `quiet` names `customers`, so both are reckoned anew.
        replace(files, "segments/customers.yaml", "395 days", "300 days");
        replace(
            files,
            "journeys/welcome.yaml",
            "  - id: settle\n    wait: 6 days\n",
            "",
        );
        replace(
            files,
            "journeys/win_back.yaml",
            "at_most: 3 weeks",
            "at_most: 2 weeks",
        );
    });
    let plan = plan(Some(&before), &after);
    let segments: Vec<(&str, Fate)> = plan
        .segments
        .iter()
        .map(|(name, fate)| (name.as_str(), *fate))
        .collect();
    assert_eq!(segments, [("customers", Fate::Changed), ("quiet", Fate::Changed)]);
    let welcome = &plan.journeys[&Name::from("welcome")];
    assert_eq!(
        (welcome.gone.as_slice(), welcome.changed.as_slice()),
        (&["settle".to_owned()][..], &["remember".to_owned()][..])
    );
    assert_eq!(plan.journeys[&Name::from("win_back")].changed, ["answer"]);
    let lines = plan.lines(&after, &NotRunning).join("\n");
    assert!(lines.contains("step `settle` is gone"), "{lines}");
}

/// So many people at every step.
struct Everywhere;

impl plan::Running for Everywhere {
    fn in_segment(&self, _: &Name) -> Option<plan::Interval> {
        None
    }
    fn would_be_in(&self, _: &program::Segment) -> Option<plan::Interval> {
        None
    }
    fn at_step(&self, _: &Name, _: &str) -> Option<plan::Interval> {
        Some(plan::Interval { low: 120, high: 130 })
    }
}

#[test]
fn who_waits_where_a_message_is_renamed_is_told_and_the_step_stays() {
    let (before, after) = changed(|files| {
        let message: Vec<String> = files
            .keys()
            .filter(|path| path.starts_with("messages/welcome/"))
            .cloned()
            .collect();
        for path in message {
            let bytes = files.remove(&path).unwrap();
            files.insert(path.replace("messages/welcome/", "messages/hello/"), bytes);
        }
        replace(
            files,
            "journeys/welcome.yaml",
            "message: welcome\n",
            "message: hello\n",
        );
    });
    let plan = plan(Some(&before), &after);
    let journey = &plan.journeys[&Name::from("welcome")];
    assert_eq!((journey.fate, journey.changed.len()), (Fate::Changed, 1));
    // Whoever stands there stays: no step is gone, none is new.
    assert!(journey.gone.is_empty() && journey.new.is_empty(), "{journey:?}");
    let lines = plan.lines(&after, &Everywhere);
    let step = format!(
        "step `{}` is changed; 120 to 130 people stand at it",
        journey.changed[0]
    );
    assert!(lines.iter().any(|line| line.contains(&step)), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.contains("message `hello`")),
        "{lines:#?}"
    );
    assert!(
        lines.iter().any(|line| line.contains("message `welcome`")),
        "{lines:#?}"
    );
}

#[test]
fn who_stands_in_a_journey_that_goes_is_told_step_by_step() {
    let (before, after) = changed(|files| drop(files.remove("journeys/welcome.yaml").unwrap()));
    let plan = plan(Some(&before), &after);
    let lines = plan.lines(&after, &Everywhere);
    let ends = "journey `welcome` ends: whoever is in it leaves";
    assert!(lines.iter().any(|line| line == ends), "{lines:#?}");
    let steps = &before.journeys[&Name::from("welcome")].steps;
    for step in steps {
        let told = format!("    step `{}` is gone; 120 to 130 people stand at it", step.id);
        assert!(lines.contains(&told), "{told}: {lines:#?}");
    }
}
