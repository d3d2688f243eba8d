//! E-mail against mail servers that others wrote: aiosmtpd, which fails as it is told, and Debian's Exim.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "mail/exim.rs"]
mod exim;
#[path = "mail/names.rs"]
mod names;
#[path = "../../letter/tests/mail/python.rs"]
mod python;
#[path = "mail/sink.rs"]
mod sink;
#[path = "house/support.rs"]
mod support;

use letter::address::{Address, Mailbox};
use letter::bounce::{Cause, Permanence};
use letter::inbound::{Inbound, read};
use letter::mime::{Built, Message, Nature, Thread};
use server::channels::email::settings::{EmailSettings, WarmUpSettings};
use server::channels::email::{Email, Handed, Pressing};
use server::channels::settings::ChannelSettings;
use server::ingest::{Clock, clock};
use server::me::settings::{MailSecurity, MailSettings};
use sink::Sink;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use vocabulary::Moment;

fn settings(port: u16) -> EmailSettings {
    let text = "from = 'Shop <hello@shop.example>'\ndomain = 'mail.shop.example'\ntimeout_seconds = 1";
    let channels: ChannelSettings = toml::from_str(&format!("[email]\n{text}")).unwrap();
    EmailSettings {
        server: Some(MailSettings {
            host: "127.0.0.1".to_owned(),
            port: Some(port),
            security: MailSecurity::None,
            user: None,
            password: None,
            from: "x@shop.example".to_owned(),
        }),
        ..channels.email.unwrap()
    }
}

struct House {
    house: support::House,
    email: Email,
    ahead: Arc<AtomicI64>,
}

async fn house(settings: &EmailSettings) -> House {
    let house = support::start_in_memory().await;
    let ahead = Arc::new(AtomicI64::new(0));
    let clock: Clock = {
        let ahead = Arc::clone(&ahead);
        Arc::new(move || Moment(clock::system()().0 + ahead.load(Ordering::SeqCst)))
    };
    let email = Email::new(settings, None, house.app.gate.clone(), clock).unwrap();
    House { house, email, ahead }
}

fn message(email: &Email, to: &str, number: u8) -> Built {
    let to = Mailbox::new(Some("Ann"), Address::parse(to).unwrap());
    let message = Message {
        from: email.from(),
        to: &to,
        reply_to: None,
        subject: "Votre commande",
        at: 1_795_392_000,
        reference: email.marks().reference(&[number; 16], "welcome", "1"),
        domain: email.domain(),
        text: "Bonjour,\n\n.une ligne qui commence par un point\n\nAu revoir",
        html: None,
        language: None,
        nature: Nature::Automatic,
        thread: Thread::default(),
    };
    email.build(&message).unwrap()
}

#[tokio::test]
async fn each_answer_of_a_server_is_told_for_what_it_is() {
    for pipelining in [false, true] {
        let sink = Sink::start(pipelining);
        let House { house, email, .. } = house(&settings(sink.port)).await;
        let send = async |to: &str| {
            let built = message(&email, to, 1);
            email.send(&built, Pressing::Yes, 0).await
        };
        assert_eq!(
            send("ann@example.org").await,
            Handed::Delivered {
                reply: "250 2.0.0".to_owned()
            }
        );
        match send("gone@example.org").await {
            Handed::RefusedForGood { verdict } => {
                assert_eq!(
                    (verdict.cause, verdict.permanence),
                    (Cause::NoMailbox, Permanence::Hard)
                );
            }
            other => panic!("{other:?}"),
        }
        match send("spam@example.org").await {
            Handed::RefusedForGood { verdict } => {
                assert_eq!(
                    (verdict.cause, verdict.permanence),
                    (Cause::Policy, Permanence::Soft)
                );
            }
            other => panic!("{other:?}"),
        }
        for name in ["full", "busy", "throttled", "leave"] {
            let handed = send(&format!("{name}@{name}.example")).await;
            assert!(
                matches!(handed, Handed::RefusedForNow { retry_at, .. } if retry_at > clock::system()()),
                "{handed:?}"
            );
        }
        assert_eq!(send("drop@example.org").await, Handed::InDoubt);
        assert_eq!(send("hang@example.org").await, Handed::InDoubt);
        // After all that the channel still works, and nothing was sent twice.
        assert!(matches!(send("bob@example.org").await, Handed::Delivered { .. }));
        let mut to: Vec<String> = sink.taken().into_iter().map(|taken| taken.recipient).collect();
        to.sort();
        assert_eq!(
            to,
            [
                "ann@example.org",
                "bob@example.org",
                "drop@example.org",
                "hang@example.org"
            ]
        );
        let bytes = &sink.taken()[0].bytes;
        assert!(String::from_utf8_lossy(bytes).contains("=2Eune ligne"));
        house.stop().await;
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_not_handed_anything_and_is_left_alone_for_a_while() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let House { house, email, ahead } = house(&settings(free)).await;
    let built = message(&email, "ann@example.org", 1);
    let handed = email.send(&built, Pressing::No, 0).await;
    assert!(
        matches!(
            handed,
            Handed::NotHandedOver {
                why: "no_connection",
                ..
            }
        ),
        "{handed:?}"
    );
    let handed = email.send(&built, Pressing::No, 0).await;
    assert!(
        matches!(handed, Handed::NotHandedOver { why: "rate", .. }),
        "{handed:?}"
    );
    ahead.store(61_000, Ordering::SeqCst);
    let handed = email.send(&built, Pressing::No, 0).await;
    assert!(
        matches!(
            handed,
            Handed::NotHandedOver {
                why: "no_connection",
                ..
            }
        ),
        "{handed:?}"
    );
    house.stop().await;
}

/// A server that says these lines, one after each line (or, after `354`, each whole message) that comes, and then
/// nothing any more, without hanging up. Answers its port.
fn falls_silent_after(lines: &'static [&'static str]) -> u16 {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut to = stream.try_clone().unwrap();
                let mut from = BufReader::new(stream).lines().map_while(Result::ok);
                let mut before = "";
                for line in lines {
                    if !before.is_empty() {
                        match before.starts_with("354") {
                            true => drop(from.find(|line| line == ".")),
                            false => drop(from.next()),
                        }
                    }
                    to.write_all(format!("{line}\r\n").as_bytes()).unwrap();
                    before = line;
                }
                // It goes on listening, and says no more.
                from.for_each(drop);
            });
        }
    });
    port
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up_and_only_what_may_have_left_is_in_doubt() {
    const LINES: [&str; 6] = [
        "220 here",
        "250 hello",
        "250 hello again",
        "250 from",
        "250 to",
        "354 go on",
    ];
    for said in 0..=LINES.len() {
        let House { house, email, .. } = house(&settings(falls_silent_after(&LINES[..said]))).await;
        let built = message(&email, "ann@example.org", 1);
        let long = std::time::Duration::from_secs(30);
        let sending = email.send(&built, Pressing::Yes, 0);
        let handed = tokio::time::timeout(long, sending)
            .await
            .expect("it waits without end");
        match said {
            // The words are out, and nobody knows whether they were taken.
            6 => assert_eq!(handed, Handed::InDoubt),
            _ => assert!(
                matches!(
                    handed,
                    Handed::NotHandedOver { .. } | Handed::RefusedForNow { .. }
                ),
                "after {said} lines: {handed:?}"
            ),
        }
        house.stop().await;
    }
}

#[tokio::test]
async fn a_server_that_does_not_stop_talking_is_not_listened_to_without_end() {
    use std::io::Write as _;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let said = std::thread::spawn(move || {
        let mut to = listener.accept().unwrap().0;
        let line = b"220-and another thing\r\n".repeat(1_000);
        let mut said = 0;
        while said < 1 << 30 && to.write_all(&line).is_ok() {
            said += line.len();
        }
        said
    });
    let House { house, email, .. } = house(&settings(port)).await;
    let built = message(&email, "ann@example.org", 1);
    let handed = email.send(&built, Pressing::Yes, 0).await;
    assert!(matches!(handed, Handed::NotHandedOver { .. }), "{handed:?}");
    let said = tokio::task::spawn_blocking(|| said.join().unwrap())
        .await
        .unwrap();
    assert!(said < 32 << 20, "it was listened to for {said} bytes");
    house.stop().await;
}

#[tokio::test]
async fn starttls_is_required_unless_the_server_is_here_or_the_operator_says_otherwise() {
    let sink = Sink::start(false);
    let mut strict = settings(sink.port);
    strict.server.as_mut().unwrap().security = MailSecurity::StartTls;
    let House { house, email, .. } = house(&strict).await;
    let built = message(&email, "ann@example.org", 1);
    let handed = email.send(&built, Pressing::Yes, 0).await;
    assert!(
        matches!(
            handed,
            Handed::NotHandedOver {
                why: "no_connection",
                ..
            }
        ),
        "{handed:?}"
    );
    assert!(sink.taken().is_empty());
    let mut clear = settings(sink.port);
    clear.server.as_mut().unwrap().host = "mail.elsewhere.example".to_owned();
    assert!(clear.fault(None).unwrap().contains("in the clear"));
    clear.allow_clear = true;
    assert_eq!(clear.fault(None), None);
    house.stop().await;
}

#[tokio::test]
async fn a_provider_that_is_too_busy_rests_and_the_others_do_not() {
    let sink = Sink::start(true);
    let House { house, email, ahead } = house(&settings(sink.port)).await;
    let send = async |to: &str| email.send(&message(&email, to, 1), Pressing::No, 0).await;
    assert!(matches!(
        send("busy@a.example").await,
        Handed::RefusedForNow { .. }
    ));
    assert!(matches!(
        send("ann@a.example").await,
        Handed::NotHandedOver { why: "rate", .. }
    ));
    assert!(matches!(send("ann@b.example").await, Handed::Delivered { .. }));
    assert!(matches!(
        send("full@b.example").await,
        Handed::RefusedForNow { .. }
    ));
    assert!(matches!(send("bob@b.example").await, Handed::Delivered { .. }));
    ahead.store(61_000, Ordering::SeqCst);
    assert!(matches!(send("ann@a.example").await, Handed::Delivered { .. }));
    house.stop().await;
}

#[tokio::test]
async fn the_first_days_are_slow_across_restarts_and_never_for_rights() {
    let sink = Sink::start(true);
    let mut settings = settings(sink.port);
    settings.warm_up = Some(WarmUpSettings {
        first_day: 5,
        growth: 2.0,
        cap: 1_000,
    });
    settings.rate.per_second = 1_000.0;
    let House { house, email, ahead } = house(&settings).await;
    let send = async |email: &Email, pressing| {
        email
            .send(&message(email, "ann@example.org", 1), pressing, 0)
            .await
    };
    for _ in 0..5 {
        assert!(matches!(
            send(&email, Pressing::No).await,
            Handed::Delivered { .. }
        ));
    }
    let next = (clock::system()().day().0 + 1) as i64 * vocabulary::DAY_MS;
    let over = Handed::NotHandedOver {
        retry_at: Moment(next),
        why: "warm_up",
    };
    assert_eq!(send(&email, Pressing::No).await, over);
    assert!(matches!(
        send(&email, Pressing::Yes).await,
        Handed::Delivered { .. }
    ));
    let again = Email::new(&settings, None, house.app.gate.clone(), clock::system()).unwrap();
    assert_eq!(send(&again, Pressing::No).await, over);
    ahead.store(vocabulary::DAY_MS, Ordering::SeqCst);
    for _ in 0..10 {
        assert!(matches!(
            send(&email, Pressing::No).await,
            Handed::Delivered { .. }
        ));
    }
    assert!(matches!(
        send(&email, Pressing::No).await,
        Handed::NotHandedOver { why: "warm_up", .. }
    ));
    house.stop().await;
}

#[tokio::test]
async fn a_message_through_exim_comes_back_as_a_bounce_that_is_known() {
    let exim = exim::Exim::start();
    let House { house, email, .. } = house(&settings(exim.port)).await;
    let built = message(&email, "gone@dead.example", 9);
    // Exim takes it, tries to deliver it, and reports that it could not.
    let handed = email.send(&built, Pressing::No, 0).await;
    assert!(matches!(handed, Handed::Delivered { .. }), "{handed:?}");
    let report = exim.returned();
    assert!(String::from_utf8_lossy(&report).contains("report-type=delivery-status"));
    let Inbound::Bounce(bounce) = read(&report, None, email.marks()) else {
        panic!("{}", String::from_utf8_lossy(&report))
    };
    assert_eq!(
        bounce.reference,
        email.marks().reference(&[9; 16], "welcome", "1")
    );
    assert_eq!(
        (bounce.verdict.cause, bounce.verdict.permanence),
        (Cause::NoMailbox, Permanence::Hard)
    );
    // The same over HTTP, as `egard mail-in` hands it in.
    let told = async |headers: &[(&str, &str)], body: Vec<u8>| {
        support::ask(
            house.address,
            hyper::Method::POST,
            "/v1/inbound-mail",
            headers,
            body,
        )
        .await
    };
    let answer = told(&[support::key()], report.clone()).await;
    let expected = serde_json::json!({ "kind": "bounce", "class": "hard", "cause": "no_mailbox" });
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected));
    assert_eq!(told(&[], report).await.status, 401);
    assert_eq!(told(&[support::key()], vec![b'a'; 1 << 21]).await.status, 413);
    assert_eq!(
        told(&[support::key()], b"Subject: x\r\n\r\n".to_vec())
            .await
            .json()["kind"],
        "foreign"
    );
    house.stop().await;
}
