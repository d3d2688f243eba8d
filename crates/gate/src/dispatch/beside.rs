//! What else a journey wants to leave: a task for a human, and what another system is told.
//!
//! Deliberately does not know: messages to the person.

use super::told::{self, Told};
use super::under_way::OneTurn;
use super::{Compose, Composed, NotComposed, Seen, Waiting, house};
use crate::Unavailable;
use crate::clearance::{self, Code, Facts, Held, Verdict};
use crate::outbox::{Ended, Entry};
use crate::purposes::{MarketByEmail, MarketByPush, MarketBySms, Personalise, Service, Writes};
use crate::record::{self, Statement};
use vocabulary::{Channel, PurposeName};

impl<C: Compose> OneTurn<'_, C> {
    /// A human has something to do. It lies before them before the outbox forgets it.
    pub(super) fn task(&mut self, entry: &Entry) -> Result<(), Unavailable> {
        let segment = self.allowed.answer(PurposeName::Segment);
        if !segment.allowed {
            let policies = segment.policies.iter().map(|id| id.as_str());
            let held = Held::of(
                Code::of_policies(policies.clone()),
                &policies.collect::<Vec<_>>().join(" "),
            );
            return self.end(std::slice::from_ref(entry), None, &held, serde_json::Value::Null);
        }
        house::put_task(self.shared, self.person, entry, self.ask.now)?;
        self.tasks += 1;
        self.turn.ended.push(Ended {
            id: entry.id,
            code: "task".to_owned(),
        });
        Ok(())
    }

    /// Another system is told: what the journey is for must be permitted, and the program approved.
    pub(super) fn webhook(&mut self, entry: Entry) -> Result<(), Unavailable> {
        let purpose = PurposeName::ALL.get(usize::from(entry.purpose)).copied();
        let purpose = purpose.unwrap_or(PurposeName::Segment);
        if let Some(held) = self
            .refused(purpose)
            .or_else(|| self.refused(PurposeName::Segment))
        {
            return self.end(&[entry], None, &held, serde_json::Value::Null);
        }
        let wanted = self.program.wanted(&Waiting::of(&entry), self.ask.now);
        let facts = Facts {
            purpose: PurposeName::Service,
            suppressed: None,
            claims: clearance::Claims::Backed,
            ..self.facts(&entry, PurposeName::Service, Channel::InApp, &wanted)
        };
        match clearance::judge(&facts, self.program.rules(), self.ask.now) {
            Verdict::Pass(_) => {}
            Verdict::Wait { until, held } => {
                self.put_off(&entry, until, held.code);
                return Ok(());
            }
            Verdict::End(held) => return self.end(&[entry], None, &held, serde_json::Value::Null),
        }
        let (composed, opened) = match purpose {
            PurposeName::MarketByEmail => self.system::<MarketByEmail>(&entry),
            PurposeName::MarketBySms => self.system::<MarketBySms>(&entry),
            PurposeName::MarketByPush => self.system::<MarketByPush>(&entry),
            PurposeName::Personalise => self.system::<Personalise>(&entry),
            PurposeName::Service => self.system::<Service>(&entry),
            // No words are written for the others, and no traits are told.
            other => (self.compose_told(&entry, other, &[]), false),
        };
        match composed {
            Err(NotComposed { code, said }) => {
                let held = Held::of(code, "program/webhook");
                self.end(&[entry], None, &held, said)
            }
            Ok(Composed { letter, said }) => {
                let id = record::fresh_id(self.person)?;
                let told = Told {
                    entries: std::slice::from_ref(&entry),
                    channel: None,
                    outcome: "handed_over",
                    held: None,
                    facts: None,
                    said,
                    now: self.ask.now,
                };
                let statement = Statement {
                    kind: told::KIND,
                    purpose: opened.then_some(purpose),
                    program: self.program.program(),
                    allowed: true,
                    reasons: Vec::new(),
                    at: self.ask.now,
                };
                let whose = (self.person, self.key);
                let row = record::make_named(self.shared, id, whose, statement, told.details(), None)?;
                self.rows.push(row);
                self.marked(vec![entry], letter, (purpose, None), (id, None));
                Ok(())
            }
        }
    }

    /// What a system is told for `P`: the journey the person is in, and of their traits those that its settings name
    /// and `P` may see. Whether any was opened.
    fn system<P: Writes>(&self, entry: &Entry) -> (Result<Composed<C::Letter>, NotComposed>, bool) {
        let fields = self.program.fields(&entry.name);
        if fields.is_empty() {
            return (self.compose_told(entry, P::NAME, &[]), false);
        }
        let draft = self.open::<P>().draft(|view| {
            let told = P::traits(view).iter().filter(|(name, _)| fields.contains(name));
            let told: Vec<(String, String)> = told.cloned().collect();
            self.compose_told(entry, P::NAME, &told)
        });
        (draft.proposal, true)
    }

    fn compose_told(
        &self,
        entry: &Entry,
        purpose: PurposeName,
        traits: &[(String, String)],
    ) -> Result<Composed<C::Letter>, NotComposed> {
        self.program.compose(&Seen {
            waiting: &[Waiting::of(entry)],
            purpose,
            channel: Channel::InApp,
            traits,
            contract: self.contract,
            zone: self.zone,
            now: self.ask.now,
        })
    }
}
