//! Votes of conversations, from the folder that Polis data comes in.

use crate::interactions::{Error, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use vocabulary::ItemId;

/// One vote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vote {
    /// The place of the statement.
    pub statement: u32,
    /// 1 agrees, 0 passes, -1 disagrees.
    pub vote: i8,
}

impl Vote {
    /// Whether it agrees.
    pub fn agrees(self) -> bool {
        self.vote > 0
    }
}

/// A conversation.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Conversation {
    /// Its name.
    pub name: String,
    /// Its statements, sorted as a model sorts them.
    pub statements: Vec<ItemId>,
    /// Of each person their votes, one for a statement.
    pub people: Vec<Vec<Vote>>,
    /// The group that the file says they are of, where it says so.
    pub groups: Vec<Option<u32>>,
}

/// The conversations of `votes.csv` (or `votes.csv.gz`) in a folder: columns `conversation`, `participant`,
/// `statement`, `vote` (1, 0, -1), and `group` where it is known. The last vote on a statement counts.
///
/// # Errors
/// [`Error`], with the file and line.
pub fn read(folder: &Path) -> Result<Vec<Conversation>, Error> {
    let packed = folder.join("votes.csv.gz");
    let path = if packed.exists() {
        packed
    } else {
        folder.join("votes.csv")
    };
    let mut rows = Table::open(&path)?;
    let conversation = rows.column("conversations", &["conversation"])?;
    let participant = rows.column("people", &["participant", "person", "voter-id"])?;
    let statement = rows.column("statements", &["statement", "comment-id"])?;
    let vote = rows.column("votes", &["vote"])?;
    let group = rows.find(&["group"]);
    let mut read: BTreeMap<String, People> = BTreeMap::new();
    let mut record = csv::StringRecord::new();
    while rows.next(&mut record)? {
        let cell = |column: usize| record.get(column).unwrap_or_default().trim();
        let line = record.position().map_or(0, csv::Position::line);
        let vote = match cell(vote) {
            "1" => 1,
            "0" => 0,
            "-1" => -1,
            other => return Err(rows.wrong(line, other, "vote", "write 1, 0 or -1")),
        };
        let people = read.entry(cell(conversation).to_owned()).or_default();
        let (of, votes) = people.entry(cell(participant).to_owned()).or_default();
        *of = group.and_then(|column| cell(column).parse().ok());
        votes.insert(cell(statement).to_owned(), vote);
    }
    if read.is_empty() {
        return Err(Error::Empty { path, hint: "" });
    }
    Ok(read.into_iter().map(conversation_of).collect())
}

/// Of each person their group, and their vote on each statement.
type People = BTreeMap<String, (Option<u32>, BTreeMap<String, i8>)>;

fn conversation_of((name, people): (String, People)) -> Conversation {
    let statements: BTreeSet<&String> = people.values().flat_map(|(_, votes)| votes.keys()).collect();
    let places: BTreeMap<&String, u32> = statements.iter().copied().zip(0..).collect();
    let votes_of = |votes: &BTreeMap<String, i8>| -> Vec<Vote> {
        let numbered = votes.iter().filter_map(|(statement, vote)| {
            Some(Vote {
                statement: *places.get(statement)?,
                vote: *vote,
            })
        });
        numbered.collect()
    };
    Conversation {
        people: people.values().map(|(_, votes)| votes_of(votes)).collect(),
        groups: people.values().map(|(group, _)| *group).collect(),
        statements: statements.into_iter().map(|text| ItemId(text.clone())).collect(),
        name,
    }
}
