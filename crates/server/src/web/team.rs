//! The team's pages: functions from what is known of programs, groups and members to markup.
//!
//! Deliberately does not know: requests, the store, people. The pages have no script; their forms are `POST`s with
//! `token` and `lang`.

mod chart;
mod journeys;
mod messages;
mod openness;
mod outbox;
mod person;
mod plain;
mod plan;
mod program;
mod recommendations;
mod segment;
mod segments;
mod simulation;
mod simulations;
mod talk;

pub use journeys::{Flow, journey, journeys};
pub use messages::{OneMessage, OneText, Preview, Which, findings, message, messages, text};
pub use openness::openness;
pub use outbox::{Outbox, Sender, outbox};
pub use person::{Names, PersonSays, person};
pub use plan::{Planned, plan};
pub use program::{Folder, ProgramPage, Proposed, Waits, file, files, program};
pub use recommendations::{Recommendations, recommendations};
pub use segment::{OneSegment, Verdict, segment};
pub use segments::segments;
pub use simulation::{Simulation, simulation};
pub use simulations::{Known, simulations};
pub use talk::{TalkSays, is_overdue, talk, talks};

use super::assets::{ICON, STYLE};
use crate::automation::figures::Figure;
use crate::team::PATH;
use crate::team::members::Listed;
use crate::team::roles::{Doing, Role};
use crate::words::{Put, Words};
use ::program::Program;
use askama::Template;
use gate::Applied;
use vocabulary::{Language, Moment};

/// Which page it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tab {
    /// None of those below.
    None,
    /// The first page.
    Overview,
    /// The program.
    Program,
    /// Segments.
    Segments,
    /// Journeys.
    Journeys,
    /// Messages.
    Messages,
    /// What leaves.
    Outbox,
    /// How open lists are.
    Openness,
    /// How good lists are.
    Recommendations,
    /// Simulations.
    Simulations,
    /// Conversations.
    Talks,
    /// Opening one person's data.
    Person,
    /// The members.
    Members,
}

/// What stands around every page of somebody who is in.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The language.
    pub language: Language,
    /// In front of every address.
    pub root: &'a str,
    /// What people call the site.
    pub site: &'a str,
    /// Who is in.
    pub name: &'a str,
    /// Their role.
    pub role: Role,
    /// What every form carries.
    pub token: &'a str,
    /// Which page it is.
    pub tab: Tab,
    /// Its address after `/team`, for the other language; empty: that of the tab.
    pub path: &'a str,
    /// The word about what was just done.
    pub said: &'a str,
}

/// How many people are somewhere, as far as the team may know.
pub struct Counts<'a> {
    /// When they were counted; not yet if it is not said.
    pub at: Option<Moment>,
    /// By name.
    pub of: &'a dyn Fn(&str) -> Option<Figure>,
}

/// What the first page tells.
pub struct Overview<'a> {
    /// What is in force.
    pub applied: Option<&'a Applied>,
    /// The program that acts.
    pub program: Option<&'a Program>,
    /// How many programs wait for a second person.
    pub waiting: usize,
    /// How many people wait for an answer; none for who does not answer.
    pub talks: usize,
}

/// Words, addresses and tabs of a page.
struct Shell<'a> {
    frame: &'a Frame<'a>,
    words: Words,
    tag: &'static str,
    style: String,
    icon: String,
    role: String,
    said: Option<String>,
    base: String,
    tabs: Vec<(String, String, bool)>,
    languages: [(&'static str, &'static str, String, bool); 2],
}

const TABS: [(Tab, &str, &str, Doing); 12] = [
    (Tab::Overview, "", "team-overview", Doing::See),
    (Tab::Program, "/program", "team-program", Doing::See),
    (Tab::Segments, "/segments", "team-segments", Doing::See),
    (Tab::Journeys, "/journeys", "team-journeys", Doing::See),
    (Tab::Messages, "/messages", "team-messages", Doing::See),
    (Tab::Outbox, "/outbox", "team-outbox", Doing::See),
    (Tab::Openness, "/openness", "team-openness", Doing::See),
    (
        Tab::Recommendations,
        "/recommendations",
        "team-recommendations",
        Doing::See,
    ),
    (Tab::Simulations, "/simulations", "team-simulations", Doing::See),
    (Tab::Talks, "/conversations", "team-talks", Doing::Help),
    (Tab::Person, "/person", "team-person", Doing::OpenPerson),
    (Tab::Members, "/members", "team-members", Doing::RunTeam),
];

impl<'a> Shell<'a> {
    fn of(frame: &'a Frame<'a>) -> Shell<'a> {
        let words = Words::of(frame.language);
        let tag = frame.language.tag();
        let base = format!("{}{PATH}", frame.root);
        let tabs = TABS
            .iter()
            .filter(|(_, _, _, doing)| frame.role.may(*doing))
            .map(|(tab, path, key, _)| {
                (
                    format!("{base}{path}?lang={tag}"),
                    words.say(key),
                    *tab == frame.tab,
                )
            })
            .collect();
        let own = TABS.iter().find(|(tab, ..)| *tab == frame.tab);
        let path = match frame.path {
            "" => own.map_or("", |(_, path, ..)| *path),
            path => path,
        };
        let language = |language: Language, name| {
            let address = format!("{base}{path}?lang={}", language.tag());
            (language.tag(), name, address, language == frame.language)
        };
        Shell {
            words,
            tag,
            style: format!("{}{}", frame.root, STYLE.path),
            icon: format!("{}{}", frame.root, ICON.path),
            role: role(words, frame.role),
            said: said(words, frame.said),
            tabs,
            languages: [
                language(Language::En, "English"),
                language(Language::Fr, "Français"),
            ],
            base,
            frame,
        }
    }

    fn may(&self, doing: Doing) -> bool {
        self.frame.role.may(doing)
    }
}

#[derive(Template)]
#[template(path = "team_door.html")]
struct DoorPage<'a> {
    words: Words,
    tag: &'static str,
    style: String,
    icon: String,
    base: String,
    site: &'a str,
    said: Option<String>,
    languages: [(&'static str, &'static str, bool); 2],
}

/// The page of somebody who is not in, with the word about why.
pub fn door(language: Language, root: &str, site: &str, word: &str) -> Result<String, askama::Error> {
    let words = Words::of(language);
    DoorPage {
        words,
        tag: language.tag(),
        style: format!("{root}{}", STYLE.path),
        icon: format!("{root}{}", ICON.path),
        base: format!("{root}{PATH}"),
        site,
        said: said(words, word),
        languages: [
            ("en", "English", language == Language::En),
            ("fr", "Français", language == Language::Fr),
        ],
    }
    .render()
}

#[derive(Template)]
#[template(path = "team_refused.html")]
struct RefusedPage<'a> {
    shell: Shell<'a>,
    why: String,
}

/// The page of somebody whose role may not.
pub fn refused(frame: &Frame<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    RefusedPage {
        why: shell
            .words
            .with("team-refused-words", &[("role", Put::Text(&shell.role))]),
        shell,
    }
    .render()
}

#[derive(Template)]
#[template(path = "team.html")]
struct OverviewPage<'a> {
    shell: Shell<'a>,
    hello: String,
    applied: Option<AppliedView>,
    broken: bool,
    segments: String,
    journeys: String,
    waiting: Option<String>,
    talks: Option<String>,
    doings: Vec<String>,
}

/// The first page.
pub fn overview(frame: &Frame<'_>, overview: &Overview<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let counted = |key, count: Option<usize>| words.counted(key, count.unwrap_or_default() as u64);
    let doings = Doing::ALL.into_iter().filter(|doing| frame.role.may(*doing));
    OverviewPage {
        hello: words.with(
            "team-hello",
            &[("name", Put::Text(frame.name)), ("role", Put::Text(&shell.role))],
        ),
        applied: overview
            .applied
            .map(|applied| AppliedView::of(words, applied, None)),
        broken: overview.applied.is_some() && overview.program.is_none(),
        segments: counted(
            "team-count-segments",
            overview.program.map(|one| one.segments.len()),
        ),
        journeys: counted(
            "team-count-journeys",
            overview.program.map(|one| one.journeys.len()),
        ),
        waiting: (overview.waiting > 0).then(|| words.counted("team-count-waiting", overview.waiting as u64)),
        talks: (overview.talks > 0).then(|| words.counted("team-count-talks", overview.talks as u64)),
        doings: doings.map(|doing| words.say(doing_key(doing))).collect(),
        shell,
    }
    .render()
}

/// A program that was put in force.
struct AppliedView {
    digest: String,
    short: String,
    title: String,
    who: String,
    current: bool,
}

impl AppliedView {
    fn of(words: Words, applied: &Applied, current: Option<vocabulary::Digest>) -> AppliedView {
        let when = moment(words, applied.at);
        let places = [
            ("when", Put::Text(when.as_str())),
            ("by", Put::Text(applied.by.as_str())),
            (
                "second",
                Put::Text(applied.approved_by.as_deref().unwrap_or_default()),
            ),
        ];
        let digest = applied.digest.to_string();
        AppliedView {
            title: words.with("team-number", &[("number", Put::Count(applied.number))]),
            who: match applied.approved_by {
                Some(_) => words.with("team-applied-approved", &places),
                None => words.with("team-applied", &places),
            },
            short: digest.chars().take(12).collect(),
            digest,
            current: current == Some(applied.digest),
        }
    }
}

#[derive(Template)]
#[template(path = "team_members.html")]
struct MembersPage<'a> {
    shell: Shell<'a>,
    members: Vec<MemberView<'a>>,
    roles: Vec<(&'static str, String)>,
}

struct MemberView<'a> {
    name: &'a str,
    role: String,
    word: &'static str,
    since: String,
    left: String,
    own: bool,
}

/// The members.
pub fn members(frame: &Frame<'_>, all: &[Listed]) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let member = |member| of_member(words, frame.name, member);
    MembersPage {
        members: all.iter().map(member).collect(),
        roles: Role::ALL
            .into_iter()
            .map(|one| (one.as_str(), role(words, one)))
            .collect(),
        shell,
    }
    .render()
}

fn of_member<'a>(words: Words, own: &str, member: &'a Listed) -> MemberView<'a> {
    let since = words.day(member.since.day());
    MemberView {
        name: &member.name,
        role: match member.role {
            Some(known) => role(words, known),
            None => words.say("team-role-unknown"),
        },
        word: member.role.map_or("", Role::as_str),
        since: words.with("team-since", &[("day", Put::Text(&since))]),
        left: words.counted("team-codes-left", member.recovery_left as u64),
        own: member.name == own,
    }
}

fn role(words: Words, role: Role) -> String {
    words.say(match role {
        Role::Marketer => "team-role-marketer",
        Role::PrivacyOfficer => "team-role-privacy-officer",
        Role::Admin => "team-role-admin",
        Role::Care => "team-role-care",
    })
}

fn doing_key(doing: Doing) -> &'static str {
    match doing {
        Doing::See => "team-do-see",
        Doing::PutForward => "team-do-put-forward",
        Doing::Approve => "team-do-approve",
        Doing::TakeBack => "team-do-take-back",
        Doing::PutBack => "team-do-put-back",
        Doing::Simulate => "team-do-simulate",
        Doing::Settle => "team-do-settle",
        Doing::OpenPerson => "team-do-open-person",
        Doing::Help => "team-do-help",
        Doing::RunTeam => "team-do-run-team",
    }
}

/// What is said about what was done; nothing for a word that is none of ours.
fn said(words: Words, word: &str) -> Option<String> {
    let key = match word {
        "wrong" => "team-said-wrong",
        "too-often" => "team-said-too-often",
        "stale" => "team-said-stale",
        "left" => "team-said-left",
        "applied" => "team-said-applied",
        "forward" => "team-said-forward",
        "approved" => "team-said-approved",
        "taken-back" => "team-said-taken-back",
        "put-back" => "team-said-put-back",
        "changed" => "team-said-changed",
        "overtaken" => "team-said-overtaken",
        "deadline-moved" => "team-said-deadline-moved",
        "same-person" => "team-said-same-person",
        "not-asked" => "team-said-not-asked",
        "nothing-before" => "team-said-nothing-before",
        "damaged" => "team-said-damaged",
        "not-yourself" => "team-said-not-yourself",
        "role-changed" => "team-said-role-changed",
        "sessions-ended" => "team-said-sessions-ended",
        "member-removed" => "team-said-member-removed",
        "settled" => "team-said-settled",
        "settled-already" => "team-said-settled-already",
        "simulated" => "team-said-simulated",
        "no-simulation" => "team-said-no-simulation",
        "simulation-unknown" => "team-said-simulation-unknown",
        "simulation-unfitting" => "team-said-simulation-unfitting",
        "talk-closed" => "team-talk-closed",
        "no-member" => "team-said-no-member",
        _ => return None,
    };
    Some(words.say(key))
}

/// A day and a time, in UTC.
fn moment(words: Words, at: Moment) -> String {
    let day = words.day(at.day());
    let minutes = at.0.div_euclid(60_000).rem_euclid(1_440);
    let time = format!("{:02}:{:02}", minutes / 60, minutes % 60);
    words.with(
        "team-moment",
        &[("day", Put::Text(&day)), ("time", Put::Text(&time))],
    )
}

/// A figure in words.
fn figure(words: Words, figure: Option<Figure>) -> String {
    match figure {
        Some(Figure {
            about: Some(about), ..
        }) => words.counted("team-about", about),
        Some(Figure {
            fewer_than: Some(few),
            ..
        }) => words.counted("team-fewer", few),
        _ => words.say("team-not-counted"),
    }
}
