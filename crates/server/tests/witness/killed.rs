//! A witness is killed at random points while two histories of a log are offered to it; whatever it had
//! countersigned before, it never countersigns the other one after.
//!
//! The witness is this very program: the ignored test `witness`, started with the folder to remember in.

use super::served::{Log, Served, open};
use ledger::Checkpoint;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const FOLDER: &str = "EGARD_TEST_WITNESS_FOLDER";
const NAME: &str = "killed.example/w";
const ROUNDS: usize = 20;
/// The two histories part after so many entries.
const FORK: u64 = 3;
const SIZE: u64 = 40;

fn origin(round: usize) -> String {
    format!("log.example/{round}")
}

#[test]
fn a_killed_witness_never_countersigns_two_histories() {
    let folder = tempfile::tempdir().unwrap();
    let (mut before, mut after) = (0, 0);
    for round in 0..ROUNDS {
        let sides = [u64::MAX, FORK].map(|fork| Log::of(&origin(round), SIZE, fork));
        // From the first request on to many requests later.
        let pause = Duration::from_millis(round as u64 * 7919 % 60);
        let mut won = offer(folder.path(), &sides, Some(pause));
        before += won.len();
        let again = offer(folder.path(), &sides, None);
        after += again.len();
        let size = |won: &[Checkpoint]| won.iter().map(|won| won.size).max().unwrap_or(0);
        assert!(
            again.iter().all(|again| again.size >= size(&won)),
            "a smaller log was countersigned after a larger one"
        );
        won.extend(again);
        let [honest, forked] = sides.each_ref().map(|log| {
            won.iter()
                .any(|won| won.size > FORK && log.opened(won.size) == *won)
        });
        assert!(
            !(honest && forked),
            "round {round}: both histories were countersigned"
        );
    }
    assert!(before > ROUNDS, "only {before} were countersigned before a kill");
    assert!(after > ROUNDS, "only {after} were countersigned after a kill");
    let _said = writeln!(
        std::io::stderr(),
        "{ROUNDS} kills; {before} cosignatures before and {after} after them"
    );
}

/// Starts the witness, offers both histories at once, kills it after the pause (or when both were
/// offered), and answers what it countersigned.
fn offer(folder: &Path, sides: &[Log; 2], pause: Option<Duration>) -> Vec<Checkpoint> {
    let (mut child, address) = start(folder);
    let over = AtomicBool::new(false);
    let won = std::thread::scope(|scope| {
        let offering = sides.each_ref().map(|log| {
            let over = &over;
            scope.spawn(move || climb(address, log, over))
        });
        if let Some(pause) = pause {
            std::thread::sleep(pause);
            child.kill().unwrap();
            over.store(true, Ordering::Release);
        }
        offering.map(|side| side.join().unwrap()).concat()
    });
    let _ = child.kill();
    child.wait().unwrap();
    won
}

/// Offers ever larger checkpoints from wherever the witness says it is, until it is gone or all are offered.
fn climb(address: SocketAddr, log: &Log, over: &AtomicBool) -> Vec<Checkpoint> {
    let (mut old, mut won) = (0, Vec::new());
    for size in 1..=SIZE {
        if over.load(Ordering::Acquire) {
            break;
        }
        for _ in 0..4 {
            if old > size {
                break;
            }
            match post(address, &log.request(old, size).encode()) {
                Some((200, _)) => {
                    won.push(log.opened(size));
                    old = size;
                    break;
                }
                Some((409, latest)) => {
                    let latest: u64 = latest.trim().parse().unwrap();
                    if latest == old {
                        return won;
                    }
                    old = latest;
                }
                Some((422, _)) => return won,
                Some((status, body)) => panic!("{status}: {body}"),
                None => return won,
            }
        }
    }
    won
}

/// Status and body; `None` if the witness is gone.
fn post(address: SocketAddr, body: &[u8]) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let head = format!(
        "POST /add-checkpoint HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length: usize = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    })?;
    // Half an answer is none.
    if body.len() != length {
        return None;
    }
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

fn start(folder: &Path) -> (Child, SocketAddr) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "killed::witness",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines
        .find_map(|line| line.unwrap().strip_prefix("at ")?.parse().ok())
        .expect("the witness did not start");
    (child, address)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the test above"]
async fn witness() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let keys: Vec<ledger::SigningKey> = (0..ROUNDS)
        .map(|round| ledger::SigningKey::from_seed(&origin(round), &[7; 32]).unwrap())
        .collect();
    let keys: Vec<&ledger::SigningKey> = keys.iter().collect();
    let served = Served::start(open(Path::new(&folder), NAME, &keys)).await;
    println!("\nat {}", served.address);
    std::io::stdout().flush().unwrap();
    std::future::pending::<()>().await;
}
