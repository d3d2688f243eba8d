//! What a fresh Debian machine with Rust lacks, and how it gets it.
//!
//! Deliberately does not know how the things are used.

use crate::shell;
use std::path::Path;

/// Something the tests need from the operating system.
struct Need {
    what: &'static str,
    /// Debian's package.
    package: &'static str,
    present: fn() -> bool,
}

const NEEDS: [Need; 13] = [
    Need {
        what: "OpenSSL, which makes certificates for the tests of TLS",
        package: "openssl",
        present: || shell::has("openssl"),
    },
    Need {
        what: "SoftHSM, a token (PKCS#11) in a folder",
        package: "softhsm2",
        present: || shell::has("softhsm2-util"),
    },
    Need {
        what: "a PostgreSQL server of the tests' own",
        package: "postgresql",
        present: || {
            shell::has_in("postgres", Path::new("/usr/lib/postgresql"))
                && shell::has_in("initdb", Path::new("/usr/lib/postgresql"))
        },
    },
    Need {
        what: "Go, whose checksum database is an independent reader of our ledger",
        package: "golang-go",
        present: || shell::has("go"),
    },
    Need {
        what: "Go's sumdb packages",
        package: "golang-golang-x-mod-dev",
        present: || Path::new("/usr/share/gocode/src/golang.org/x/mod/sumdb").is_dir(),
    },
    Need {
        what: "a browser",
        package: "chromium",
        present: || shell::has("chromium"),
    },
    Need {
        what: "a font for the browser",
        package: "fonts-dejavu-core",
        present: || Path::new("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").is_file(),
    },
    Need {
        what: "Node, for the real clients and the browser test",
        package: "nodejs",
        present: || shell::has("node"),
    },
    Need {
        what: "npm",
        package: "npm",
        present: || shell::has("npm"),
    },
    Need {
        what: "Exim, a mail server of the tests' own",
        package: "exim4-daemon-light",
        present: || Path::new("/usr/sbin/exim4").is_file(),
    },
    Need {
        what: "pip, for the real Python clients",
        package: "python3-pip",
        present: || shell::has("pip3"),
    },
    Need {
        what: "Ruby, for the reference of the language of templates",
        package: "ruby",
        present: || shell::has("ruby"),
    },
    Need {
        what: "Shopify's Liquid, with which our templates are compared",
        package: "ruby-liquid",
        present: || shell::capture(Path::new("."), "ruby", &["-e", "require 'liquid'"]).is_some(),
    },
];

/// Installs what is missing when it may, says how when it may not. True if nothing is missing after.
pub fn run() -> bool {
    shell::timed("set up", || {
        let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.present)()).collect();
        if missing.is_empty() {
            println!("nothing is missing");
            return true;
        }
        for need in &missing {
            println!("missing: {} (Debian: {})", need.what, need.package);
        }
        let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
        let here = Path::new(".");
        if !is_root() || !shell::has("apt-get") {
            println!(
                "to install: sudo apt-get install -y --no-install-recommends {}",
                packages.join(" ")
            );
            return false;
        }
        // The lists of a fresh image are empty; stale lists are only a reason to try on.
        shell::run(here, "apt-get", &["update", "-q"]);
        let mut arguments = vec![
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "install",
            "-y",
            "-q",
            "--no-install-recommends",
        ];
        arguments.extend(packages);
        shell::run(here, "env", &arguments);
        let still: Vec<&str> = missing
            .iter()
            .filter(|need| !(need.present)())
            .map(|need| need.package)
            .collect();
        for package in &still {
            println!("still missing: {package}");
        }
        still.is_empty()
    })
}

fn is_root() -> bool {
    shell::capture(Path::new("."), "id", &["-u"]).is_some_and(|id| id.trim() == "0")
}
