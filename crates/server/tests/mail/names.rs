//! `egard doctor` against a DNS server that others wrote (dnslib).

use crate::{python, settings};
use letter::dkim::{Key, Kind as KeyKind, Signer, generate};
use server::channels::email::settings::DkimSettings;
use server::channels::settings::ChannelSettings;
use server::dns::{Kind, Record, Resolver};
use server::doctor::{Report, examine, gather};
use server::settings::Settings;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

struct Names {
    child: Child,
    resolver: Resolver,
    _folder: tempfile::TempDir,
}

impl Names {
    fn start(zone: &str) -> Names {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zone");
        std::fs::write(&path, zone).unwrap();
        let mut command = python::python();
        command
            .arg(python::scripts().join("name_server.py"))
            .arg(path)
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let port: u16 = line.trim().parse().unwrap();
        Names {
            child,
            resolver: Resolver(([127, 0, 0, 1], port).into()),
            _folder: folder,
        }
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_kind_of_record_is_read_also_where_the_answer_is_cut() {
    let long = "x".repeat(1_500);
    let names = Names::start(&format!(
        "a.example A 192.0.2.1\na.example AAAA 2001:db8::1\na.example MX 10 mx.a.example.\na.example TXT one two\n1.2.0.192.in-addr.arpa PTR a.example.\n\
         long.example TXT {long}\n"
    ));
    let ask = |name: &str, kind| names.resolver.ask(name, kind).unwrap();
    assert_eq!(
        ask("a.example", Kind::A),
        [Record::Address([192, 0, 2, 1].into())]
    );
    assert_eq!(
        ask("A.example.", Kind::Aaaa),
        [Record::Address("2001:db8::1".parse().unwrap())]
    );
    assert_eq!(
        ask("a.example", Kind::Mx),
        [Record::Exchange(10, "mx.a.example".to_owned())]
    );
    assert_eq!(
        ask("1.2.0.192.in-addr.arpa", Kind::Ptr),
        [Record::Name("a.example".to_owned())]
    );
    assert_eq!(names.resolver.texts("a.example").unwrap(), ["one two"]);
    assert_eq!(names.resolver.texts("long.example").unwrap(), [long]);
    assert_eq!(ask("nobody.example", Kind::A), []);
    assert!(names.resolver.ask("not a..name", Kind::A).is_err());
}

#[test]
fn doctor_says_what_is_missing_and_the_record_to_publish_and_then_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("dkim.pem");
    let pem = generate(KeyKind::Rsa).unwrap();
    std::fs::write(&key, &pem).unwrap();
    let mut email = settings(25);
    email.server.as_mut().unwrap().host = "mx.shop.example".to_owned();
    email.allow_clear = true;
    email.dkim = vec![DkimSettings {
        selector: "egard".to_owned(),
        key,
        domain: None,
    }];
    let settings = Settings {
        channels: ChannelSettings {
            email: Some(email),
            ..ChannelSettings::default()
        },
        ..Settings::default()
    };
    let report = |names: &Names| -> Report {
        let facts = gather(None, &settings, None, std::time::SystemTime::now());
        examine(&facts).with_mail(&settings, &names.resolver)
    };
    let mail = |report: &Report| -> Vec<&'static str> {
        let checks = report.findings.iter().map(|finding| finding.check);
        let mut checks: Vec<_> = checks.filter(|check| check.starts_with("mail_")).collect();
        checks.sort_unstable();
        checks
    };
    let nothing = report(&Names::start("x.example A 192.0.2.1\n"));
    assert_eq!(
        mail(&nothing),
        ["mail_dkim", "mail_dmarc", "mail_mx", "mail_reverse", "mail_spf"]
    );
    let (name, record) = Signer::new("shop.example", "egard", Key::from_pem(&pem).unwrap())
        .unwrap()
        .record();
    let told = nothing
        .findings
        .iter()
        .find(|finding| finding.check == "mail_dkim")
        .unwrap();
    assert_eq!(told.mend, format!("publish at {name}: {record}"));
    let zone = format!(
        "mail.shop.example TXT v=spf1 mx -all\nmail.shop.example MX 10 mx.shop.example.\nmx.shop.example A 192.0.2.7\n\
         7.2.0.192.in-addr.arpa PTR mx.shop.example.\n{name} TXT {record}\n_dmarc.shop.example TXT v=DMARC1; p=reject\n"
    );
    assert_eq!(mail(&report(&Names::start(&zone))), [""; 0]);
    // A resolver that is not there is told as that, and not as missing records.
    let gone = Resolver(([127, 0, 0, 1], 1).into());
    let facts = gather(None, &settings, None, std::time::SystemTime::now());
    let report = examine(&facts).with_mail(&settings, &gone);
    assert!(
        report
            .findings
            .iter()
            .filter(|finding| finding.check.starts_with("mail_"))
            .all(|finding| finding.what.contains("does not answer"))
    );
}
