//! One connection: where it may lead, what is agreed on it, which statements it has prepared.
//!
//! Deliberately does not know: what is asked over it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio_postgres::config::Host;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Row, Statement};

use super::fault::Fault;
use super::wait::wait;
use crate::shelf::Error;

/// The oldest PostgreSQL this driver is tested on.
const OLDEST_SERVER: i32 = 150_000;

/// Parameters of a statement.
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection whose transactions are durable when they are committed.
pub(super) struct Link {
    client: Client,
    prepared: Mutex<HashMap<&'static str, Statement>>,
}

impl Link {
    /// Connects; the connection's own work runs on `runtime`.
    pub(super) fn connect(config: &Config, runtime: &Handle) -> Result<Link, Fault> {
        let config = config.clone();
        let (connecting, spawner) = (runtime.clone(), runtime.clone());
        let connected = connecting.spawn(async move {
            let (client, connection) = config.connect(NoTls).await?;
            // Its end, good or bad, shows at the client.
            spawner.spawn(connection);
            Ok::<_, tokio_postgres::Error>(client)
        });
        let client =
            wait(connected).map_err(|_| Error::Broken("the database's thread is gone".to_owned()))??;
        let link = Link {
            client,
            prepared: Mutex::default(),
        };
        wait(link.agree())?;
        Ok(link)
    }

    /// As [`Link::connect`], again and again until `patience` ends, if the server cannot be reached.
    pub(super) fn connect_patiently(
        config: &Config,
        runtime: &Handle,
        patience: Duration,
    ) -> Result<Link, Fault> {
        let begun = Instant::now();
        let mut pause = Duration::from_millis(20);
        loop {
            match Link::connect(config, runtime) {
                Err(fault) if fault.is_lost() && begun.elapsed() < patience => {
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_millis(500));
                }
                done => return done,
            }
        }
    }

    /// Whether it has ended.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Prepares statements, so that they may be sent in one go with others, in order.
    pub(super) async fn prepare(&self, statements: &[&'static str]) -> Result<(), tokio_postgres::Error> {
        for sql in statements {
            self.statement(sql).await?;
        }
        Ok(())
    }

    pub(super) async fn query(
        &self,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let statement = self.statement(sql).await?;
        self.client.query(&statement, params).await
    }

    pub(super) async fn execute(
        &self,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<u64, tokio_postgres::Error> {
        let statement = self.statement(sql).await?;
        self.client.execute(&statement, params).await
    }

    /// Runs statements that take no parameters and answer nothing.
    pub(super) async fn run(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.client.batch_execute(sql).await
    }

    async fn statement(&self, sql: &'static str) -> Result<Statement, tokio_postgres::Error> {
        let known = self
            .prepared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(sql)
            .cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        self.prepared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(sql, statement.clone());
        Ok(statement)
    }

    /// Checks that what the server calls committed is on disk, and sets what we rely on.
    async fn agree(&self) -> Result<(), Fault> {
        let row = self
            .client
            .query_one(
                "SELECT current_setting('server_version_num')::integer, current_setting('fsync'),
                        current_setting('synchronous_commit'), version()",
                &[],
            )
            .await?;
        let (server, fsync): (i32, &str) = (row.try_get(0)?, row.try_get(1)?);
        let (synchronous, version): (&str, &str) = (row.try_get(2)?, row.try_get(3)?);
        if server < OLDEST_SERVER {
            return Err(Error::Refused(format!(
                "the server is PostgreSQL {}, this program needs 15 or newer",
                server / 10_000
            ))
            .into());
        }
        // YugabyteDB does not write through PostgreSQL's files, and says `off`.
        if fsync == "off" && !version.contains("-YB-") {
            return Err(Error::Refused(
                "the server runs with `fsync = off` and would lose what it has acknowledged; set it to `on`"
                    .to_owned(),
            )
            .into());
        }
        if synchronous == "off" {
            self.client.batch_execute("SET synchronous_commit = on").await?;
        }
        // A writer that vanishes without a word must not keep the lease's row locked for ever.
        let agreed = "SET search_path TO egard; SET idle_in_transaction_session_timeout = '60s'";
        Ok(self.client.batch_execute(agreed).await?)
    }
}

/// Reads a connection string; refuses hosts beyond this machine.
pub(super) fn local_config(connection: &str) -> Result<Config, Error> {
    let mut config: Config = connection.parse().map_err(|_| {
        Error::Refused(
            "the connection string is none; write `host=/run/postgresql user=egard dbname=egard`".to_owned(),
        )
    })?;
    let local = |host: &Host| match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    };
    let named = !config.get_hosts().is_empty() || !config.get_hostaddrs().is_empty();
    if !named
        || !config.get_hosts().iter().all(local)
        || !config.get_hostaddrs().iter().all(|address| address.is_loopback())
    {
        return Err(Error::Refused(
            "the database is on another machine, and TLS is not built in yet: use a Unix socket or a loopback \
             address, for instance through an SSH tunnel"
                .to_owned(),
        ));
    }
    if config.get_application_name().is_none() {
        config.application_name("egard");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    Ok(config)
}
