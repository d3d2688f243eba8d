//! Debian's Exim with a configuration of its own, on a port of its own: it takes everything, finds that the
//! recipient does not exist, and writes its report to a file.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const HOW: &str =
    "this test runs Debian's mail server: `cargo xtask setup`, or apt-get install exim4-daemon-light";

pub struct Exim {
    child: Child,
    pub port: u16,
    folder: tempfile::TempDir,
}

impl Exim {
    pub fn start() -> Exim {
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let place = folder.path().display();
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        let user = String::from_utf8(user).unwrap();
        let user = user.trim();
        for name in ["spool", "returned"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        // A root exim drops to its own user, which must reach its folders.
        let everybody = |path: &Path| {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
        };
        [
            folder.path().to_path_buf(),
            folder.path().join("spool"),
            folder.path().join("returned"),
        ]
        .iter()
        .for_each(|path| everybody(path));
        let exim_user = if user == "root" { "Debian-exim" } else { user };
        let config = format!(
            "exim_user = {exim_user}\nexim_group = {exim_user}\nnever_users =\nspool_directory = {place}/spool\nlog_file_path = {place}/spool/%slog\n\
             pid_file_path = {place}/exim.pid\nprimary_hostname = relay.example\nqualify_domain = relay.example\n\
             daemon_smtp_ports = {port}\nlocal_interfaces = 127.0.0.1\nacl_smtp_rcpt = take\nacl_smtp_data = take\n\
             tls_advertise_hosts =\nhost_lookup =\nrfc1413_hosts =\nkeep_environment =\n\
             begin acl\ntake:\n  accept\n\
             begin routers\nreturned:\n  driver = accept\n  domains = mail.shop.example\n  transport = keep\n\
             gone:\n  driver = redirect\n  domains = dead.example\n  allow_fail\n  data = :fail: 550 5.1.1 no such user here\n\
             begin transports\nkeep:\n  driver = appendfile\n  file = {place}/returned/message\n  create_directory = false\n  \
             user = {exim_user}\n  envelope_to_add\n  return_path_add\n  delivery_date_add\n  message_prefix =\n  message_suffix =\n\
             begin retry\n* * F,2h,15m\n"
        );
        let path = folder.path().join("exim.conf");
        std::fs::write(&path, config).unwrap();
        let mut exim = Command::new("/usr/sbin/exim4");
        exim.arg("-C").arg(&path).args(["-bdf", "-q1h"]);
        let child = exim
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .expect(HOW);
        let exim = Exim { child, port, folder };
        exim.wait(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        exim
    }

    /// The report that came back.
    pub fn returned(&self) -> Vec<u8> {
        let path = self.folder.path().join("returned/message");
        self.wait(|| std::fs::metadata(&path).is_ok_and(|about| about.len() > 0));
        std::fs::read(path).unwrap()
    }

    fn wait(&self, done: impl Fn() -> bool) {
        let start = Instant::now();
        while !done() {
            let log =
                || std::fs::read_to_string(self.folder.path().join("spool/mainlog")).unwrap_or_default();
            let panic =
                || std::fs::read_to_string(self.folder.path().join("spool/paniclog")).unwrap_or_default();
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{}\n{}\n{HOW}",
                log(),
                panic()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
