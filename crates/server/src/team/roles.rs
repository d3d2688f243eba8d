//! Roles of the team and what each may do: one table.
//!
//! Deliberately does not know: who has which role, pages. Opening a person's data has a rule of its own on top of
//! this one: the charter's.

use serde::Deserialize;

/// What a member is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Writes programs.
    Marketer,
    /// Looks after people's rights.
    PrivacyOfficer,
    /// Looks after the team.
    Admin,
    /// Answers people who ask to talk to a human.
    Care,
}

/// What somebody may want to do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Doing {
    /// Look at programs, segments and journeys: nothing of a person.
    See,
    /// Put a program in force, or forward if a second person must look.
    PutForward,
    /// Approve a program that somebody else put forward.
    Approve,
    /// Take back a program that waits.
    TakeBack,
    /// Put a program of before in force again.
    PutBack,
    /// Hand in what a simulation of a program came to.
    Simulate,
    /// Take a message of which nobody knows whether it left off the list.
    Settle,
    /// Open one person's data for a purpose and a reason.
    OpenPerson,
    /// Read and answer the conversations that people opened themselves.
    Help,
    /// See who is in the team, change roles, end sessions, remove members.
    RunTeam,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 4] = [Role::Marketer, Role::PrivacyOfficer, Role::Admin, Role::Care];

    /// The word for it in commands, forms and rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Marketer => "marketer",
            Role::PrivacyOfficer => "privacy_officer",
            Role::Admin => "admin",
            Role::Care => "care",
        }
    }

    /// The role of that word.
    pub fn parse(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Whether it may. Whoever runs the team opens nobody's data, and whoever opens data writes no program.
    pub fn may(self, doing: Doing) -> bool {
        let (marketer, privacy_officer, admin, care) = match doing {
            Doing::See => (true, true, true, true),
            Doing::PutForward => (true, false, true, false),
            Doing::Approve => (true, true, true, false),
            Doing::TakeBack => (true, true, true, false),
            Doing::PutBack => (true, true, true, false),
            Doing::Simulate => (true, false, true, false),
            Doing::Settle => (true, true, true, false),
            Doing::OpenPerson => (false, true, false, false),
            // Read because the person wrote to the team: nobody else is opened by it.
            Doing::Help => (false, true, true, true),
            Doing::RunTeam => (false, false, true, false),
        };
        match self {
            Role::Marketer => marketer,
            Role::PrivacyOfficer => privacy_officer,
            Role::Admin => admin,
            Role::Care => care,
        }
    }
}

impl Doing {
    /// All of them.
    pub const ALL: [Doing; 10] = [
        Doing::See,
        Doing::PutForward,
        Doing::Approve,
        Doing::TakeBack,
        Doing::PutBack,
        Doing::Simulate,
        Doing::Settle,
        Doing::OpenPerson,
        Doing::Help,
        Doing::RunTeam,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every role and every act, written out: whoever changes the table changes this picture of it.
    #[test]
    fn the_table_is_this_one() {
        let mut picture = String::new();
        for doing in Doing::ALL {
            let marks: String = Role::ALL
                .into_iter()
                .map(|role| if role.may(doing) { 'x' } else { '.' })
                .collect();
            picture.push_str(&format!("{marks} {doing:?}\n"));
        }
        let expected = "xxxx See\nx.x. PutForward\nxxx. Approve\nxxx. TakeBack\nxxx. PutBack\nx.x. Simulate\nxxx. Settle\n.x.. OpenPerson\n.xxx Help\n..x. RunTeam\n";
        assert_eq!(picture, expected);
    }

    #[test]
    fn nobody_both_writes_programs_and_opens_people_or_runs_the_team_and_opens_people() {
        for role in Role::ALL {
            assert!(
                !(role.may(Doing::PutForward) && role.may(Doing::OpenPerson)),
                "{role:?}"
            );
            assert!(
                !(role.may(Doing::RunTeam) && role.may(Doing::OpenPerson)),
                "{role:?}"
            );
            assert!(role.may(Doing::See));
        }
    }

    #[test]
    fn a_role_is_read_by_its_word_and_no_other() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        for word in ["", "Admin", "root", "privacy officer", "marketer "] {
            assert_eq!(Role::parse(word), None, "{word}");
        }
    }
}
