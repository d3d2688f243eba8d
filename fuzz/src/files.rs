//! Files that an operator puts beside the server, and the model: a file may come from anywhere.

use crate::Target;
use gate::charter::{Charter, Question};
use gate::dictionary::Dictionary;
use recommend::{Contents, FORMAT, Header, Model, Parameters, Training};
use server::identifier::{self, Identifier};
use server::ingest::{PublicUrl, SourceName};
use server::settings::Settings;
use vocabulary::{Catalogue, Day, Digest, Interaction, Item, ItemId, Moment, PurposeName};

pub const TARGETS: &[&Target] = &[
    &Target {
        name: "model",
        run: model,
        seeds: || vec![model_bytes(0), model_bytes(3)],
    },
    &Target {
        name: "dictionary",
        run: dictionary,
        seeds: || vec![include_bytes!("../../demo/dictionary.toml").to_vec()],
    },
    &Target {
        name: "settings",
        run: settings,
        seeds: || vec![include_bytes!("../../egard.example.toml").to_vec()],
    },
    &Target {
        name: "catalogue",
        run: catalogue,
        seeds: || {
            vec![
                br#"{"id":"a","name":"A","category":"c","price_minor":255,"hidden":false,"in_stock":true}"#
                    .to_vec(),
            ]
        },
    },
    &Target {
        name: "rules",
        run: rules,
        seeds: || vec![RULES.as_bytes().to_vec()],
    },
    &Target {
        name: "identifier",
        run: an_identifier,
        seeds: || {
            vec![
                b"\"ann\"".to_vec(),
                b"18446744073709551615".to_vec(),
                b"https://public.example/x".to_vec(),
                b"shop-1".to_vec(),
            ]
        },
    },
];

/// A model file without its last 32 bytes: the checksum is put right, or it would stop the fuzzer at the
/// door. Every score must be the sum of its reasons, whatever the weights.
fn model(bytes: &[u8]) {
    drop(Model::read(bytes));
    let summed = [bytes, Digest::of(bytes).0.as_slice()].concat();
    let Ok(model) = Model::read(&summed) else { return };
    let history: Vec<Interaction> = model
        .items()
        .iter()
        .take(40)
        .zip(1..)
        .map(|(item, number)| Interaction {
            item: item.clone(),
            viewed: number,
            added: number % 3,
            bought: u32::MAX / number,
            last_at: Moment(i64::from(number) * 1_000_000),
        })
        .collect();
    let muted: Vec<ItemId> = model.items().iter().skip(1).step_by(7).cloned().collect();
    let scores = recommend::score_all(&model, &history, &muted, Moment(1_800_000_000_000));
    for ranked in scores.rank(20, |_| true) {
        let sum: f64 = ranked.reasons.iter().map(|reason| reason.amount).sum();
        assert!(ranked.score.is_finite(), "a score is {}", ranked.score);
        assert_eq!(
            sum.to_bits(),
            (ranked.score + 0.0).to_bits(),
            "a score is not the sum of its reasons"
        );
    }
}

fn dictionary(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match Dictionary::read(text) {
        Ok(dictionary) => {
            for rule in dictionary.events.values() {
                assert!(!rule.purposes.is_empty(), "kept for no purpose");
            }
            for rule in dictionary.traits.values() {
                assert!(!rule.purposes.is_empty(), "kept for no purpose");
            }
        }
        Err(error) => one_line(&error.to_string()),
    }
}

fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match Settings::parse(text) {
        Ok(settings) => {
            let shown = format!("{settings:?}");
            for source in settings
                .sources
                .iter()
                .filter(|source| source.write_key.len() > 12)
            {
                assert!(!shown.contains(&source.write_key), "a write key is printed");
            }
            drop(server::ingest::Sources::new(settings.sources));
            drop(server::auth::ApiKeys::new(
                settings.api_keys.iter().map(|key| (key.name.clone(), &key.key)),
            ));
        }
        Err(error) => one_line(&error),
    }
}

fn catalogue(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(items) = text
        .lines()
        .map(serde_json::from_str::<Item>)
        .collect::<Result<Vec<_>, _>>()
    {
        let catalogue = Catalogue::new(items);
        let _ = catalogue.get(&ItemId("a".to_owned()));
    }
}

/// Rules of an operator: whatever they say, they load as narrowing or not at all.
fn rules(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(charter) = Charter::with_operator(&[("own".to_owned(), text.to_owned())]) {
        let own = charter
            .policies()
            .filter(|policy| policy.id().as_str().starts_with("operator/"));
        for policy in own {
            assert!(policy.forbids(), "an operator's rule permits");
        }
        // Every question would take a second; which ones are asked goes with the input.
        let first = usize::from(Digest::of(bytes).0[0]);
        for question in Question::all().skip(first).step_by(997) {
            let allowed = charter.decide(&question).allowed;
            assert!(
                !allowed || BUILT_IN.with(|built_in| built_in.decide(&question).allowed),
                "widened: {question:?}"
            );
            let own_right = question.purpose == PurposeName::ShowOwnData;
            assert!(
                !own_right || allowed == BUILT_IN.with(|built_in| built_in.decide(&question).allowed),
                "a right taken: {question:?}"
            );
        }
    }
}

thread_local! {
    static BUILT_IN: Charter = Charter::built_in().expect("the charter");
}

fn an_identifier(bytes: &[u8]) {
    if let Ok(identifier) = serde_json::from_slice::<Identifier>(bytes) {
        let text = identifier.text();
        if identifier::check(&text).is_ok() {
            assert!(!text.trim_ascii().is_empty() && text.len() <= identifier::LONGEST);
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(url) = PublicUrl::parse(text) {
        let shown = url.to_string();
        assert!(
            !shown.contains(['"', '<', '>', '\'', ' ', '\n', '@', '?', '#', '\\']),
            "{shown}"
        );
        assert!(PublicUrl::parse(&shown).is_ok(), "{shown}");
    }
    if let Ok(name) = SourceName::parse(text) {
        assert_eq!(name.as_str(), text);
    }
}

/// Errors are told in one line, which a terminal may show.
fn one_line(message: &str) {
    assert!(!message.is_empty() && !message.contains('\n'), "{message:?}");
}

fn model_bytes(items: u32) -> Vec<u8> {
    let column = |target: u32| -> Vec<(u32, i16)> {
        let mut column = (0..items)
            .filter(|source| *source != target)
            .map(|source| (source, 300 - 200 * source as i16 + 1))
            .collect();
        recommend::eight_bits(&mut column);
        column
    };
    let contents = Contents {
        header: Header {
            privacy: None,
            format: FORMAT,
            items,
            people: 1234,
            made_on: Day(15_300),
            charter: Digest::of(b"charter"),
            data: "made up".to_owned(),
            training: Training {
                dropout: 0.0,
                ridge: 3.0,
                neighbours: 100,
                transitions: 50,
                alike: 0,
                most_items: 200,
                least_people: 5,
            },
            parameters: Parameters {
                again: 0.8,
                next: 0.7,
                discover: 1.1,
                prior: 0.3,
                alike: 0.0,
                mute: 2.0,
                viewed: 0.3,
                added: 0.6,
                bought: 1.0,
                repeats: 0.5,
                again_half: 3.0,
                discover_half_life: 200.0,
                next_half_life: 30.0,
                again_half_life: 90.0,
            },
            weight_bits: 12,
        },
        items: (0..items).map(|number| ItemId(format!("i{number}"))).collect(),
        popularity: (0..items).map(|number| number << 20).collect(),
        discover: (0..items).map(column).collect(),
        next: (0..items).map(column).collect(),
        alike: vec![Vec::new(); items as usize],
    };
    let mut bytes = recommend::write(&contents).expect("a model");
    bytes.truncate(bytes.len() - 32);
    bytes
}

const RULES: &str = r#"
@id("no-sundays")
@explain_fr("Pas le dimanche.")
@explain_en("Not on Sundays.")
forbid (principal, action == Action::"personalise", resource)
when { context.gpc };

@id("never-train")
@law("GDPR art. 25")
@explain_fr("Jamais.")
@explain_en("Never.")
forbid (principal, action in [Action::"train", Action::"segment"], resource);
"#;
