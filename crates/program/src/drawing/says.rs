//! What boxes and ways are called, in French and English, short enough for a picture.

use crate::dictionary::Dictionary;
use crate::journey::{Awaited, Change, DayWindow, Days, Entry, TimeOfDay, Weekday, What};
use crate::segment::{Comparison, Did, Measure, Occurrence, Predicate, Value, Window};
use crate::span::{Span, Unit};
use vocabulary::Language;

/// Letters in a line of a box.
const WIDE: usize = 26;
/// Lines of a text at most; more is cut.
const LINES: usize = 3;

/// Words of one language, with what the dictionary calls events and traits in it.
#[derive(Clone, Copy)]
pub(super) struct Speech<'d>(pub(super) Language, pub(super) &'d Dictionary);

impl Speech<'_> {
    fn pick(self, fr: &'static str, en: &'static str) -> &'static str {
        match self.0 {
            Language::Fr => fr,
            Language::En => en,
        }
    }

    pub(super) fn out(self) -> &'static str {
        self.pick("Sortie", "Out")
    }

    pub(super) fn held_out(self) -> &'static str {
        self.pick("groupe témoin", "held out")
    }

    pub(super) fn leaves_when(self) -> &'static str {
        self.pick("Sort, où que l’on soit, quand", "Leaves, wherever they are, when")
    }

    pub(super) fn goal(self, occurrence: &Occurrence, within: Span) -> String {
        let (goal, within_word) = (self.pick("But", "Goal"), self.pick("en", "within"));
        let event = self.occurrence(occurrence);
        format!(
            "{goal}{}{event}, {within_word} {}",
            self.colon(),
            self.span(within)
        )
    }

    pub(super) fn leads_to(self) -> &'static str {
        self.pick("mène à", "leads to")
    }

    pub(super) fn people_entered(self) -> &'static str {
        self.pick("Entrée", "Entry")
    }

    /// A no-break space stands before it in French.
    pub(super) fn colon(self) -> &'static str {
        self.pick("\u{a0}: ", ": ")
    }

    pub(super) fn share(self, ten_thousandths: u16) -> String {
        let whole = ten_thousandths / 100;
        let rest = ten_thousandths % 100;
        let mut text = whole.to_string();
        if rest > 0 {
            let digits = format!("{rest:02}");
            text.push_str(self.pick(",", "."));
            text.push_str(digits.trim_end_matches('0'));
        }
        text + self.pick("\u{202f}%", "%")
    }

    pub(super) fn entry(self, entry: &Entry) -> String {
        match entry {
            Entry::Event { occurrence, key } => {
                let event = self.occurrence(occurrence);
                match key {
                    Some(key) => format!("{event} ({} {key})", self.pick("un par", "one per")),
                    None => event,
                }
            }
            Entry::Segment { name, change } => match change {
                Change::Enters => format!("{} {name}", self.pick("Entre dans", "Comes to be in")),
                Change::Leaves => format!("{} {name}", self.pick("Quitte", "Leaves")),
            },
            Entry::Schedule(calendar) => {
                let days = match &calendar.on {
                    Days::Daily => self.pick("Chaque jour", "Every day").to_owned(),
                    Days::Weekly(days) => format!("{} {}", self.pick("Chaque", "Every"), self.days(days)),
                    Days::Monthly(day) => match self.0 {
                        Language::Fr => format!("Le {day} du mois"),
                        Language::En => format!("On day {day} of the month"),
                    },
                };
                format!("{days}, {}", clock(calendar.at))
            }
            Entry::Anniversary {
                name,
                days_before,
                at,
            } => {
                let name = self.1.trait_title(name, self.0);
                let day = match (self.0, *days_before) {
                    (_, 0) => format!("{} {name}", self.pick("Le jour de", "On the day of")),
                    (Language::Fr, 1..) => format!("{days_before} j avant {name}"),
                    (Language::En, 1..) => format!("{days_before} days before {name}"),
                    (Language::Fr, _) => format!("{} j après {name}", days_before.unsigned_abs()),
                    (Language::En, _) => format!("{} days after {name}", days_before.unsigned_abs()),
                };
                format!("{day}, {}", clock(*at))
            }
        }
    }

    pub(super) fn step(self, what: &What) -> String {
        let colon = self.colon();
        match what {
            What::Wait { span, .. } => format!("{} {}", self.pick("Attendre", "Wait"), self.span(*span)),
            What::WaitUntil { window, days, .. } => {
                let until = self.pick("Attendre", "Wait until");
                let hours = self.window(*window);
                match days.as_slice() {
                    [] => format!("{until} {hours}"),
                    days => format!("{until} {}, {hours}", self.days(days)),
                }
            }
            What::WaitFor { what, at_most, .. } => {
                let what = match what {
                    Awaited::Event { occurrence, .. } => self.occurrence(occurrence),
                    Awaited::Predicate(predicate) => self.predicate(predicate),
                };
                let (wait, most) = (
                    self.pick("Attendre que", "Wait for"),
                    self.pick("au plus", "at most"),
                );
                format!("{wait}{colon}{what}, {most} {}", self.span(*at_most))
            }
            What::Branch { .. } => self.pick("Selon le cas", "Which is it?").to_owned(),
            What::Cohort { .. } => self.pick("Au hasard", "At random").to_owned(),
            What::Experiment { name, .. } => {
                format!("{}{colon}{name}", self.pick("Expérience", "Experiment"))
            }
            What::Message { name, .. } => format!("{}{colon}{name}", self.pick("Message", "Message")),
            What::Task { title, queue, .. } => {
                format!(
                    "{} {queue}{colon}{}",
                    self.pick("Tâche pour", "Task for"),
                    title.of(self.0)
                )
            }
            What::Update { name, value, .. } => {
                let name = self.1.trait_title(name, self.0);
                match value {
                    Some(value) => format!("{name} = {}", self.value(value)),
                    None => format!("{} {name}", self.pick("Effacer", "Remove")),
                }
            }
            What::Webhook { name, .. } => format!("{} {name}", self.pick("Prévenir", "Tell")),
            What::Exit => self.out().to_owned(),
        }
    }

    /// When the `number`th way of a step is taken; empty if there is but one.
    pub(super) fn way(self, what: &What, number: usize) -> String {
        match what {
            What::WaitFor { .. } => match number {
                0 => self.pick("c’est arrivé", "it came").to_owned(),
                _ => self.pick("sinon", "it did not").to_owned(),
            },
            What::Branch { arms, .. } => match arms.get(number) {
                Some((predicate, _)) => self.predicate(predicate),
                None => self.pick("sinon", "else").to_owned(),
            },
            What::Cohort { arms } | What::Experiment { arms, .. } => {
                let arm = arms.get(number);
                arm.map_or(String::new(), |arm| {
                    format!("{} {}", arm.name, self.share(arm.share))
                })
            }
            _ => String::new(),
        }
    }

    /// A predicate, as briefly as it can be told; details are in the program.
    pub(super) fn predicate(self, predicate: &Predicate) -> String {
        let joined = |parts: &[Predicate], word: &str| {
            let each: Vec<String> = parts.iter().map(|part| self.predicate(part)).collect();
            each.join(word)
        };
        match predicate {
            Predicate::All(parts) => joined(parts, self.pick(" et ", " and ")),
            Predicate::Any(parts) => joined(parts, self.pick(" ou ", " or ")),
            Predicate::Not(part) => format!("{} ({})", self.pick("non", "not"), self.predicate(part)),
            Predicate::Trait(test) => self.1.trait_title(&test.name, self.0).to_owned(),
            Predicate::Event(test) => {
                let event = self.occurrence(&test.occurrence);
                let often = match (&test.measure, test.comparison) {
                    (Measure::Count, Comparison::AtLeast) if test.value <= 1.0 => String::new(),
                    (Measure::Count, comparison) => format!(" {}\u{a0}{}×", sign(comparison), test.value),
                    (Measure::Sum(field), comparison) => {
                        format!(" {field} {}\u{a0}{}", sign(comparison), test.value)
                    }
                    (Measure::DaysSinceLast | Measure::DaysSinceFirst, comparison) => {
                        let days = self.pick("j", "d");
                        format!(" {}\u{a0}{}\u{a0}{days}", sign(comparison), test.value)
                    }
                };
                format!("{event}{often}{}", self.over(test.window))
            }
            Predicate::Sequence(sequence) => {
                let each: Vec<&str> = sequence
                    .steps
                    .iter()
                    .map(|step| self.1.event_title(&step.event, self.0))
                    .collect();
                each.join(self.pick(", puis ", ", then "))
            }
            Predicate::Items(test) => {
                let did = match test.did {
                    Did::Viewed => self.pick("articles vus", "items viewed"),
                    Did::Added => self.pick("articles ajoutés", "items added"),
                    Did::Bought => self.pick("articles achetés", "items bought"),
                };
                format!("{did}{}", self.over(test.window))
            }
            Predicate::Consent(purpose) => {
                format!("{} {}", self.pick("consent à", "consents to"), purpose.as_str())
            }
            Predicate::Member(name) => format!("{} {name}", self.pick("dans", "in")),
        }
    }

    fn over(self, window: Window) -> String {
        match window {
            Window::Within(span) => format!(" {} {}", self.pick("sous", "within"), self.span(span)),
            Window::Ever | Window::Between { .. } => String::new(),
        }
    }

    fn occurrence(self, occurrence: &Occurrence) -> String {
        let event = self.1.event_title(&occurrence.event, self.0);
        match occurrence.fields.as_slice() {
            [] => event.to_owned(),
            fields => {
                let each: Vec<&str> = crate::journey::fields(fields).collect();
                format!("{event} ({})", each.join(", "))
            }
        }
    }

    fn value(self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(true) => self.pick("oui", "yes").to_owned(),
            Value::Bool(false) => self.pick("non", "no").to_owned(),
        }
    }

    pub(super) fn span(self, span: Span) -> String {
        let unit = match (self.0, span.unit) {
            (Language::En, _) => return span.to_string(),
            (Language::Fr, Unit::Minutes) => "minute",
            (Language::Fr, Unit::Hours) => "heure",
            (Language::Fr, Unit::Days) => "jour",
            (Language::Fr, Unit::Weeks) => "semaine",
            (Language::Fr, Unit::Months) => "mois",
            (Language::Fr, Unit::Years) => "an",
        };
        let plural = if span.count == 1 || span.unit == Unit::Months {
            ""
        } else {
            "s"
        };
        format!("{} {unit}{plural}", span.count)
    }

    fn window(self, window: DayWindow) -> String {
        format!("{}–{}", clock(window.from), clock(window.to))
    }

    fn days(self, days: &[Weekday]) -> String {
        let each: Vec<&str> = days.iter().map(|day| self.day(*day)).collect();
        each.join(", ")
    }

    fn day(self, day: Weekday) -> &'static str {
        match day {
            Weekday::Monday => self.pick("lun.", "Mon"),
            Weekday::Tuesday => self.pick("mar.", "Tue"),
            Weekday::Wednesday => self.pick("mer.", "Wed"),
            Weekday::Thursday => self.pick("jeu.", "Thu"),
            Weekday::Friday => self.pick("ven.", "Fri"),
            Weekday::Saturday => self.pick("sam.", "Sat"),
            Weekday::Sunday => self.pick("dim.", "Sun"),
        }
    }
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::AtLeast => "≥",
        Comparison::AtMost => "≤",
        Comparison::MoreThan => ">",
        Comparison::LessThan => "<",
        Comparison::Exactly => "=",
    }
}

fn clock(time: TimeOfDay) -> String {
    format!("{:02}:{:02}", time.0 / 60, time.0 % 60)
}

/// A text in lines of a box; what is too much ends with `…`.
pub(super) fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let pieces = text.split(' ').filter(|word| !word.is_empty()).flat_map(pieces);
    for word in pieces {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDE => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(last) = lines.last_mut() {
            if last.chars().count() >= WIDE {
                last.pop();
            }
            last.push('…');
        }
    }
    lines
}

/// A word longer than a line, cut.
fn pieces(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters.chunks(WIDE).map(|piece| piece.iter().collect()).collect()
}
