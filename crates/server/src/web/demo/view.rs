//! The demo page in words: every text chosen, every number written, every bar measured. What is left
//! to the template is where things stand.

use super::{
    ANSWER_PATH, AtStep, Choice, Chosen, Demo, Excluded, FORGET_PATH, Known, Mode, Notice, Offer, Outcome,
    PATH, SWITCH_PATH, Stance, Trait, Unkept, WhyExcluded, WhyUnkept, address,
};
use crate::web::assets::{ICON, STYLE};
use crate::web::person::{draw_words, slot_words, step_name};
use crate::words::{Part, PartKind, Put, Words, by_weight, sentence, share};
use askama::Template;
use vocabulary::{Language, PurposeName};

/// Items of the history that are shown at once; the rest unfolds.
const AT_ONCE: usize = 6;
/// Reasons that have a bar of their own; the rest is one bar.
const BARS: usize = 3;

#[derive(Template)]
#[template(path = "demo.html")]
pub(super) struct Page<'a> {
    words: Words,
    tag: &'static str,
    style: &'a str,
    icon: &'a str,
    path: &'static str,
    forget: &'static str,
    switch: &'static str,
    answer: &'static str,
    token: &'a str,
    languages: [LanguageLink; 2],
    customers: Vec<OptionView<'a>>,
    notice: Vec<String>,
    alert: bool,
    chosen: Option<ChosenView<'a>>,
}

struct LanguageLink {
    tag: &'static str,
    name: &'static str,
    address: String,
    current: bool,
}

struct OptionView<'a> {
    key: &'a str,
    label: String,
    chosen: bool,
}

struct ChosenView<'a> {
    key: &'a str,
    label: &'a str,
    profiled: bool,
    mode: String,
    gauge: Option<String>,
    /// Name of the step, whether it is the customer's, items with what is said of their places.
    steps: Vec<StepView>,
    policies: &'a [super::Policy],
    offers: Vec<OfferView<'a>>,
    excluded: Vec<(String, String)>,
    switched_on: bool,
    consents: Vec<(String, String)>,
    history: Vec<KnownView<'a>>,
    more: Vec<KnownView<'a>>,
    more_label: String,
    traits: Vec<TraitView<'a>>,
    unkept: Vec<UnkeptView<'a>>,
    record: &'a super::Record,
    leaf: String,
}

struct OfferView<'a> {
    item: &'a str,
    rank: usize,
    name: String,
    category: String,
    price: String,
    score: String,
    sentence: String,
    slot: Option<String>,
    drawn: Option<String>,
    bars: Vec<BarView>,
    sum: Vec<RowView>,
    reasons: String,
    without: Option<String>,
}

struct StepView {
    name: String,
    own: bool,
    items: Vec<(String, Option<String>)>,
}

struct BarView {
    label: String,
    class: &'static str,
    share: String,
    title: String,
    /// Percent of the drawing, with a point as SVG wants it.
    width: String,
}

struct RowView {
    label: String,
    amount: String,
    share: String,
}

struct KnownView<'a> {
    item: &'a str,
    name: String,
    deeds: String,
    last: String,
    origin: String,
}

struct TraitView<'a> {
    name: &'a str,
    value: &'a str,
    origin: String,
    expires: Option<String>,
}

struct UnkeptView<'a> {
    name: &'a str,
    why: String,
    times: String,
}

impl<'a> Page<'a> {
    /// The page in the words of its language.
    pub(super) fn of(demo: &'a Demo) -> Page<'a> {
        let words = Words::of(demo.language);
        let key = demo.chosen.as_ref().map(|chosen| chosen.key.as_str());
        Page {
            words,
            tag: demo.language.tag(),
            style: &STYLE.path,
            icon: &ICON.path,
            path: PATH,
            forget: FORGET_PATH,
            switch: SWITCH_PATH,
            answer: ANSWER_PATH,
            token: &demo.token,
            languages: [Language::En, Language::Fr].map(|language| LanguageLink {
                tag: language.tag(),
                name: match language {
                    Language::En => "English",
                    Language::Fr => "Français",
                },
                address: match key {
                    Some(key) => address(key, language),
                    None => format!("{PATH}?lang={}", language.tag()),
                },
                current: language == demo.language,
            }),
            customers: demo
                .customers
                .iter()
                .map(|choice| option(words, choice, key))
                .collect(),
            notice: demo
                .notice
                .as_ref()
                .map(|notice| said(words, notice))
                .unwrap_or_default(),
            alert: demo.notice == Some(Notice::Stale),
            chosen: demo.chosen.as_ref().map(|chosen| chosen_view(words, chosen)),
        }
    }
}

fn option<'a>(words: Words, choice: &'a Choice, chosen: Option<&str>) -> OptionView<'a> {
    let stance = words.say(match choice.stance {
        Stance::All => "stance-all",
        Stance::Part => "stance-part",
        Stance::Refused => "stance-refused",
        Stance::Silent => "stance-silent",
    });
    OptionView {
        key: &choice.key,
        label: format!("{} – {stance}", choice.label),
        chosen: chosen == Some(choice.key.as_str()),
    }
}

fn said(words: Words, notice: &Notice) -> Vec<String> {
    match notice {
        Notice::Removed { name, went, came } => {
            let names =
                |names: &[String]| words.list(&names.iter().map(|name| readable(name)).collect::<Vec<_>>());
            let mut said = vec![words.with("notice-removed", &[("name", Put::Text(&readable(name)))])];
            if !went.is_empty() {
                said.push(words.with("notice-went", &[("names", Put::Text(&names(went)))]));
            }
            if !came.is_empty() {
                said.push(words.with("notice-came", &[("names", Put::Text(&names(came)))]));
            }
            said
        }
        Notice::Answered => vec![words.say("demo-answered")],
        Notice::SwitchedOff => vec![words.say("notice-off")],
        Notice::SwitchedOn => vec![words.say("notice-on")],
        Notice::Stale => vec![words.say("notice-stale")],
    }
}

fn chosen_view(words: Words, chosen: &Chosen) -> ChosenView<'_> {
    let mut history: Vec<KnownView<'_>> = chosen
        .history
        .iter()
        .map(|known| known_view(words, known))
        .collect();
    let more = history.split_off(history.len().min(AT_ONCE));
    ChosenView {
        key: &chosen.key,
        label: &chosen.label,
        profiled: matches!(chosen.mode, Mode::Profiled { .. }),
        mode: match chosen.mode {
            Mode::Profiled { from } => words.counted("mode-profiled", from),
            Mode::Contextual => words.say("mode-contextual"),
        },
        gauge: chosen.gauge.map(|gauge| {
            let total = chosen.offers.len() as u64;
            words.with(
                "gauge-words",
                &[
                    ("outside", Put::Count(gauge.outside)),
                    ("total", Put::Count(total)),
                ],
            )
        }),
        steps: chosen.steps.iter().map(|at| step_view(words, at)).collect(),
        policies: &chosen.policies,
        offers: chosen
            .offers
            .iter()
            .enumerate()
            .map(|(at, offer)| offer_view(words, at + 1, offer))
            .collect(),
        excluded: chosen
            .excluded
            .iter()
            .map(|excluded| excluded_view(words, excluded))
            .collect(),
        switched_on: chosen.switched_on,
        consents: chosen
            .consents
            .iter()
            .map(|(purpose, state)| {
                let answer =
                    state.map_or_else(|| words.say("consent-not-needed"), |state| words.consent(state));
                (words.purpose(*purpose), answer)
            })
            .collect(),
        more_label: words.counted("known-more", more.len() as u64),
        history,
        more,
        traits: chosen
            .traits
            .iter()
            .map(|known| trait_view(words, known))
            .collect(),
        unkept: chosen
            .unkept
            .iter()
            .map(|unkept| unkept_view(words, unkept))
            .collect(),
        leaf: chosen
            .record
            .leaf
            .map_or_else(|| words.say("proof-pending"), |leaf| words.count(leaf)),
        record: &chosen.record,
    }
}

fn step_view(words: Words, at: &AtStep) -> StepView {
    let items = at.items.iter();
    StepView {
        name: step_name(words, at.step),
        own: at.own,
        items: items
            .map(|(name, place)| (readable(name), slot_words(words, place)))
            .collect(),
    }
}

fn offer_view(words: Words, rank: usize, offer: &Offer) -> OfferView<'_> {
    let parts: Vec<Part> = offer
        .parts
        .iter()
        .map(|part| Part {
            item: readable(&part.item),
            ..part.clone()
        })
        .collect();
    let sorted = by_weight(&parts);
    let mut bars: Vec<BarView> = sorted
        .iter()
        .take(BARS)
        .map(|part| bar(words, part.label(words), class(part), part.amount, &parts))
        .collect();
    let rest = sorted.get(BARS..).unwrap_or_default();
    if let [only] = rest {
        bars.push(bar(words, only.label(words), class(only), only.amount, &parts));
    } else if !rest.is_empty() {
        let amount = rest.iter().map(|part| part.amount.abs()).sum();
        bars.push(bar(
            words,
            words.counted("offer-others", rest.len() as u64),
            "others",
            amount,
            &parts,
        ));
    }
    // One bar that says 100% of what counts for everybody draws nothing.
    if parts.iter().all(|part| part.kind == PartKind::Prior) {
        bars.clear();
    }
    let name = readable(&offer.name);
    OfferView {
        item: &offer.item,
        rank,
        category: readable(&offer.category),
        price: words.price(offer.price),
        score: words.with(
            "offer-score",
            &[("score", Put::Text(&words.number(offer.score, 3)))],
        ),
        sentence: sentence(words.language(), &parts),
        slot: offer.slot.as_ref().and_then(|place| slot_words(words, place)),
        drawn: offer.slot.as_ref().and_then(|place| draw_words(words, place)),
        bars,
        sum: sorted
            .iter()
            .map(|part| RowView {
                label: part.label(words),
                amount: words.number(part.amount, 6),
                share: words.share(share(part.amount, &parts)),
            })
            .chain([RowView {
                label: words.say("offer-total"),
                amount: words.number(offer.score, 6),
                share: String::new(),
            }])
            .collect(),
        reasons: words.with("offer-reasons", &[("name", Put::Text(&name))]),
        without: offer.without.as_ref().map(|without| {
            let item = readable(&without.item);
            let item = ("item", Put::Text(&item));
            match &without.outcome {
                Outcome::Instead(other) => words.with(
                    "offer-without-instead",
                    &[item, ("other", Put::Text(&readable(other)))],
                ),
                Outcome::Gone => words.with("offer-without-gone", &[item]),
                Outcome::Place(place) => {
                    words.with("offer-without-place", &[item, ("place", Put::Count(*place))])
                }
            }
        }),
        name,
    }
}

fn bar(words: Words, label: String, class: &'static str, amount: f64, parts: &[Part]) -> BarView {
    let part = share(amount, parts);
    let share = words.share(part);
    BarView {
        title: words.with("offer-bar", &[("share", Put::Text(&share))]),
        // A reason that is there is seen, however small.
        width: format!("{:.2}", (part * 100.0).clamp(1.0, 100.0)),
        label,
        class,
        share,
    }
}

fn class(part: &Part) -> &'static str {
    match part.kind {
        PartKind::Again | PartKind::Next | PartKind::Discover | PartKind::Alike | PartKind::Interest => {
            "yours"
        }
        PartKind::Prior | PartKind::Bridge => "everybody",
        PartKind::Mute | PartKind::Less => "less",
    }
}

fn excluded_view(words: Words, excluded: &Excluded) -> (String, String) {
    let why = words.say(match excluded.why {
        WhyExcluded::Hidden => "excluded-hidden",
        WhyExcluded::OutOfStock => "excluded-stock",
        WhyExcluded::AlreadyBought => "excluded-bought",
        WhyExcluded::OtherCategory => "excluded-category",
        WhyExcluded::Muted => "rule-muted",
        WhyExcluded::MutedTopic => "rule-muted-topic",
    });
    (readable(&excluded.name), why)
}

fn known_view(words: Words, known: &Known) -> KnownView<'_> {
    let deeds = [
        ("deed-bought", known.bought),
        ("deed-added", known.added),
        ("deed-viewed", known.viewed),
    ]
    .into_iter();
    let deeds: Vec<String> = deeds
        .filter(|(_, times)| *times > 0)
        .map(|(key, times)| words.counted(key, u64::from(times)))
        .collect();
    KnownView {
        item: &known.item,
        name: readable(&known.name),
        deeds: words.list(&deeds),
        last: words.with("known-last", &[("day", Put::Text(&words.day(known.last)))]),
        origin: origin(words, &known.source, &known.purposes),
    }
}

fn origin(words: Words, source: &str, purposes: &[PurposeName]) -> String {
    if purposes.is_empty() {
        return words.with("known-origin-unused", &[("source", Put::Text(source))]);
    }
    let purposes: Vec<String> = purposes.iter().map(|purpose| words.purpose(*purpose)).collect();
    let places = [
        ("source", Put::Text(source)),
        ("purposes", Put::Text(&words.list(&purposes))),
    ];
    words.with("known-origin", &places)
}

fn trait_view(words: Words, known: &Trait) -> TraitView<'_> {
    TraitView {
        name: &known.name,
        value: &known.value,
        origin: origin(words, &known.source, &known.purposes),
        expires: known
            .expires
            .map(|day| words.with("known-expires", &[("day", Put::Text(&words.day(day)))])),
    }
}

fn unkept_view(words: Words, unkept: &Unkept) -> UnkeptView<'_> {
    UnkeptView {
        name: &unkept.name,
        why: words.say(match unkept.why {
            WhyUnkept::Undeclared => "unkept-undeclared",
            WhyUnkept::NoPurpose => "unkept-no-purpose",
            WhyUnkept::Never => "unkept-never",
            WhyUnkept::Expired => "unkept-expired",
        }),
        times: words.counted("unkept-times", unkept.times),
    }
}

/// A name in capitals throughout, as catalogues have them, in ordinary letters; any other as it is.
fn readable(name: &str) -> String {
    let name = name.trim();
    if name.chars().any(char::is_lowercase) || name.chars().filter(|c| c.is_uppercase()).count() < 4 {
        return name.to_owned();
    }
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower
        .split(' ')
        .map(|word| if word == "i" { "I" } else { word })
        .collect();
    let lower = words.join(" ");
    let mut chars = lower.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn names_in_capitals_are_made_readable_and_others_left_alone() {
        assert_eq!(
            readable("WHITE HANGING HEART T-LIGHT HOLDER"),
            "White hanging heart t-light holder"
        );
        assert_eq!(readable(" Édredon Piqué "), "Édredon Piqué");
        assert_eq!(
            readable("HOT WATER BOTTLE I AM SO POORLY"),
            "Hot water bottle I am so poorly"
        );
        assert_eq!(readable("UK"), "UK");
        assert_eq!(readable(""), "");
    }
}
