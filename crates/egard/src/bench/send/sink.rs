//! A receiver of mail in this process: it speaks SMTP over loopback, takes everything, and forgets the words.
//!
//! Deliberately does not know: what it is sent, by whom.

use crate::bench::fleet::CLIENT;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read as _, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What arrived.
#[derive(Default)]
struct Taken {
    messages: AtomicU64,
    bytes: AtomicU64,
    recipients: Mutex<HashMap<Vec<u8>, u32>>,
}

/// The receiver; it listens as long as the process runs.
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    taken: Arc<Taken>,
}

impl Sink {
    /// Begins to listen.
    pub fn open() -> Result<Sink, String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let taken = Arc::<Taken>::default();
        let all = Arc::clone(&taken);
        // Named as the clients of other benches are: its time is not the server's.
        let named = || std::thread::Builder::new().name(CLIENT.to_owned());
        let accept = move || {
            for stream in listener.incoming().flatten() {
                let all = Arc::clone(&all);
                // A connection that cannot be served is closed, and the sender says so.
                drop(named().spawn(move || drop(session(stream, &all))));
            }
        };
        named().spawn(accept).map_err(|error| error.to_string())?;
        Ok(Sink { address, taken })
    }

    /// Messages that arrived so far.
    pub fn messages(&self) -> u64 {
        self.taken.messages.load(Ordering::Relaxed)
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.taken.bytes.load(Ordering::Relaxed)
    }

    /// How many people got how many at most, since this was asked last.
    pub fn recipients(&self) -> (usize, u32) {
        let mut known = self
            .taken
            .recipients
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let all = std::mem::take(&mut *known);
        (all.len(), all.values().copied().max().unwrap_or(0))
    }
}

/// Answers are written when nothing more has come in: what is sent ahead (RFC 2920) is answered at once.
fn session(stream: TcpStream, taken: &Taken) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut to = stream.try_clone()?;
    let mut from = BufReader::with_capacity(64 << 10, stream);
    let mut answers = b"220 sink ESMTP\r\n".to_vec();
    let (mut line, mut recipient) = (Vec::new(), Vec::new());
    loop {
        if from.buffer().is_empty() && !answers.is_empty() {
            to.write_all(&answers)?;
            answers.clear();
        }
        line.clear();
        if from.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_slice() {
            b"EHLO" => b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            b"RCPT" => {
                recipient.clone_from(&line);
                b"250 2.1.5 ok\r\n"
            }
            b"DATA" => {
                answers.extend_from_slice(b"354 go on\r\n");
                to.write_all(&answers)?;
                answers.clear();
                let bytes = data(&mut from, &mut line)?;
                taken.messages.fetch_add(1, Ordering::Relaxed);
                taken.bytes.fetch_add(bytes, Ordering::Relaxed);
                let mut known = taken.recipients.lock().unwrap_or_else(PoisonError::into_inner);
                *known.entry(std::mem::take(&mut recipient)).or_default() += 1;
                b"250 2.0.0 taken\r\n"
            }
            b"QUIT" => {
                to.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        answers.extend_from_slice(answer);
    }
}

/// A message up to the line with its end. Answers how long it was.
fn data(from: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<u64> {
    let mut bytes = 0;
    loop {
        line.clear();
        if from.read_until(b'\n', line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line.as_slice() == b".\r\n" {
            return Ok(bytes);
        }
        bytes += line.len() as u64;
    }
}

/// The yardstick: `count` messages of these bytes, ready made, over so many connections that each wait for the
/// answer, and nothing else. Answers when all are taken.
pub fn feed(sink: &Sink, message: &[u8], count: u64, connections: u64) -> Result<(), String> {
    let address = sink.address;
    let threads = (0..connections).map(|line| {
        let message = message.to_vec();
        let mine = (count + connections - 1 - line) / connections;
        std::thread::spawn(move || deliver(address, &message, mine))
    });
    let threads: Vec<_> = threads.collect();
    for thread in threads {
        let done = thread.join().map_err(|_| "a sender ended early".to_owned())?;
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn deliver(address: SocketAddr, message: &[u8], count: u64) -> std::io::Result<()> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut to = stream.try_clone()?;
    let mut from = BufReader::new(stream);
    let mut line = String::new();
    from.read_line(&mut line)?;
    to.write_all(b"EHLO bench.example\r\n")?;
    while !line.starts_with("250 ") {
        line.clear();
        from.read_line(&mut line)?;
    }
    let mut body = message.to_vec();
    body.extend_from_slice(b".\r\n");
    let envelope = b"MAIL FROM:<a@bench.example>\r\nRCPT TO:<b@bench.example>\r\nDATA\r\n";
    let mut answers = |lines: usize| -> std::io::Result<()> {
        for _ in 0..lines {
            line.clear();
            from.by_ref().read_line(&mut line)?;
        }
        Ok(())
    };
    for _ in 0..count {
        to.write_all(envelope)?;
        answers(3)?;
        to.write_all(&body)?;
        answers(1)?;
    }
    to.write_all(b"QUIT\r\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_sink_takes_every_message_once_and_counts_its_bytes() {
        let sink = Sink::open().unwrap();
        feed(&sink, b"Subject: x\r\n\r\nbody\r\n", 50, 4).unwrap();
        assert_eq!(sink.messages(), 50);
        assert_eq!(sink.bytes(), 50 * 20);
        assert_eq!(sink.recipients(), (1, 50));
        assert_eq!(sink.recipients(), (0, 0));
    }
}
