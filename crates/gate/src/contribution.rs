//! What one person added to the sums that models are learned from, as it was added: kept in their own
//! envelope, sealed with their own key, so that exactly this can be taken out again.
//!
//! It is no more than the sums use: of each item the strongest thing done and the day of the last one.
//! Deliberately does not know: the sums, and what is learned from them.

use crate::envelope::{Content, Terms};
use crate::keys;
use crate::purposes::{self, Train, TrainView, Wipe};
use minicbor::{Decode, Encode};
use vocabulary::{DAY_MS, Interaction, ItemId, Moment};

/// The random name by which a contribution is known to a sum. It leads to nobody.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ShareId(pub [u8; 16]);

/// One contribution, as it was or will be added. It never changes: another history is another one.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Contribution {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) id: [u8; 16],
    #[n(1)]
    pub(crate) acts: Vec<Counted>,
}

/// What counts of one item.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Counted {
    #[n(0)]
    pub(crate) item: String,
    /// 0 viewed, 1 added, 2 bought.
    #[n(1)]
    pub(crate) what: u8,
    #[n(2)]
    pub(crate) day: u32,
}

/// What becomes of a person's contributions, as part of an input.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) enum Counting {
    /// These are all that any sum may hold of the person.
    #[n(0)]
    In(#[n(0)] Vec<Contribution>),
    /// None: what sums hold was put on the list of what is to be taken out.
    #[n(1)]
    Out,
}

/// A contribution that was opened to be added or taken out. Cannot be copied or printed, and is wiped.
pub struct Contributed {
    /// Its name.
    pub id: ShareId,
    view: TrainView,
}

impl Contributed {
    /// What `train` may see, and all that is added or taken out.
    pub fn history(&self) -> &[Interaction] {
        &self.view.history
    }
}

impl Drop for Contributed {
    fn drop(&mut self) {
        self.view.wipe();
    }
}

impl std::fmt::Debug for Contributed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contributed(..)")
    }
}

impl Contribution {
    /// A new one, of what `train` may see now.
    pub(crate) fn of(terms: &Terms, content: &Content, now: Moment) -> Result<Contribution, keys::Error> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| keys::Error::NoRandomness)?;
        let mut view = purposes::look::<Train>(terms, content, now);
        let mut acts: Vec<Counted> = view.history.iter().map(Counted::of).collect();
        view.wipe();
        acts.sort_unstable_by(|a, b| a.item.cmp(&b.item));
        Ok(Contribution { id, acts })
    }

    /// Opened for the sum.
    pub(crate) fn opened(&self) -> Contributed {
        Contributed {
            id: ShareId(self.id),
            view: TrainView {
                history: self.acts.iter().map(Counted::interaction).collect(),
            },
        }
    }

    /// Whether it says anything about the item.
    pub(crate) fn counts(&self, item: &str) -> bool {
        self.acts.iter().any(|act| act.item == item)
    }
}

impl Counted {
    fn of(act: &Interaction) -> Counted {
        let what = match act {
            Interaction { bought: 1.., .. } => 2,
            Interaction { added: 1.., .. } => 1,
            _ => 0,
        };
        Counted {
            item: act.item.0.clone(),
            what,
            day: act.last_at.day().0,
        }
    }

    fn interaction(&self) -> Interaction {
        Interaction {
            item: ItemId(self.item.clone()),
            viewed: u32::from(self.what == 0),
            added: u32::from(self.what == 1),
            bought: u32::from(self.what >= 2),
            last_at: Moment(i64::from(self.day) * DAY_MS),
        }
    }
}

/// Of an interaction, what counts: the strongest thing done, and the day.
pub(crate) fn strongest(act: &Interaction) -> Option<Interaction> {
    let done = act.viewed > 0 || act.added > 0 || act.bought > 0;
    done.then(|| Counted::of(act).interaction())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope;
    use crate::envelope::{DailyCount, Seen, Trait};
    use crate::merge::{Into, Merges, Merging, Note, Taken};

    fn contribution() -> Contribution {
        Contribution {
            id: [0xcd; 16],
            acts: vec![Counted {
                item: "85123A".to_owned(),
                what: 2,
                day: 20_779,
            }],
        }
    }

    fn taken() -> Taken {
        Taken {
            visitor: [0xab; 16].into(),
            until: 1_797_940_800_000,
            history: vec![Seen {
                item: "85123A".to_owned(),
                viewed: 3,
                added: 2,
                bought: 1,
                last_at: 9,
                purposes: 11,
                source: "shop".to_owned(),
                viewed_at: None,
                added_at: None,
                bought_at: None,
                viewed_keeps: None,
                added_keeps: None,
                bought_keeps: None,
            }],
            traits: vec![],
            counts: vec![DailyCount {
                event: "page".to_owned(),
                day: 20_779,
                count: 4,
                purposes: 2,
                keeps: None,
            }],
            muted: vec!["22423".to_owned()],
            occurred: None,
        }
    }

    /// Holds the encoding against the bytes that were stored first, both ways.
    fn check<T>(name: &str, value: &T)
    where
        T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq,
    {
        let bytes = envelope::encode(value);
        let path = format!("{}/stored/v2/{name}.hex", env!("CARGO_MANIFEST_DIR"));
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        if std::env::var_os("EGARD_BLESS").is_some() {
            std::fs::write(&path, hex + "\n").unwrap();
            return;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(hex, text.trim(), "{name}: stored bytes never change");
        assert!(
            envelope::decode::<T>(&bytes).is_ok_and(|read| read == *value),
            "{name}"
        );
    }

    #[test]
    fn what_is_stored_of_counting_and_merging_is_read_for_ever() {
        let into = Into {
            person: [0xab; 16].into(),
            at: 7,
            until: Some(1_797_940_800_000),
        };
        check("contributions", &vec![contribution()]);
        check(
            "merges",
            &Merges {
                into: Some(into.clone()),
                visitors: vec![[0xef; 16].into()],
            },
        );
        let note = Note {
            taken: taken(),
            history: taken().history,
            traits: Vec::<Trait>::new(),
        };
        check("merge_note", &note);
        let mergings = [
            Merging::Took(Box::new(taken())),
            Merging::GaveBack([0xab; 16].into()),
            Merging::Kept([0xab; 16].into()),
            Merging::Went(into),
            Merging::CameBack,
            Merging::Emptied,
        ];
        for (nth, merging) in (1..).zip(mergings) {
            check(&format!("merging_{nth}"), &merging);
        }
        check("counting_1", &Counting::In(vec![contribution()]));
        check("counting_2", &Counting::Out);
    }

    #[test]
    fn only_the_strongest_act_and_its_day_count() {
        let act = |viewed, added, bought| Interaction {
            item: "mug".into(),
            viewed,
            added,
            bought,
            last_at: Moment(5 * DAY_MS + 7),
        };
        for (given, counted) in [
            (act(3, 0, 0), Some(act(1, 0, 0))),
            (act(3, 2, 0), Some(act(0, 1, 0))),
            (act(0, 2, 9), Some(act(0, 0, 1))),
            (act(0, 0, 0), None),
        ] {
            let counted = counted.map(|counted| Interaction {
                last_at: Moment(5 * DAY_MS),
                ..counted
            });
            assert_eq!(strongest(&given), counted);
        }
    }
}
