//! Messages of the DNS (RFC 1035, section 4): a question is written, an answer read. Pure, and never falls
//! over: what comes from a network is only bytes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Most records that are read of one answer.
const RECORDS: usize = 200;
/// Most jumps within a name.
const JUMPS: usize = 20;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "they are the names of the records")]
pub enum Kind {
    A = 1,
    Ptr = 12,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
}

/// One record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// A or AAAA.
    Address(IpAddr),
    /// PTR.
    Name(String),
    /// MX: preference and server; an empty name says that the domain takes no mail (RFC 7505).
    Exchange(u16, String),
    /// TXT, its parts put together.
    Text(String),
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// 0: well; 3: no such name.
    pub code: u8,
    /// It did not fit: ask over TCP.
    pub cut: bool,
    /// Records of the kind that was asked for.
    pub records: Vec<Record>,
}

/// The message that asks for a name; `None` if it is none.
pub fn question(id: u16, name: &str, kind: Kind) -> Option<Vec<u8>> {
    let mut bytes = id.to_be_bytes().to_vec();
    // A query that wants recursion; one question, one additional record.
    bytes.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    let name = name.trim_end_matches('.');
    if name.is_empty() || name.len() > 253 || !name.is_ascii() {
        return None;
    }
    for label in name.split('.') {
        let length = u8::try_from(label.len())
            .ok()
            .filter(|length| (1..=63).contains(length))?;
        bytes.push(length);
        bytes.extend(label.as_bytes());
    }
    bytes.extend([0, 0, kind as u8, 0, 1]);
    // EDNS (RFC 6891): answers of up to 1232 bytes.
    bytes.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
    Some(bytes)
}

/// Reads an answer to the question of that number; `None` if it is none.
pub fn answer(bytes: &[u8], id: u16, kind: Kind) -> Option<Reply> {
    let number = |at: usize| Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    let flags = number(2)?;
    if number(0)? != id || flags & 0x8000 == 0 {
        return None;
    }
    let (questions, answers) = (number(4)?, number(6)?);
    let mut at = 12;
    for _ in 0..questions.min(4) {
        at = name(bytes, at)?.1 + 4;
    }
    let mut records = Vec::new();
    for _ in 0..usize::from(answers).min(RECORDS) {
        // A cut answer may end anywhere.
        let Some((_, after)) = name(bytes, at) else { break };
        let (Some(found), Some(length)) = (number(after), number(after + 8)) else {
            break;
        };
        let data = after + 10;
        let end = data + usize::from(length);
        let Some(inside) = bytes.get(data..end) else { break };
        if found == kind as u16
            && let Some(record) = record(bytes, data, inside, kind)
        {
            records.push(record);
        }
        at = end;
    }
    Some(Reply {
        code: (flags & 15) as u8,
        cut: flags & 0x0200 != 0,
        records,
    })
}

fn record(bytes: &[u8], at: usize, inside: &[u8], kind: Kind) -> Option<Record> {
    Some(match kind {
        Kind::A => Record::Address(Ipv4Addr::from(<[u8; 4]>::try_from(inside).ok()?).into()),
        Kind::Aaaa => Record::Address(Ipv6Addr::from(<[u8; 16]>::try_from(inside).ok()?).into()),
        Kind::Ptr => Record::Name(name(bytes, at)?.0),
        Kind::Mx => {
            let (preference, _) = inside.split_first_chunk::<2>()?;
            Record::Exchange(u16::from_be_bytes(*preference), name(bytes, at + 2)?.0)
        }
        Kind::Txt => {
            let mut text = Vec::new();
            let mut rest = inside;
            while let Some((length, after)) = rest.split_first() {
                let (part, after) = after.split_at_checked(usize::from(*length))?;
                text.extend(part);
                rest = after;
            }
            Record::Text(String::from_utf8_lossy(&text).into_owned())
        }
    })
}

/// The name at a place, in lower case, and where it ends.
fn name(bytes: &[u8], at: usize) -> Option<(String, usize)> {
    let mut text = String::new();
    let (mut at, mut end) = (at, None);
    for _ in 0..JUMPS * 8 {
        let length = *bytes.get(at)?;
        match length {
            0 => return Some((text, end.unwrap_or(at + 1))),
            1..=63 => {
                let label = bytes.get(at + 1..at + 1 + usize::from(length))?;
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(&String::from_utf8_lossy(label).to_ascii_lowercase());
                at += 1 + usize::from(length);
            }
            192.. => {
                let low = *bytes.get(at + 1)?;
                end = end.or(Some(at + 2));
                at = usize::from(u16::from_be_bytes([length & 63, low]));
            }
            _ => return None,
        }
        if text.len() > 255 {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_answer_makes_it_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..200), id: u16) {
            let mut bytes = bytes;
            if let Some(start) = bytes.get_mut(0..4) {
                start.copy_from_slice(&[(id >> 8) as u8, id as u8, 0x81, 0]);
            }
            for kind in [Kind::A, Kind::Ptr, Kind::Mx, Kind::Txt, Kind::Aaaa] {
                let _ = answer(&bytes, id, kind);
            }
        }
    }

    #[test]
    fn a_name_that_points_at_itself_ends() {
        let mut bytes = vec![0, 7, 0x81, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        bytes.extend([192, 12, 0, 16, 0, 1]);
        assert_eq!(answer(&bytes, 7, Kind::Txt), None);
    }
}
