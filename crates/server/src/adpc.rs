//! `ADPC`: what a browser says for the person about consent and objection (Advanced Data Protection
//! Control, noyb and WU Vienna, draft of 2022; GDPR art. 21(5), "object by automated means").
//!
//! Pure: from the header's bytes to wishes by purpose. What cannot be read never permits anything, and
//! never takes back what the readable part withdraws. Deliberately does not know: people, the store,
//! what a wish leads to.

use axum::http::HeaderMap;
use vocabulary::{Digest, PurposeName, PurposeSet};

/// Most bytes of all `ADPC` headers of a request that are read.
const LONGEST: usize = 8 << 10;
/// Most identifiers of one request.
const MOST_IDS: usize = 200;
/// Longest identifier, bytes; standardised ones are URIs.
const LONGEST_ID: usize = 256;

/// A question as `/consent-requests.json` lists it: its identifier names the very wording.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsentRequest {
    /// `personalise.0123456789ab`: the purpose, and the start of the hash of the notice's wording. A
    /// changed wording has another identifier, so an answer can never be taken for an answer to
    /// something else.
    pub id: String,
    /// What it asks for.
    pub purpose: PurposeName,
    /// The notice it is taken from.
    pub notice: String,
    /// And its version.
    pub version: u32,
}

/// The identifier of the question for `purpose` in the notice of that hash.
pub fn request_id(purpose: PurposeName, notice: &Digest) -> String {
    let hash: String = notice.to_string().chars().take(12).collect();
    format!("{purpose}.{hash}")
}

/// The header as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Adpc {
    /// `withdraw=*`.
    pub withdraw_all: bool,
    /// `withdraw="a b"`.
    pub withdraw: Vec<String>,
    /// `consent="a b"`; there is no `consent=*`.
    pub consent: Vec<String>,
    /// `object=direct-marketing`.
    pub object_direct_marketing: bool,
    /// A `consent` or `withdraw` directive was there, even an empty one: the browser has answered, so
    /// nobody needs to be asked.
    pub answered: bool,
}

/// What the header wishes, by purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Wishes {
    /// Consented to, for wordings that are in force.
    pub given: PurposeSet,
    /// Withdrawn, by name or because everything is.
    pub withdrawn: PurposeSet,
    /// Objection to direct marketing (GDPR art. 21(2)).
    pub object_direct_marketing: bool,
    /// As in [`Adpc::answered`].
    pub answered: bool,
}

impl Wishes {
    /// Nothing was said.
    pub fn is_silent(&self) -> bool {
        *self == Wishes::default()
    }
}

impl Adpc {
    /// Reads all `ADPC` headers of a request: any number of them is one list.
    pub fn read(headers: &HeaderMap) -> Adpc {
        let mut adpc = Adpc::default();
        let (mut left, mut whole) = (LONGEST, true);
        for value in headers.get_all("adpc") {
            let bytes = value.as_bytes();
            let (fits, text) =
                match std::str::from_utf8(bytes.get(..left.min(bytes.len())).unwrap_or_default()) {
                    Ok(text) => (bytes.len() <= left, text),
                    Err(_) => (false, ""),
                };
            left = left.saturating_sub(bytes.len());
            whole &= adpc.add(text) && fits;
            // What is beyond may have been a withdrawal.
            adpc.withdraw_all |= !fits;
        }
        if !whole {
            // What could not be read may have been about what is consented to here.
            adpc.consent.clear();
        }
        adpc
    }

    /// Adds the directives of one header value. `false`: something in it could not be read.
    fn add(&mut self, text: &str) -> bool {
        let mut whole = true;
        for directive in directives(text) {
            let directive = directive.trim_matches([' ', '\t']);
            if directive.is_empty() {
                continue;
            }
            if self.directive(directive).is_none() {
                whole = false;
                self.protect(directive);
            }
        }
        whole
    }

    /// What cannot be read whole may be a withdrawal or an objection that must not be lost.
    fn protect(&mut self, directive: &str) {
        let name = directive.split('=').next().unwrap_or_default().trim_ascii();
        self.withdraw_all |= name.eq_ignore_ascii_case("withdraw");
        self.object_direct_marketing |= name.eq_ignore_ascii_case("object");
    }

    fn directive(&mut self, directive: &str) -> Option<()> {
        let (name, value) = directive.split_once('=')?;
        let (name, value) = (name.trim_ascii_end(), value.trim_ascii().trim_matches('\''));
        let ids: Vec<&str> = match value.strip_prefix('"') {
            Some(rest) => rest
                .strip_suffix('"')?
                .split(' ')
                .filter(|id| !id.is_empty())
                .collect(),
            None if value.is_empty() => Vec::new(),
            None => vec![value],
        };
        let full = self.consent.len() + self.withdraw.len() + ids.len() > MOST_IDS;
        if full || !ids.iter().all(|id| plain(id)) {
            return None;
        }
        let all = ids.contains(&"*");
        let owned = || ids.iter().filter(|id| **id != "*").map(|id| (*id).to_owned());
        if name.eq_ignore_ascii_case("consent") {
            self.answered = true;
            self.consent.extend(owned());
            return (!all).then_some(());
        }
        if name.eq_ignore_ascii_case("withdraw") {
            self.answered = true;
            self.withdraw_all |= all;
            self.withdraw.extend(owned());
        } else if name.eq_ignore_ascii_case("object") {
            // `*` is not of the draft; who objects to everything objects to this.
            self.object_direct_marketing |= all || ids.contains(&"direct-marketing");
        }
        // Another name is a later version's business.
        Some(())
    }

    /// The wishes, for the questions that are in force.
    ///
    /// Specific beats general: `consent="…"` stands against `withdraw=*`. Of two that are as specific,
    /// the one that protects more stands. A consent counts only for the wording that is in force; a
    /// withdrawal counts for its purpose whatever the wording was. An objection is absolute (GDPR
    /// art. 21(3)): no consent in the same header lifts it.
    pub fn wishes(&self, requests: &[ConsentRequest]) -> Wishes {
        let named: PurposeSet = self.withdraw.iter().filter_map(|id| purpose_of(id)).collect();
        let consented: PurposeSet = requests
            .iter()
            .filter(|request| self.consent.contains(&request.id))
            .map(|request| request.purpose)
            .filter(|purpose| !named.contains(*purpose))
            .collect();
        let everything: PurposeSet = match self.withdraw_all {
            true => PurposeName::ASKED.into_iter().collect(),
            false => PurposeSet::NONE,
        };
        Wishes {
            given: consented,
            withdrawn: PurposeName::ALL
                .into_iter()
                .filter(|p| named.contains(*p) || (everything.contains(*p) && !consented.contains(*p)))
                .collect(),
            object_direct_marketing: self.object_direct_marketing,
            answered: self.answered,
        }
    }
}

/// The purpose an identifier of ours asks about, in whatever wording.
fn purpose_of(id: &str) -> Option<PurposeName> {
    let name = id.split_once('.').map_or(id, |(name, _)| name);
    PurposeName::parse(name).filter(|purpose| PurposeName::ASKED.contains(purpose))
}

/// Visible ASCII without quotes: unreserved characters, `*`, or a URI.
fn plain(id: &str) -> bool {
    id.len() <= LONGEST_ID
        && id
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

/// The parts between commas that stand outside quotes.
fn directives(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    fn read(values: &[&str]) -> Adpc {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("adpc", HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        Adpc::read(&headers)
    }

    fn requests() -> Vec<ConsentRequest> {
        let notice = Digest::of(b"the wording");
        [PurposeName::Personalise, PurposeName::Segment, PurposeName::Train]
            .map(|purpose| ConsentRequest {
                id: request_id(purpose, &notice),
                purpose,
                notice: "shop".to_owned(),
                version: 1,
            })
            .to_vec()
    }

    fn wishes(value: &str) -> (Vec<&'static str>, Vec<&'static str>) {
        let mut value = value.to_owned();
        for request in requests() {
            value = value.replace(&format!("${}", request.purpose), &request.id);
        }
        let wishes = read(&[&value]).wishes(&requests());
        let names = |set: PurposeSet| set.iter().map(PurposeName::as_str).collect();
        (names(wishes.given), names(wishes.withdrawn))
    }

    const ALL: [&str; 3] = ["personalise", "segment", "train"];

    #[test]
    fn the_examples_of_the_draft_are_read() {
        let both = read(&[r#"withdraw=*, object=direct-marketing, consent="q1analytics q2recommendation""#]);
        assert!(both.withdraw_all && both.object_direct_marketing && both.answered);
        assert_eq!(both.consent, ["q1analytics", "q2recommendation"]);
        let apart = read(&[
            r#"consent="q1analytics q2recommendation""#,
            "object=direct-marketing",
            "withdraw=*",
        ]);
        assert_eq!(apart, both, "several headers are one list");
        let one = read(&["withdraw=q2recommendation, consent=q1analytics"]);
        assert_eq!(
            (one.withdraw, one.consent),
            (
                vec!["q2recommendation".to_owned()],
                vec!["q1analytics".to_owned()]
            )
        );
        assert!(read(&[r#"consent="""#]).answered && read(&["consent="]).answered);
        let uri = read(&[r#"consent="https://iab.com/tcf2/ns/#purpose1,2 b""#]);
        assert_eq!(uri.consent.len(), 2, "a comma in quotes parts nothing");
        assert_eq!(read(&[]), Adpc::default());
    }

    #[test]
    fn specific_beats_general_and_of_equals_the_stricter_stands() {
        assert_eq!(wishes("withdraw=*").1[..3], ALL);
        let (given, withdrawn) = wishes("withdraw=*, consent=$segment");
        assert_eq!(given, ["segment"]);
        assert!(withdrawn.contains(&"personalise") && !withdrawn.contains(&"segment"));
        let (given, withdrawn) = wishes("consent=$segment, withdraw=$segment");
        assert_eq!((given.len(), withdrawn), (0, vec!["segment"]));
        assert!(
            !wishes("withdraw=*").1.contains(&"service"),
            "an order is not undone by a header"
        );
    }

    #[test]
    fn a_consent_to_another_wording_permits_nothing_and_a_withdrawal_of_any_wording_counts() {
        assert_eq!(wishes("consent=personalise.000000000000").0.len(), 0);
        assert_eq!(wishes("consent=personalise").0.len(), 0);
        assert_eq!(wishes("withdraw=personalise.000000000000").1, ["personalise"]);
        assert_eq!(
            wishes("consent=*").0.len(),
            0,
            "there is no consent to everything"
        );
    }

    #[test]
    fn what_cannot_be_read_permits_nothing_and_withdraws_what_it_can() {
        for broken in [
            "consent=$train, consent=\"$segment",
            "consent=$train, nonsense",
            "consent=$train, consent=*",
            "consent=$train, consent=\"a\u{e9}\"",
        ] {
            assert_eq!(wishes(broken).0.len(), 0, "{broken}");
        }
        assert_eq!(wishes("withdraw=*, nonsense").1[..3], ALL);
        assert_eq!(
            wishes("withdraw=\"\u{e9} $train\"").1[..3],
            ALL,
            "who withdraws something unreadable"
        );
        let long = format!("consent=$train, later=\"{}\"", "x".repeat(LONGEST));
        assert_eq!(wishes(&long).0.len(), 0);
        let many = format!("withdraw=\"{}\"", "i ".repeat(MOST_IDS + 1));
        assert_eq!(wishes(&many).1[..3], ALL);
    }

    #[test]
    fn a_withdrawal_or_objection_that_is_cut_short_counts_whole() {
        for broken in [
            "withdraw=\"personalise.x",
            "withdraw",
            "withdraw='*'",
            "WITHDRAW = \"*",
        ] {
            assert_eq!(wishes(broken).1[..3], ALL, "{broken}");
        }
        for broken in ["object=\"direct-marketing", "object", "object='direct-marketing'"] {
            assert!(read(&[broken]).object_direct_marketing, "{broken}");
        }
    }

    #[test]
    fn an_objection_is_not_lifted_by_a_consent() {
        let requests = requests();
        let header = format!("object=direct-marketing, consent={}", requests[0].id);
        let wishes = read(&[&header]).wishes(&requests);
        assert!(wishes.object_direct_marketing);
        assert!(!read(&["object=something-else"]).object_direct_marketing);
        assert!(read(&["Object=\"x direct-marketing\""]).object_direct_marketing);
    }

    proptest! {
        /// Whatever bytes come: nothing falls over, nothing is both given and withdrawn, and only what
        /// was asked in force is given.
        #[test]
        fn any_header_is_read_without_harm(values in proptest::collection::vec(proptest::collection::vec(0x20u8..=0xff, 0..200), 0..4)) {
            let mut headers = HeaderMap::new();
            for value in &values {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    headers.append("adpc", value);
                }
            }
            let wishes = Adpc::read(&headers).wishes(&requests());
            prop_assert!(wishes.given.and(wishes.withdrawn).is_empty());
        }

        /// Adding a withdrawal to a header never permits more.
        #[test]
        fn a_withdrawal_added_never_permits_more(
            mut parts in proptest::collection::vec(prop_oneof![
                Just("withdraw=*".to_owned()),
                Just("object=direct-marketing".to_owned()),
                (0usize..3).prop_map(|i| format!("consent={}", requests()[i].id)),
                (0usize..3).prop_map(|i| format!("withdraw={}", requests()[i].id)),
                Just("consent=\"".to_owned()),
            ], 0..6),
            which in 0usize..3,
        ) {
            let before = read(&[&parts.join(", ")]).wishes(&requests()).given;
            parts.push(format!("withdraw={}", requests()[which].id));
            let after = read(&[&parts.join(", ")]).wishes(&requests());
            prop_assert_eq!(after.given.and(before), after.given);
            prop_assert!(!after.given.contains(requests()[which].purpose));
        }
    }
}
