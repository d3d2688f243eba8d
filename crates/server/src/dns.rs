//! Questions to the DNS, for `egard doctor`: TXT, MX, A, AAAA and PTR over UDP, and over TCP where an answer
//! is cut (RFC 1035, RFC 7766).
//!
//! A client of our own, of two messages and one parser, instead of a resolver with a hundred dependencies.
//! Deliberately does not know: what is asked for; it does not cache, and believes the resolver that it asks.

mod wire;

pub use wire::{Kind, Record, Reply, answer, question};

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Attempts over UDP.
const ATTEMPTS: usize = 2;

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// Not a name.
    #[error("`{0}` is no name of the DNS")]
    Name(String),
    /// Nobody answered, or not in a way that can be read.
    #[error("the resolver {0} does not answer")]
    NoAnswer(SocketAddr),
    /// It answered that it cannot (`SERVFAIL`, `REFUSED`): that is not the same as there being nothing.
    #[error("the resolver {0} answered with error {1}")]
    Failed(SocketAddr, u8),
}

/// A resolver that is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Resolver(pub SocketAddr);

impl Resolver {
    /// The first of `/etc/resolv.conf`; this machine's own if it names none.
    pub fn of_system() -> Resolver {
        Resolver::named(&std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default())
    }

    fn named(text: &str) -> Resolver {
        let servers = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("nameserver"));
        let first = servers
            .filter_map(|server| server.trim().parse::<IpAddr>().ok())
            .next();
        Resolver(SocketAddr::new(first.unwrap_or(IpAddr::from([127, 0, 0, 1])), 53))
    }

    /// The records of a name; none if it has none of that kind or is not there. Blocks.
    pub fn ask(&self, name: &str, kind: Kind) -> Result<Vec<Record>, Error> {
        let mut number = [0; 2];
        getrandom::fill(&mut number).map_err(|_| Error::NoAnswer(self.0))?;
        let id = u16::from_be_bytes(number);
        let asked = question(id, name, kind).ok_or_else(|| Error::Name(name.chars().take(80).collect()))?;
        for _ in 0..ATTEMPTS {
            let Some(bytes) = self.by_udp(&asked) else {
                continue;
            };
            let reply = match answer(&bytes, id, kind) {
                Some(reply) if reply.cut => self.by_tcp(&asked).and_then(|bytes| answer(&bytes, id, kind)),
                other => other,
            };
            // What does not fit the question may be anybody's: it is asked again.
            let Some(reply) = reply else { continue };
            // 3: there is no such name.
            return match reply.code {
                0 | 3 => Ok(reply.records),
                code => Err(Error::Failed(self.0, code)),
            };
        }
        Err(Error::NoAnswer(self.0))
    }

    /// All texts of a name, each put together of its parts.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Error> {
        let records = self.ask(name, Kind::Txt)?.into_iter();
        Ok(records
            .filter_map(|record| {
                if let Record::Text(text) = record {
                    Some(text)
                } else {
                    None
                }
            })
            .collect())
    }

    fn by_udp(&self, asked: &[u8]) -> Option<Vec<u8>> {
        let any: SocketAddr = match self.0.is_ipv4() {
            true => ([0, 0, 0, 0], 0).into(),
            false => ([0u16; 8], 0).into(),
        };
        let socket = UdpSocket::bind(any).ok()?;
        socket.connect(self.0).ok()?;
        socket.set_read_timeout(Some(TIMEOUT)).ok()?;
        socket.send(asked).ok()?;
        let mut bytes = vec![0; 4_096];
        let length = socket.recv(&mut bytes).ok()?;
        bytes.truncate(length);
        Some(bytes)
    }

    fn by_tcp(&self, asked: &[u8]) -> Option<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&self.0, TIMEOUT).ok()?;
        stream.set_read_timeout(Some(TIMEOUT)).ok()?;
        let mut message = u16::try_from(asked.len()).ok()?.to_be_bytes().to_vec();
        message.extend(asked);
        stream.write_all(&message).ok()?;
        let mut length = [0; 2];
        stream.read_exact(&mut length).ok()?;
        let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// The name that an address has in the reverse tree (RFC 1035, section 3.5; RFC 3596, section 2.5).
pub fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(four) => {
            let [a, b, c, d] = four.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(six) => {
            let digits = six
                .octets()
                .into_iter()
                .rev()
                .flat_map(|byte| [byte & 15, byte >> 4]);
            let name: String = digits.map(|digit| format!("{digit:x}.")).collect();
            format!("{name}ip6.arpa")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolvers_and_reverse_names_are_read_as_written() {
        let text = "# x\nsearch example\nnameserver 192.0.2.1\nnameserver ::1\n";
        assert_eq!(Resolver::named(text), Resolver(([192, 0, 2, 1], 53).into()));
        assert_eq!(Resolver::named("").0.to_string(), "127.0.0.1:53");
        assert_eq!(reverse_name([192, 0, 2, 1].into()), "1.2.0.192.in-addr.arpa");
        let six = reverse_name("2001:db8::1".parse().unwrap());
        assert!(
            six.starts_with("1.0.0.0.") && six.ends_with(".8.b.d.0.1.0.0.2.ip6.arpa"),
            "{six}"
        );
    }
}
