//! A PostgreSQL server of one's own, for tests of this crate and of those above it.
//!
//! It lives in a temporary folder, listens on a Unix socket there and nowhere else, writes with
//! fsync on, and is stopped and removed when its value is dropped or its process ends, however
//! that ends. Deliberately does not know: the shelf.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Set to `1` where no PostgreSQL can be had: what needs one is then skipped.
pub const WITHOUT_POSTGRES: &str = "EGARD_WITHOUT_POSTGRES";

/// A running server.
pub struct PostgresServer {
    folder: PathBuf,
    programs: PathBuf,
    user: Option<(u32, u32)>,
    databases: AtomicU32,
    /// Waits for the end of this process, then stops the server.
    guard: Child,
}

impl PostgresServer {
    /// One server for all tests of a program. `None` if [`WITHOUT_POSTGRES`] is `1`.
    pub fn shared() -> Result<Option<&'static PostgresServer>, String> {
        static SHARED: OnceLock<Result<Option<PostgresServer>, String>> = OnceLock::new();
        match SHARED.get_or_init(PostgresServer::start) {
            Ok(server) => Ok(server.as_ref()),
            Err(why) => Err(why.clone()),
        }
    }

    /// Starts a server with an empty cluster. `None` if [`WITHOUT_POSTGRES`] is `1`; an error, in
    /// words for whoever runs the tests, if there are no server programs.
    pub fn start() -> Result<Option<PostgresServer>, String> {
        if std::env::var_os(WITHOUT_POSTGRES).is_some_and(|value| value == "1") {
            return Ok(None);
        }
        let programs = programs()?;
        let failed = |error: io::Error| format!("could not prepare a folder for PostgreSQL: {error}");
        let user = server_user()?;
        let folder = new_folder(user).map_err(failed)?;
        let guard = match guard(&folder, &programs, user) {
            Ok(guard) => guard,
            Err(error) => {
                fs::remove_dir_all(&folder).map_err(failed)?;
                return Err(format!("could not start the guard of PostgreSQL: {error}"));
            }
        };
        // From here on, dropping the value cleans up.
        let server = PostgresServer {
            folder,
            programs,
            user,
            databases: AtomicU32::new(0),
            guard,
        };
        let data = server.folder.join("data");
        server.run(
            "initdb",
            &[
                "--no-sync",
                "--auth=trust",
                "--username=egard",
                "--encoding=UTF8",
                "--locale=C",
                "--pgdata",
            ],
            &[data.as_os_str()],
        )?;
        let settings = format!(
            "listen_addresses = ''\nunix_socket_directories = '{}'\nfsync = on\nmax_connections = 200\n\
             shared_buffers = 32MB\nlogging_collector = off\n",
            server.folder.display()
        );
        let file = data.join("postgresql.auto.conf");
        fs::write(&file, settings).map_err(failed)?;
        server.begin()?;
        Ok(Some(server))
    }

    /// A connection string to a new, empty database.
    pub fn new_database(&self) -> Result<String, String> {
        let name = format!("egard_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run(
            "createdb",
            &["--username=egard", &name, "--host"],
            &[self.folder.as_os_str()],
        )?;
        Ok(format!("host={} user=egard dbname={name}", self.folder.display()))
    }

    /// Dumps a database to a file, as an operator's backup does (`pg_dump`).
    pub fn dump(&self, connection: &str, file: &Path) -> Result<(), String> {
        let name = database(connection)?;
        // The server's user writes it, in a place that is theirs.
        let dump = self.folder.join(format!("{name}.dump"));
        let settings = ["--username=egard", "--format=custom", "--dbname", name, "--host"];
        let to = [self.folder.as_os_str(), OsStr::new("--file"), dump.as_os_str()];
        self.run("pg_dump", &settings, &to)?;
        let failed = |error: io::Error| format!("could not keep the dump: {error}");
        fs::copy(&dump, file).map_err(failed)?;
        fs::remove_file(&dump).map_err(failed)
    }

    /// Makes a new database of a dump (`pg_restore`); answers its connection string.
    pub fn restore(&self, file: &Path) -> Result<String, String> {
        let connection = self.new_database()?;
        let name = database(&connection)?;
        let dump = self.folder.join(format!("{name}.dump"));
        fs::copy(file, &dump).map_err(|error| format!("could not read the dump: {error}"))?;
        let settings = ["--username=egard", "--dbname", name, "--host"];
        self.run(
            "pg_restore",
            &settings,
            &[self.folder.as_os_str(), dump.as_os_str()],
        )?;
        Ok(connection)
    }

    /// Stops the server as a crash would: nothing is finished, nothing is written.
    pub fn crash(&self) -> Result<(), String> {
        let data = self.folder.join("data");
        self.run(
            "pg_ctl",
            &["--silent", "--mode=immediate", "stop", "--pgdata"],
            &[data.as_os_str()],
        )
    }

    /// Starts it again.
    pub fn begin(&self) -> Result<(), String> {
        let (data, log) = (self.folder.join("data"), self.folder.join("log"));
        let settings = ["--silent", "--wait", "--timeout=120", "start", "--log"];
        self.run(
            "pg_ctl",
            &settings,
            &[log.as_os_str(), OsStr::new("--pgdata"), data.as_os_str()],
        )
    }

    /// The cluster's folder, to search its bytes.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Runs one of PostgreSQL's programs as the server's user.
    fn run(&self, program: &str, arguments: &[&str], more: &[&OsStr]) -> Result<(), String> {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).args(more).current_dir(&self.folder);
        // What the server inherits it keeps open: not the pipes of the test.
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        as_user(&mut command, self.user);
        let status = command
            .status()
            .map_err(|error| format!("could not run `{program}`: {error}"))?;
        if status.success() {
            return Ok(());
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(format!(
            "`{program}` failed ({status}); the server's log ends with:\n{}",
            last(&log)
        ))
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // Closing its pipe tells the guard to clean up; it is this process's child, so wait for it.
        drop(self.guard.stdin.take());
        let _status = self.guard.wait();
    }
}

fn database(connection: &str) -> Result<&str, String> {
    let name = connection
        .split(' ')
        .find_map(|part| part.strip_prefix("dbname="));
    name.ok_or_else(|| format!("`{connection}` names no database"))
}

/// Debian's folder of server programs, the newest version of 15 or above.
fn programs() -> Result<PathBuf, String> {
    let newest = fs::read_dir("/usr/lib/postgresql").ok().and_then(|versions| {
        versions
            .flatten()
            .filter_map(|version| version.file_name().to_str()?.parse::<u32>().ok())
            .filter(|version| *version >= 15)
            .max()
    });
    let folder = newest.map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    folder.filter(|folder| folder.join("initdb").exists()).ok_or_else(|| {
        format!(
            "no PostgreSQL server of version 15 or newer under /usr/lib/postgresql; install one with `apt-get \
             install postgresql`, or set {WITHOUT_POSTGRES}=1 to skip what needs it"
        )
    })
}

/// The user and group to run as: PostgreSQL refuses to be root.
#[cfg(unix)]
fn server_user() -> Result<Option<(u32, u32)>, String> {
    use std::os::unix::fs::MetadataExt;
    let me =
        fs::metadata("/proc/self").map_err(|error| format!("could not find out who runs this: {error}"))?;
    if me.uid() != 0 {
        return Ok(None);
    }
    let users =
        fs::read_to_string("/etc/passwd").map_err(|error| format!("could not read users: {error}"))?;
    let postgres = users.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    postgres
        .map(Some)
        .ok_or_else(|| "there is no user `postgres` to run PostgreSQL as, which refuses root".to_owned())
}

fn new_folder(user: Option<(u32, u32)>) -> io::Result<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    loop {
        // Short, since a socket's path may have 107 bytes.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("egard-pg-{}-{number}", std::process::id()));
        match fs::create_dir(&folder) {
            Ok(()) => {
                if let Some((user, group)) = user {
                    std::os::unix::fs::chown(&folder, Some(user), Some(group))?;
                }
                return Ok(folder);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Starts a shell that outlives this process for as long as it takes to stop the server.
fn guard(folder: &Path, programs: &Path, user: Option<(u32, u32)>) -> io::Result<Child> {
    let script = "trap '' INT TERM HUP; read -r _; \
        \"$1/pg_ctl\" --silent --mode=immediate stop --pgdata \"$0/data\"; rm -rf \"$0\"";
    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg(script)
        .arg(folder)
        .arg(programs)
        .current_dir("/");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    as_user(&mut command, user);
    command.spawn()
}

fn as_user(command: &mut Command, user: Option<(u32, u32)>) {
    use std::os::unix::process::CommandExt;
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
}

fn last(log: &str) -> &str {
    let from = log.len().saturating_sub(2_000);
    log.get(from..).unwrap_or(log)
}
