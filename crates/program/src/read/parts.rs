//! Settings, dictionary and catalogue from their trees.
//!
//! Deliberately does not know: who uses what they declare.

use super::journey::window;
use super::words;
use crate::catalogue::{Format, Place, Source, Sources};
use crate::dictionary::{Dictionary, Event, Trait, Type};
use crate::fault::Sheet;
use crate::segment::Did;
use crate::settings::{Approval, Cap, Caps, Choose, Placement, Settings, Training, Webhook};
use crate::shape::{day_or_moment, zone};
use crate::span::Span;
use crate::tree::Node;
use crate::words::Name;
use std::collections::BTreeMap;
use vocabulary::{Channel, Language, PurposeName, PurposeSet};

/// `program.yaml`.
pub(crate) fn settings(node: &Node, sheet: &mut Sheet<'_>) -> Option<Settings> {
    let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let mut languages = Vec::new();
    for item in node.get("languages").map(Node::items).unwrap_or_default() {
        let language = item.text().and_then(Language::of_tag);
        match language {
            Some(language) if languages.contains(&language) => {
                sheet.error("duplicate", item.mark, "the language is there twice", "keep one");
            }
            Some(language) => languages.push(language),
            None => {}
        }
    }
    if languages.is_empty() {
        languages = vec![Language::Fr, Language::En];
    }
    let table = |key: &str| named(node.get(key));
    Some(Settings {
        name: text("name")?,
        time_zone: zone(&text("time_zone")?)?,
        languages,
        currency: text("currency")?,
        quiet_hours: match node.get("quiet_hours") {
            None => None,
            Some(node) => Some(window(node)?),
        },
        caps: node.get("caps").map(caps).unwrap_or_default(),
        approval: match text("approval").as_deref() {
            Some("second_person") => Approval::SecondPerson,
            _ => Approval::None,
        },
        training: match node.get("training") {
            None => None,
            Some(node) => Some(training(node, sheet)?),
        },
        placements: named(node.get("placements"))
            .into_iter()
            .map(|(name, node)| (name.to_owned(), placement(node)))
            .collect(),
        queues: each(table("queues"), |node| words(Some(node)))?,
        webhooks: each(table("webhooks"), |node| {
            Some(Webhook {
                url: node.get("url")?.text()?.to_owned(),
                title: words(node.get("title"))?,
            })
        })?,
        deadlines: each(table("deadlines"), |node| day_or_moment(node.text()?))?,
        moved_because: each(table("moved_because"), |node| Some(node.text()?.to_owned()))?,
    })
}

/// A budget that promises nothing, or that no release fits into, is no budget.
fn training(node: &Node, sheet: &mut Sheet<'_>) -> Option<Training> {
    let mut within = |key: &str, otherwise: f64, low: f64, high: f64, mend: &str| {
        let Some(node) = node.get(key) else {
            return Some(otherwise);
        };
        let value = node.number()?;
        if (low..=high).contains(&value) {
            return Some(value);
        }
        let problem = format!("`{key}` is {value}, and stands between {low} and {high}");
        sheet.error("budget", node.mark, &problem, mend);
        None
    };
    let epsilon = within("epsilon", f64::NAN, 0.05, 10.0, "1 is usual")?;
    let lifetime = "3 is usual; it holds for everything that is ever learned of a person";
    let lifetime_epsilon = within("lifetime_epsilon", f64::NAN, 0.05, 20.0, lifetime)?;
    let delta = within("delta", 1e-6, 1e-12, 1e-4, "leave it out for a millionth")?;
    let every_days = within("every_days", 90.0, 1.0, 3_650.0, "leave it out for ninety days")? as u16;
    if lifetime_epsilon < epsilon {
        let problem = "one release would take more than the whole budget";
        let mend = "write a `lifetime_epsilon` of at least `epsilon`";
        sheet.error("budget", node.mark, problem, mend);
        return None;
    }
    Some(Training {
        epsilon,
        delta,
        lifetime_epsilon,
        every_days,
    })
}

fn placement(node: &Node) -> Placement {
    Placement {
        choose: match node.get("choose").and_then(Node::text) {
            Some("variety") => Choose::Variety,
            _ => Choose::Mix,
        },
    }
}

fn caps(node: &Node) -> Caps {
    let channels = named(node.get("channels"));
    let channels = channels.into_iter().filter_map(|(name, node)| {
        let channel = Channel::ALL.into_iter().find(|known| known.as_str() == name)?;
        Some((channel, cap(node)))
    });
    Caps {
        all: cap(node),
        channels: channels.collect(),
    }
}

fn cap(node: &Node) -> Cap {
    let most = |key: &str| node.get(key).and_then(Node::number).map(|most| most as u16);
    Cap {
        per_day: most("per_day"),
        per_week: most("per_week"),
    }
}

fn named(node: Option<&Node>) -> Vec<(&str, &Node)> {
    let entries = node.map(Node::entries).unwrap_or_default();
    entries
        .iter()
        .map(|(key, node)| (key.name.as_str(), node))
        .collect()
}

fn each<T>(entries: Vec<(&str, &Node)>, read: impl Fn(&Node) -> Option<T>) -> Option<BTreeMap<Name, T>> {
    let read = entries
        .into_iter()
        .map(|(name, node)| Some((Name::from(name), read(node)?)));
    read.collect()
}

/// `catalogue.yaml`.
pub(crate) fn catalogue(node: &Node) -> Option<Sources> {
    let source = |node: &Node| {
        let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        Some(Source {
            place: match (text("file"), text("url")) {
                (Some(file), None) => Place::File(file),
                (None, Some(url)) => Place::Url(url),
                _ => return None,
            },
            format: match text("format")?.as_str() {
                "json_lines" => Format::JsonLines,
                "tsv" => Format::Tsv,
                "csv" => Format::Csv,
                _ => return None,
            },
            every: match text("every") {
                None => None,
                Some(text) => Some(Span::read(&text).ok()?),
            },
        })
    };
    let category = |node: &Node| node.text().map(str::to_owned);
    Some(Sources {
        sources: each(named(node.get("sources")), source)?,
        categories: match node.get("categories") {
            None => None,
            Some(node) => Some(node.items().iter().map(category).collect::<Option<_>>()?),
        },
    })
}

/// `dictionary.yaml`. What can be read of it is, so that a fault in one entry is not the end of all names.
pub(crate) fn dictionary(node: &Node, sheet: &mut Sheet<'_>) -> Dictionary {
    let texts = |node: &Node| -> Vec<String> {
        let items = node.items().iter();
        items.filter_map(|item| item.text().map(str::to_owned)).collect()
    };
    let categories = |key: &str| -> BTreeMap<String, Vec<String>> {
        let entries = named(node.get(key)).into_iter();
        entries
            .map(|(name, node)| (name.to_owned(), texts(node)))
            .collect()
    };
    let mut dictionary = Dictionary {
        consent_categories: categories("consent_categories"),
        consent_mode: categories("consent_mode"),
        ..Dictionary::default()
    };
    let entries = |key: &str| node.get(key).map(Node::entries).unwrap_or_default();
    for (key, node) in entries("events") {
        let fields = named(node.get("fields")).into_iter().map(|(name, node)| {
            let type_ = node.text().and_then(Type::read).unwrap_or_default();
            (name.to_owned(), type_)
        });
        let event = Event {
            mark: key.mark,
            title: words(node.get("title")),
            purposes: purposes(node),
            interaction: node.get("interaction").and_then(Node::text).and_then(did),
            fields: fields.collect(),
            retention: retention(node),
            not_special: node.get("not_special").and_then(Node::text).map(str::to_owned),
        };
        dictionary.events.insert(key.name.clone(), event);
    }
    for (key, node) in entries("traits") {
        let yes = |name: &str| node.get(name).and_then(Node::bool).unwrap_or(false);
        let purposes = purposes(node);
        let special = yes("special");
        let may = PurposeSet::NONE
            .with(PurposeName::Service)
            .with(PurposeName::HumanHelp);
        if special && purposes.and(may) != purposes {
            sheet.error(
                "special_category",
                key.mark,
                format!("`{}` is of a special category (GDPR art. 9)", key.name),
                "declare it for `service` and `human_help` only",
            );
        }
        let declared = Trait {
            mark: key.mark,
            title: words(node.get("title")),
            purposes,
            type_: node
                .get("type")
                .and_then(Node::text)
                .and_then(Type::read)
                .unwrap_or_default(),
            retention: retention(node),
            age_bracket: yes("age_bracket"),
            special,
            not_special: node.get("not_special").and_then(Node::text).map(str::to_owned),
        };
        dictionary.traits.insert(key.name.clone(), declared);
    }
    dictionary
}

fn purposes(node: &Node) -> PurposeSet {
    let items = node.get("purposes").map(Node::items).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| PurposeName::parse(item.text()?))
        .collect()
}

fn retention(node: &Node) -> Option<Span> {
    Span::read(node.get("retention")?.text()?).ok()
}

fn did(text: &str) -> Option<Did> {
    match text {
        "viewed" => Some(Did::Viewed),
        "added" => Some(Did::Added),
        "bought" => Some(Did::Bought),
        _ => None,
    }
}
