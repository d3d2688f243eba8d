//! The page of segments: who is in each, in plain words, and how many.

use super::plain::{self, Piece};
use super::{Counts, Frame, Shell, figure, moment};
use crate::words::Put;
use ::program::Program;
use askama::Template;

#[derive(Template)]
#[template(path = "team_segments.html")]
struct Page<'a> {
    shell: Shell<'a>,
    none: bool,
    counted: String,
    segments: Vec<SegmentView<'a>>,
}

struct SegmentView<'a> {
    name: &'a str,
    title: &'a str,
    size: String,
    who: Vec<Piece>,
}

/// The page.
pub fn segments(
    frame: &Frame<'_>,
    program: Option<&Program>,
    counts: &Counts<'_>,
) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let counted = match counts.at {
        Some(at) => words.with(
            "team-counted-at",
            &[("when", Put::Text(moment(words, at).as_str()))],
        ),
        None => words.say("team-counted-never"),
    };
    let segments = program.map(|program| {
        let all = program.segments.values();
        all.map(|segment| view(words, program, counts, segment)).collect()
    });
    Page {
        none: program.is_none(),
        counted,
        segments: segments.unwrap_or_default(),
        shell,
    }
    .render()
}

fn view<'a>(
    words: crate::words::Words,
    program: &'a Program,
    counts: &Counts<'_>,
    segment: &'a ::program::Segment,
) -> SegmentView<'a> {
    SegmentView {
        name: segment.name.as_str(),
        title: segment.title.of(words.language()),
        size: figure(words, (counts.of)(segment.name.as_str())),
        who: plain::told(words, program, &segment.who),
    }
}
