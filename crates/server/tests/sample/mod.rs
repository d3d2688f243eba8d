//! A shop with three customers, small enough to read: what the demo page is shown with in its tests.
//!
//! Its list is made by adding up weights, as the model does, so that removing an item changes it.

use server::web::PAGE_HEADERS;
use server::web::assets;
use server::web::demo::{
    Choice, Chosen, Demo, Excluded, FORGET_PATH, Gauge, Known, Mode, Notice, Offer, Outcome, PATH, Policy,
    Record, SWITCH_PATH, Stance, Trait, Unkept, WhyExcluded, WhyUnkept, Without, address, page,
};
use server::words::{Part, PartKind};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
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

/// The customers' switches and what they removed.
#[derive(Default)]
pub struct Shop {
    removed: BTreeMap<String, BTreeSet<String>>,
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
        let gone = self.removed.get(key).cloned().unwrap_or_default();
        let history: Vec<Known> = HISTORY
            .iter()
            .filter(|(item, ..)| agrees && !gone.contains(*item))
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

    fn forget(&mut self, customer: &str, item: &str) {
        self.removed
            .entry(customer.to_owned())
            .or_default()
            .insert(item.to_owned());
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

/// Serves the page on a port of its own until the test ends, and answers its address.
pub fn serve(shop: Shop) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let state = Arc::new(Mutex::new((shop, None)));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let state = Arc::clone(&state);
            // A browser opens connections ahead and may say nothing on them: nobody waits for those.
            std::thread::spawn(move || answer(stream, &state));
        }
    });
    base
}

fn answer(mut stream: TcpStream, state: &Mutex<(Shop, Option<Notice>)>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let mut state = state.lock().unwrap();
    let (shop, notice) = &mut *state;
    let target = request.split(' ').nth(1).unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let field = |text: &str, name: &str| {
        text.split('&')
            .find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
            .unwrap_or_default()
    };
    let language = Language::preferred(&field(if body.is_empty() { query } else { &body }, "lang"));
    let customer = field(&body, "customer");
    let (status, headers, text) = match path {
        PATH => {
            let chosen = field(query, "customer");
            let chosen = Some(chosen.as_str()).filter(|key| !key.is_empty());
            let markup = page(&shop.demo(language, chosen, notice.take())).unwrap();
            let headers: String = PAGE_HEADERS
                .iter()
                .map(|(name, value)| format!("{name}: {value}\r\n"))
                .collect();
            ("200 OK", headers, markup)
        }
        FORGET_PATH | SWITCH_PATH => {
            if field(&body, "token") != TOKEN {
                *notice = Some(Notice::Stale);
            } else if path == FORGET_PATH {
                let item = field(&body, "item");
                let names = |shop: &Shop| -> Vec<String> {
                    shop.chosen(language, &customer)
                        .offers
                        .into_iter()
                        .map(|offer| offer.name)
                        .collect()
                };
                let before = names(shop);
                shop.forget(&customer, &item);
                let after = names(shop);
                let name = HISTORY
                    .iter()
                    .find(|(id, ..)| *id == item)
                    .map_or("", |(_, name, ..)| name);
                *notice = Some(Notice::Removed {
                    name: name.to_owned(),
                    went: before
                        .iter()
                        .filter(|name| !after.contains(name))
                        .cloned()
                        .collect(),
                    came: after
                        .iter()
                        .filter(|name| !before.contains(name))
                        .cloned()
                        .collect(),
                });
            } else {
                let on = field(&body, "personalisation") == "on";
                shop.switch(&customer, on);
                *notice = Some(if on {
                    Notice::SwitchedOn
                } else {
                    Notice::SwitchedOff
                });
            }
            let back = format!("location: {}#offers\r\n", address(&customer, language));
            ("303 See Other", back, String::new())
        }
        path if path.ends_with("/receipt") => (
            "200 OK",
            "content-type: text/plain\r\n".to_owned(),
            "c2sp.org/tlog-proof@v1\n".to_owned(),
        ),
        path => match assets::find(path) {
            Some(asset) => (
                "200 OK",
                format!("content-type: {}\r\n", asset.content_type),
                asset.body.to_owned(),
            ),
            None => ("404 Not Found", String::new(), String::new()),
        },
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}
