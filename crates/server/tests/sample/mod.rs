//! A shop with three customers, small enough to read: what the demo page is shown with in its tests.
//!
//! Its list is made by adding up weights, as the model does.

use server::web::demo::{
    Choice, Chosen, Demo, Excluded, Gauge, Known, Mode, Notice, Offer, Outcome, Policy, Record, Stance,
    Trait, Unkept, WhyExcluded, WhyUnkept, Without,
};
use server::words::{Part, PartKind};
use std::collections::BTreeSet;
use vocabulary::{ConsentState, Day, Language, PurposeName};

/// The token of the sample's forms.
pub const TOKEN: &str = "0f3c9a7e51d24b86";

const HISTORY: [(&str, &str, u32, u32, u32); 9] = [
    ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER", 9, 4, 3),
    ("22625", "RED KITCHEN SCALES", 4, 1, 1),
    ("22900", "SET 2 TEA TOWELS I LOVE LONDON", 3, 2, 2),
    ("22835", "HOT WATER BOTTLE I AM SO POORLY", 2, 1, 1),
    ("22174", "PHOTO CUBE", 1, 0, 0),
    ("22310", "IVORY KNITTED MUG COSY", 5, 1, 1),
    ("21592", "RETROSPOT CIGAR BOX MATCHES", 1, 1, 1),
    ("22551", "PLASTERS IN TIN SPACEBOY", 2, 1, 1),
    ("22466", "FAIRY TALE COTTAGE NIGHTLIGHT", 6, 0, 0),
];

/// Offer, name, category, price in pence, popularity, and the weights from items of the history.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    i64,
    f64,
    &'static [(&'static str, f64)],
);
const ITEMS: [Row; 8] = [
    (
        "84970L",
        "SINGLE HEART ZINC T-LIGHT HOLDER",
        "lighting",
        95,
        0.031,
        &[
            ("85123A", 0.412),
            ("22466", 0.093),
            ("22310", 0.021),
            ("22174", 0.012),
            ("22625", 0.008),
        ],
    ),
    (
        "85123A",
        "WHITE HANGING HEART T-LIGHT HOLDER",
        "lighting",
        255,
        0.058,
        &[("85123A", 0.337), ("22466", 0.051)],
    ),
    (
        "22834",
        "HAND WARMER BABUSHKA DESIGN",
        "warmth",
        210,
        0.027,
        &[("22835", 0.291), ("22310", 0.074)],
    ),
    (
        "22624",
        "IVORY KITCHEN SCALES",
        "kitchen",
        850,
        0.019,
        &[("22625", 0.305), ("22900", 0.038)],
    ),
    (
        "22554",
        "PLASTERS IN TIN WOODLAND ANIMALS",
        "pharmacy",
        165,
        0.033,
        &[("22551", 0.268)],
    ),
    (
        "22899",
        "CHILDREN'S APRON DOLLY GIRL",
        "kitchen",
        210,
        0.022,
        &[
            ("22900", 0.184),
            ("22625", 0.031),
            ("22310", 0.011),
            ("22174", 0.009),
            ("21592", 0.004),
        ],
    ),
    ("22423", "REGENCY CAKESTAND 3 TIER", "kitchen", 1275, 0.117, &[]),
    ("47566", "PARTY BUNTING", "party", 495, 0.094, &[]),
];
const SHOWN: usize = 6;

/// The customers' switches.
#[derive(Default)]
pub struct Shop {
    off: BTreeSet<String>,
}

impl Shop {
    /// The page's data for that customer.
    pub fn demo(&self, language: Language, customer: Option<&str>, notice: Option<Notice>) -> Demo {
        Demo {
            language,
            token: TOKEN.to_owned(),
            customers: vec![
                choice("17346", Stance::All),
                choice("14911", Stance::Part),
                choice("12748", Stance::Refused),
                choice("15311", Stance::Silent),
            ],
            chosen: customer.map(|key| self.chosen(language, key)),
            notice,
        }
    }

    /// Turns a customer's switch.
    pub fn switch(&mut self, customer: &str, on: bool) {
        if on {
            self.off.remove(customer);
        } else {
            self.off.insert(customer.to_owned());
        }
    }

    fn chosen(&self, language: Language, key: &str) -> Chosen {
        let agrees = key != "12748";
        let switched_on = agrees && !self.off.contains(key);
        let history: Vec<Known> = HISTORY
            .iter()
            .filter(|_| agrees)
            .enumerate()
            .map(|(at, (item, name, viewed, added, bought))| Known {
                item: (*item).to_owned(),
                name: (*name).to_owned(),
                viewed: *viewed,
                added: *added,
                bought: *bought,
                last: Day(15_316 - 9 * at as u32),
                source: "shop".to_owned(),
                purposes: if switched_on {
                    vec![PurposeName::Personalise, PurposeName::Train]
                } else {
                    Vec::new()
                },
            })
            .collect();
        let known: BTreeSet<&str> = history.iter().map(|known| known.item.as_str()).collect();
        let offers = if switched_on {
            offers(&known)
        } else {
            offers(&BTreeSet::new())
        };
        let words = |en: &str, fr: &str| if language == Language::Fr { fr } else { en }.to_owned();
        let policies = if switched_on {
            vec![Policy {
                id: "personalise-with-consent".to_owned(),
                words: words(
                    "Personalisation stands on your consent, and you gave it.",
                    "La personnalisation repose sur votre consentement, et vous l’avez donné.",
                ),
            }]
        } else {
            vec![Policy {
                id: "no-profiling-without-consent".to_owned(),
                words: words(
                    "Without your consent nobody may make a profile of you.",
                    "Sans votre consentement, personne ne peut dresser votre profil.",
                ),
            }]
        };
        let answer = if agrees {
            ConsentState::Given
        } else {
            ConsentState::Refused
        };
        let personalise = if agrees && !switched_on {
            ConsentState::Withdrawn
        } else {
            answer
        };
        Chosen {
            key: key.to_owned(),
            label: format!("Customer {key}"),
            switched_on,
            consents: vec![
                (PurposeName::Service, None),
                (PurposeName::Personalise, Some(personalise)),
                (PurposeName::Segment, Some(answer)),
                (PurposeName::Train, Some(answer)),
                (PurposeName::ShowOwnData, None),
            ],
            traits: if agrees {
                vec![Trait {
                    name: "country".to_owned(),
                    value: "United Kingdom".to_owned(),
                    source: "shop".to_owned(),
                    purposes: vec![PurposeName::Service],
                    expires: Some(Day(16_412)),
                }]
            } else {
                Vec::new()
            },
            unkept: vec![
                Unkept {
                    name: "context.ip".to_owned(),
                    times: 1_240,
                    why: WhyUnkept::Never,
                },
                Unkept {
                    name: "coupon".to_owned(),
                    times: 1,
                    why: WhyUnkept::Undeclared,
                },
            ],
            mode: if switched_on {
                Mode::Profiled {
                    from: history.len() as u64,
                }
            } else {
                Mode::Contextual
            },
            policies,
            steps: Vec::new(),
            gauge: switched_on.then_some(Gauge { outside: 1 }),
            offers,
            excluded: vec![Excluded {
                name: "JUMBO BAG RED RETROSPOT".to_owned(),
                why: WhyExcluded::OutOfStock,
            }],
            record: Record {
                id: "01JD9Z6W2E0Q8X".to_owned(),
                receipt: "/v1/records/01JD9Z6W2E0Q8X/receipt".to_owned(),
                leaf: Some(48_213),
            },
            history,
        }
    }
}

fn choice(key: &str, stance: Stance) -> Choice {
    Choice {
        key: key.to_owned(),
        label: format!("Customer {key}"),
        stance,
    }
}

fn offers(known: &BTreeSet<&str>) -> Vec<Offer> {
    let ranked = rank(known);
    let name = |item: &str| {
        HISTORY
            .iter()
            .find(|(id, ..)| *id == item)
            .map_or("", |(_, name, ..)| name)
            .to_owned()
    };
    ranked
        .into_iter()
        .map(|(score, (item, title, category, price, prior, weights))| {
            let mut parts: Vec<Part> = weights
                .iter()
                .filter(|(because, _)| known.contains(because))
                .map(|(because, amount)| Part {
                    kind: if because == item {
                        PartKind::Again
                    } else {
                        PartKind::Discover
                    },
                    item: name(because),
                    amount: *amount,
                })
                .collect();
            parts.push(Part {
                kind: PartKind::Prior,
                item: String::new(),
                amount: *prior,
            });
            let strongest = weights.iter().find(|(because, _)| known.contains(because));
            Offer {
                item: (*item).to_owned(),
                name: (*title).to_owned(),
                category: (*category).to_owned(),
                price: *price,
                score,
                slot: None,
                without: strongest.map(|(because, _)| {
                    let mut fewer = known.clone();
                    fewer.remove(because);
                    let after = rank(&fewer);
                    let place = after.iter().position(|(_, row)| row.0 == *item);
                    let newcomer = after
                        .iter()
                        .find(|(_, row)| !rank(known).iter().any(|(_, old)| old.0 == row.0));
                    Without {
                        item: name(because),
                        outcome: match (place, newcomer) {
                            (Some(place), _) => Outcome::Place(place as u64 + 1),
                            (None, Some((_, row))) => Outcome::Instead(row.1.to_owned()),
                            (None, None) => Outcome::Gone,
                        },
                    }
                }),
                parts,
            }
        })
        .collect()
}

fn rank(known: &BTreeSet<&str>) -> Vec<(f64, &'static Row)> {
    let mut scored: Vec<(f64, &Row)> = ITEMS
        .iter()
        .map(|row| {
            let weights = row.5.iter().filter(|(because, _)| known.contains(because));
            (row.4 + weights.map(|(_, amount)| amount).sum::<f64>(), row)
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.truncate(SHOWN);
    scored
}
