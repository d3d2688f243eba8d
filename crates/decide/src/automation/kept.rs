//! What is kept of a look for the next one, as bytes: numbered fields, so that old and new programs read
//! each other's.
//!
//! Deliberately does not know: where the bytes rest.

use super::differs::Print;
use crate::journeys::{Left, Past, Run, Runs};
use crate::segments::{Plan, Standing, Standings, Truth};
use minicbor::{Decode, Encode};
use program::words::Name;
use vocabulary::Moment;

/// First byte.
const LAYOUT: u8 = 1;

/// What is kept.
#[derive(Clone, PartialEq, Default)]
pub(super) struct Kept {
    /// One for each group of the plan that was looked at.
    stood: Vec<Stood>,
    rest: Rest,
}

#[derive(Clone, Copy, PartialEq)]
struct Stood {
    /// What the group was defined as ([`Plan::key`]).
    key: u64,
    standing: Standing,
}

/// Bytes of one group.
const STOOD: usize = 25;

/// What is kept, as it is stored.
#[derive(Clone, PartialEq, Default, Encode, Decode)]
struct Rest {
    /// The groups as earlier versions wrote them; empty since.
    #[n(0)]
    once: Vec<Once>,
    #[n(1)]
    present: Vec<Present>,
    #[n(2)]
    past: Vec<Gone>,
    #[n(3)]
    looked_at: Option<i64>,
    /// What the view was in short: absent in what earlier versions wrote.
    #[n(4)]
    print: Option<Print>,
    /// The groups, one behind the other: each look reads and writes all of them.
    #[n(5)]
    groups: Option<minicbor::bytes::ByteVec>,
}

/// A group as earlier versions wrote it.
#[derive(Clone, PartialEq, Encode, Decode)]
struct Once {
    #[n(0)]
    key: u64,
    #[n(1)]
    holds: bool,
    #[n(2)]
    until: Option<i64>,
    #[n(3)]
    since: i64,
}

#[derive(Clone, PartialEq, Encode, Decode)]
struct Present {
    #[n(0)]
    journey: String,
    #[n(1)]
    key: Option<String>,
    #[n(2)]
    entered_at: i64,
    #[n(3)]
    begun_at: i64,
    #[n(4)]
    at: Option<String>,
    #[n(5)]
    reached_at: i64,
    #[n(6)]
    moves: u32,
    #[n(7)]
    reached_goal: bool,
}

#[derive(Clone, PartialEq, Encode, Decode)]
struct Gone {
    #[n(0)]
    journey: String,
    #[n(1)]
    key: Option<String>,
    #[n(2)]
    entered_at: i64,
    #[n(3)]
    begun_at: i64,
    #[n(4)]
    left_at: i64,
    #[n(5)]
    how: u8,
    #[n(6)]
    reached_goal: bool,
}

/// Earlier standings, in the order of a plan.
pub(super) struct Earlier {
    /// `None`: there are none at all.
    pub(super) whole: Option<Vec<Standing>>,
    /// Places of groups that were not there, or were defined otherwise.
    pub(super) new: Vec<usize>,
}

impl Earlier {
    /// Of somebody new: in no group.
    pub(super) fn nowhere(plan: &Plan) -> Earlier {
        let out = Standing {
            truth: Truth::until(false, i64::MIN),
            since: Moment(0),
        };
        Earlier {
            whole: Some(vec![out; plan.len()]),
            new: Vec::new(),
        }
    }
}

impl Kept {
    /// Bytes that no program of ours wrote are as if nothing were kept: everything is looked at anew.
    pub(super) fn decode(bytes: &[u8]) -> Kept {
        match bytes.split_first() {
            Some((&LAYOUT, rest)) => Kept::from(minicbor::decode::<Rest>(rest).unwrap_or_default()),
            _ => Kept::default(),
        }
    }

    pub(super) fn encode(mut self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.stood.len() * STOOD + 512);
        bytes.push(LAYOUT);
        let mut groups = Vec::with_capacity(self.stood.len() * STOOD);
        self.stood.iter().for_each(|stood| stood.write(&mut groups));
        self.rest.groups = Some(groups.into());
        // Writing to a Vec cannot fail, and no encoder of ours returns an error of its own.
        let written = minicbor::encode(&self.rest, &mut bytes);
        debug_assert!(written.is_ok());
        bytes
    }

    pub(super) fn of(plan: &Plan, standings: &Standings, runs: &Runs, print: Print) -> Kept {
        let stood = standings.each.iter().enumerate().map(|(place, standing)| Stood {
            key: plan.key(place),
            standing: *standing,
        });
        Kept {
            stood: stood.collect(),
            rest: Rest {
                once: Vec::new(),
                present: runs.present.iter().map(present).collect(),
                past: runs.past.iter().map(gone).collect(),
                looked_at: runs.looked_at.map(|at| at.0),
                print: Some(print),
                groups: None,
            },
        }
    }

    pub(super) fn print(&self) -> Option<&Print> {
        self.rest.print.as_ref()
    }

    /// Whether the same groups stand the same way, and the same runs at the same steps: what differs then
    /// comes out again from the same view.
    pub(super) fn is_like(&self, other: &Kept) -> bool {
        let same = |(one, other): (&Stood, &Stood)| {
            one.key == other.key && one.standing.truth.holds == other.standing.truth.holds
        };
        self.rest.present == other.rest.present
            && self.rest.past == other.rest.past
            && self.stood.len() == other.stood.len()
            && self.stood.iter().zip(&other.stood).all(same)
    }

    pub(super) fn standings(&self, plan: &Plan) -> Earlier {
        if self.stood.is_empty() {
            return Earlier {
                whole: None,
                new: (0..plan.len()).collect(),
            };
        }
        let mut new = Vec::new();
        let each = (0..plan.len()).map(|place| {
            let key = plan.key(place);
            let aligned = self.stood.get(place).filter(|stood| stood.key == key);
            let found = aligned.or_else(|| self.stood.iter().find(|stood| stood.key == key));
            match found {
                Some(stood) => stood.standing,
                None => {
                    new.push(place);
                    Standing {
                        truth: Truth::until(false, i64::MIN),
                        since: Moment(0),
                    }
                }
            }
        });
        let whole = Some(each.collect());
        Earlier { whole, new }
    }

    pub(super) fn runs(&self) -> Runs {
        let present = self.rest.present.iter().map(|run| Run {
            journey: Name(run.journey.clone()),
            key: run.key.clone(),
            entered_at: Moment(run.entered_at),
            begun_at: Moment(run.begun_at),
            at: run.at.clone(),
            reached_at: Moment(run.reached_at),
            moves: run.moves,
            reached_goal: run.reached_goal,
        });
        let past = self.rest.past.iter().map(|past| Past {
            journey: Name(past.journey.clone()),
            key: past.key.clone(),
            entered_at: Moment(past.entered_at),
            begun_at: Moment(past.begun_at),
            left_at: Moment(past.left_at),
            how: Left::of_number(past.how),
            reached_goal: past.reached_goal,
        });
        Runs {
            present: present.collect(),
            past: past.collect(),
            looked_at: self.rest.looked_at.map(Moment),
        }
    }
}

impl From<Rest> for Kept {
    fn from(mut rest: Rest) -> Kept {
        let groups = rest.groups.take();
        let (packed, _) = groups
            .as_deref()
            .map(|bytes| bytes.as_slice())
            .unwrap_or_default()
            .as_chunks();
        let once = std::mem::take(&mut rest.once);
        let once = once.iter().map(|once| Stood {
            key: once.key,
            standing: Standing {
                truth: Truth {
                    holds: once.holds,
                    until: once.until.map_or(Truth::NEVER, Moment),
                },
                since: Moment(once.since),
            },
        });
        Kept {
            stood: once.chain(packed.iter().map(Stood::read)).collect(),
            rest,
        }
    }
}

impl Stood {
    /// Key, until, since, eight bytes each with the low ones first; in it or not.
    fn write(&self, bytes: &mut Vec<u8>) {
        let Standing { truth, since } = self.standing;
        bytes.extend_from_slice(&self.key.to_le_bytes());
        bytes.extend_from_slice(&truth.until.0.to_le_bytes());
        bytes.extend_from_slice(&since.0.to_le_bytes());
        bytes.push(u8::from(truth.holds));
    }

    fn read(bytes: &[u8; STOOD]) -> Stood {
        let (words, holds) = bytes.as_chunks::<8>();
        let word = |place: usize| words.get(place).copied().unwrap_or_default();
        Stood {
            key: u64::from_le_bytes(word(0)),
            standing: Standing {
                truth: Truth::until(holds == [1], i64::from_le_bytes(word(1))),
                since: Moment(i64::from_le_bytes(word(2))),
            },
        }
    }
}

fn present(run: &Run) -> Present {
    Present {
        journey: run.journey.to_string(),
        key: run.key.clone(),
        entered_at: run.entered_at.0,
        begun_at: run.begun_at.0,
        at: run.at.clone(),
        reached_at: run.reached_at.0,
        moves: run.moves,
        reached_goal: run.reached_goal,
    }
}

fn gone(past: &Past) -> Gone {
    Gone {
        journey: past.journey.to_string(),
        key: past.key.clone(),
        entered_at: past.entered_at.0,
        begun_at: past.begun_at.0,
        left_at: past.left_at.0,
        how: past.how as u8,
        reached_goal: past.reached_goal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_as_it_was_written() {
        let runs = Runs {
            present: vec![Run {
                journey: Name::from("welcome"),
                key: Some("cart 7".to_owned()),
                entered_at: Moment(5),
                begun_at: Moment(4),
                at: Some("rest".to_owned()),
                reached_at: Moment(6),
                moves: 3,
                reached_goal: false,
            }],
            past: vec![Past {
                journey: Name::from("win_back"),
                key: None,
                entered_at: Moment(1),
                begun_at: Moment(1),
                left_at: Moment(2),
                how: Left::Goal,
                reached_goal: true,
            }],
            looked_at: Some(Moment(9)),
        };
        let kept = Kept {
            stood: [(7, true, i64::MAX), (u64::MAX, false, -5)]
                .map(|(key, holds, until)| Stood {
                    key,
                    standing: Standing {
                        truth: Truth::until(holds, until),
                        since: Moment(3),
                    },
                })
                .to_vec(),
            rest: Rest {
                once: Vec::new(),
                present: runs.present.iter().map(present).collect(),
                past: runs.past.iter().map(gone).collect(),
                looked_at: Some(9),
                print: Some(Print::default()),
                groups: None,
            },
        };
        let read = Kept::decode(&kept.clone().encode());
        assert!(read == kept);
        assert_eq!(read.runs(), runs);
    }

    #[test]
    fn bytes_of_somebody_else_are_as_if_nothing_were_kept() {
        for bytes in [&b""[..], b"\x01", b"\x02\x80", b"\x01\xff\xff"] {
            assert!(Kept::decode(bytes) == Kept::default());
        }
    }

    /// The bytes of version 1 as they were stored.
    #[test]
    fn what_version_1_stored_is_read_for_ever() {
        let stored = [
            0x01, 0x84, 0x81, 0x84, 0x07, 0xf5, 0x0b, 0x03, 0x81, 0x88, 0x61, b'w', 0xf6, 0x05, 0x04, 0x61,
            b'r', 0x06, 0x03, 0xf4, 0x81, 0x87, 0x61, b'v', 0xf6, 0x01, 0x01, 0x02, 0x01, 0xf5, 0x09,
        ];
        let read = Kept::decode(&stored);
        assert_eq!(
            read.stood
                .first()
                .map(|stood| (stood.key, stood.standing.truth, stood.standing.since)),
            Some((7, Truth::until(true, 11), Moment(3)))
        );
        let runs = read.runs();
        assert_eq!(
            runs.present.first().map(|run| run.journey.clone()),
            Some(Name::from("w"))
        );
        assert_eq!(runs.past.first().map(|past| past.how), Some(Left::Goal));
        assert!(Kept::decode(&read.clone().encode()) == read);
    }
}
