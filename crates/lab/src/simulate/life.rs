//! One life: inputs come, somebody looks; it is due, somebody looks. What a server does with an envelope, without
//! the envelope.
//!
//! Deliberately does not know: how people are drawn, what is counted.

use super::post::{Post, Posted};
use super::{Person, World};
use decide::journeys::{self, Effect, Fresh, Happens, Passed, Run, Runs, Seed, Situation};
use decide::segments::{self, Changed, Known, Standing, Standings, TraitKnown, Truth};
use program::segment::{Did, Origin};
use vocabulary::{Happened, ItemId, Moment, Occurrences, PurposeName, Touched};

/// Occurrences of one event that are kept, as an envelope keeps them.
const EACH_MAX: usize = 256;
/// Occurrences that are kept in all.
const ALL_MAX: usize = 1_024;
/// Looks within [`HASTE_MS`] without anything having happened: more, and a loop never rests.
const LOOKS_MAX: u32 = 1_000;
const HASTE_MS: i64 = 2 * vocabulary::DAY_MS;

/// Something that happens to a person.
#[derive(Clone, PartialEq, Debug)]
pub enum Input {
    /// They do something.
    Event {
        /// Which event.
        event: String,
        /// The occurrence; its number is given when it comes.
        happened: Happened,
        /// What it does with items.
        did: Option<Did>,
        /// With which.
        items: Vec<ItemId>,
    },
    /// They agree to a purpose, or take it back.
    Choice {
        /// When.
        at: Moment,
        /// To what.
        purpose: PurposeName,
        /// Yes or no.
        given: bool,
    },
}

impl Input {
    /// When.
    pub fn at(&self) -> Moment {
        match self {
            Input::Event { happened, .. } => happened.at,
            Input::Choice { at, .. } => *at,
        }
    }
}

/// What a look came to.
pub struct Looked<'a> {
    /// Whose.
    pub person: &'a Person,
    /// When.
    pub now: Moment,
    /// The first look: everybody is in their groups already.
    pub first: bool,
    /// How they stand to groups; `turned` are those just entered or left.
    pub standings: &'a Standings,
    /// What happens.
    pub effects: &'a [Effect],
    /// The ways that were taken.
    pub passed: &'a [Passed],
    /// They took back the purpose `segment`: these runs are over, and they are in no group any more.
    pub dropped: Option<&'a [Run]>,
}

/// What is told of a life.
pub enum Told<'a> {
    /// Somebody looked.
    Looked(&'a Looked<'a>),
    /// Something became of a message.
    Posted(&'a Posted<'a>),
}

/// A life.
pub struct Life<'a> {
    world: &'a World<'a>,
    person: Person,
    happened: Vec<Occurrences>,
    touched: Vec<Touched>,
    consents: Vec<(PurposeName, Moment)>,
    standings: Option<Vec<Standing>>,
    runs: Runs,
    post: Post,
    /// Traits that journeys set at the last look.
    pending: Vec<String>,
    begins: Moment,
    due: Moment,
    number: u64,
    looks: u64,
    restless: bool,
}

/// What changed since the last look.
#[derive(Default)]
struct News {
    event: Option<(String, Happened)>,
    items: bool,
    consents: bool,
}

impl<'a> Life<'a> {
    /// Somebody, before anything happened.
    pub fn new(world: &'a World<'a>, person: Person, begins: Moment) -> Life<'a> {
        let mut life = Life {
            world,
            person,
            happened: Vec::new(),
            touched: Vec::new(),
            consents: Vec::new(),
            standings: None,
            runs: Runs::default(),
            post: Post::default(),
            pending: Vec::new(),
            begins,
            due: Truth::NEVER,
            number: 0,
            looks: 0,
            restless: false,
        };
        life.agree();
        life
    }

    /// Where they are in journeys.
    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// The messages that wait.
    pub fn waiting(&self) -> impl Iterator<Item = &program::Name> {
        self.post.waiting()
    }

    /// Who it is.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// How often somebody looked.
    pub fn looks(&self) -> u64 {
        self.looks
    }

    /// A loop never rested: the life was broken off there.
    pub fn is_restless(&self) -> bool {
        self.restless
    }

    /// Lives through the inputs, which are by time, up to but not at `ends`; `told` is told of each look
    /// and of each message.
    pub fn live(&mut self, inputs: Vec<Input>, ends: Moment, told: &mut dyn FnMut(Told<'_>)) {
        let mut inputs = inputs.into_iter().peekable();
        while let Some(input) = inputs.next_if(|input| input.at() < self.begins) {
            self.take(input);
        }
        self.look(&News::default(), self.begins, told);
        for input in inputs.take_while(|input| input.at() < ends) {
            let now = input.at();
            self.rest(now, told);
            let before = self.may();
            let news = self.take(input);
            match (before, self.may()) {
                (true, false) => self.withdraw(now, told),
                (_, true) => self.look(&news, now, told),
                (false, false) => {}
            }
            if news.consents {
                self.post.stir(now);
                self.leave(now, told);
            }
        }
        self.rest(ends, told);
    }

    fn may(&self) -> bool {
        self.person.permitted.contains(PurposeName::Segment)
    }

    /// Looks whenever it is due, before then, and takes turns at what waits to leave.
    fn rest(&mut self, until: Moment, told: &mut dyn FnMut(Told<'_>)) {
        let (mut looks, mut since) = (0, self.due);
        let mut last = self.runs.looked_at.unwrap_or(self.begins);
        while self.due.min(self.post.due()) < until && !self.restless {
            let leaves = self.post.due();
            if leaves < self.due {
                self.leave(leaves, told);
                continue;
            }
            let now = self.due.max(last);
            last = now;
            if now.since(since) > HASTE_MS {
                (looks, since) = (0, now);
            }
            looks += 1;
            self.restless = looks > LOOKS_MAX;
            self.look(&News::default(), now, told);
        }
    }

    /// A turn at what waits to leave.
    fn leave(&mut self, now: Moment, told: &mut dyn FnMut(Told<'_>)) {
        self.post.turn(self.world, &self.person, now, &mut |posted| {
            told(Told::Posted(posted))
        });
    }

    fn take(&mut self, input: Input) -> News {
        let mut news = News::default();
        match input {
            Input::Choice { purpose, given, .. } => {
                let permitted = self.person.permitted;
                self.person.permitted = if given {
                    permitted.with(purpose)
                } else {
                    permitted.without(purpose)
                };
                self.agree();
                news.consents = true;
            }
            Input::Event {
                event,
                mut happened,
                did,
                items,
            } => {
                let declared = self.world.program.dictionary.events.get(&event);
                let kept = declared.is_some_and(|event| event.purposes.contains(PurposeName::Segment));
                if !kept || !self.may() {
                    return news;
                }
                self.number += 1;
                happened.number = self.number;
                if let Some(did) = did {
                    for item in items {
                        news.items = true;
                        self.touch(did, item, happened.at);
                    }
                }
                self.keep(&event, happened.clone());
                news.event = Some((event, happened));
            }
        }
        news
    }

    fn agree(&mut self) {
        let given = PurposeName::ASKED
            .into_iter()
            .filter(|purpose| self.person.permitted.contains(*purpose));
        self.consents = given.map(|purpose| (purpose, Truth::NEVER)).collect();
    }

    /// The latest stay.
    fn keep(&mut self, event: &str, happened: Happened) {
        match self.happened.iter_mut().find(|known| known.event == event) {
            Some(known) => {
                let place = known.each.partition_point(|one| one.at <= happened.at);
                known.each.insert(place, happened);
                if known.each.len() > EACH_MAX {
                    known.each.remove(0);
                }
            }
            None => self.happened.push(Occurrences {
                event: event.to_owned(),
                each: vec![happened],
            }),
        }
        if self.happened.iter().map(|known| known.each.len()).sum::<usize>() > ALL_MAX {
            let first = |known: &&mut Occurrences| known.each.first().map_or(Truth::NEVER, |one| one.at);
            if let Some(oldest) = self.happened.iter_mut().min_by_key(first) {
                oldest.each.remove(0);
            }
        }
    }

    fn touch(&mut self, did: Did, item: ItemId, at: Moment) {
        let place = self.touched.iter().position(|touched| touched.item == item);
        let place = place.unwrap_or_else(|| {
            self.touched.push(Touched {
                item,
                viewed_at: None,
                added_at: None,
                bought_at: None,
            });
            self.touched.len() - 1
        });
        if let Some(touched) = self.touched.get_mut(place) {
            let slot = match did {
                Did::Viewed => &mut touched.viewed_at,
                Did::Added => &mut touched.added_at,
                Did::Bought => &mut touched.bought_at,
            };
            *slot = (*slot).max(Some(at));
        }
    }

    /// Nobody looks at them any more, and what was kept for groups is gone.
    fn withdraw(&mut self, now: Moment, told: &mut dyn FnMut(Told<'_>)) {
        let standings = Standings {
            each: self.standings.take().unwrap_or_default(),
            turned: Vec::new(),
        };
        let runs = std::mem::take(&mut self.runs);
        self.happened.clear();
        self.touched.clear();
        self.person
            .traits
            .retain(|known| known.origin != Origin::Observed);
        self.due = Truth::NEVER;
        told(Told::Looked(&Looked {
            person: &self.person,
            now,
            first: false,
            standings: &standings,
            effects: &[],
            passed: &[],
            dropped: Some(&runs.present),
        }));
    }

    fn look(&mut self, news: &News, now: Moment, told: &mut dyn FnMut(Told<'_>)) {
        if !self.may() {
            return;
        }
        let world = self.world;
        let pending = std::mem::take(&mut self.pending);
        let first = now == self.begins && self.looks == 0;
        // Who agrees later is new, and enters the groups they are in.
        let nowhere = || {
            let out = Standing {
                truth: Truth::until(false, i64::MIN),
                since: Moment(0),
            };
            vec![out; world.plan.len()]
        };
        let earlier = match self.standings.take() {
            None if first => None,
            None => Some(nowhere()),
            known => known,
        };
        let known = Known {
            traits: &self.person.traits,
            happened: &self.happened,
            touched: &self.touched,
            consents: &self.consents,
            zone: &self.person.zone,
        };
        let changed = Changed {
            all: false,
            events: news.event.iter().map(|(event, _)| event.as_str()).collect(),
            traits: pending.iter().map(String::as_str).collect(),
            items: news.items,
            consents: news.consents,
            ..Changed::default()
        };
        let standings = segments::evaluate(
            &world.plan,
            &known,
            world.catalogue,
            earlier.as_deref(),
            &changed,
            now,
        );
        let fresh: Vec<Fresh<'_>> = news
            .event
            .iter()
            .map(|(event, happened)| Fresh { event, happened })
            .collect();
        let stepped = journeys::step(
            &self.runs,
            &Situation {
                journeys: &world.journeys,
                plan: &world.plan,
                known: &known,
                catalogue: world.catalogue,
                standings: &standings,
                fresh: &fresh,
                permitted: self.person.permitted,
                silent_until: None,
                seed: Seed(self.person.seed),
                now,
            },
        );
        self.looks += 1;
        self.runs = stepped.runs;
        self.due = standings.due().min(stepped.due);
        told(Told::Looked(&Looked {
            person: &self.person,
            now,
            first,
            standings: &standings,
            effects: &stepped.effects,
            passed: &stepped.passed,
            dropped: None,
        }));
        for effect in &stepped.effects {
            if let Happens::Message(message) = &effect.what {
                let told = &mut |posted: &Posted<'_>| told(Told::Posted(posted));
                self.post.queue(world, &self.person, (effect, message), now, told);
            }
        }
        self.leave(now, told);
        self.standings = Some(standings.each);
        self.pending = self.set(&stepped.effects);
        if !self.pending.is_empty() {
            // What a journey says of a person is an input: somebody looks again.
            self.due = now;
        }
    }

    /// Sets and removes traits; answers which.
    fn set(&mut self, effects: &[Effect]) -> Vec<String> {
        let mut names = Vec::new();
        for effect in effects {
            let Happens::Update { name, value } = &effect.what else {
                continue;
            };
            // What a person said of themselves no journey takes away.
            let known = &mut self.person.traits;
            match value {
                Some(value) => {
                    known.retain(|one| one.name != *name);
                    known.push(TraitKnown {
                        name: name.clone(),
                        value: value.clone(),
                        origin: Origin::Observed,
                    });
                }
                None => known.retain(|one| one.name != *name || one.origin != Origin::Observed),
            }
            names.push(name.clone());
        }
        names
    }
}
