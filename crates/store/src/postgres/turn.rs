//! One transaction of the one writer, and the truth about it when the connection breaks.
//!
//! Each locks the lease's row, checks the epoch, and counts itself in that row. If the answer to
//! COMMIT is lost, the count read under the same lock (so after the old transaction has ended one
//! way or the other) says whether it was carried out. Deliberately does not know: what is written.

use std::time::{Duration, Instant};

use super::fault::Fault;
use super::link::{Link, Params};
use super::wait::wait;
use super::{Postgres, Writer, batch, commit, lock};
use crate::shelf::{Epoch, Error, Seq};

/// How long a database may stay away before its caller hears of it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a transaction is run again after races and lost connections.
const TRIES: u32 = 5;

/// Statements that must go out in one go with others.
pub(super) const PREPARED: [&str; 2] = [LOCK, COUNT];

const LOCK: &str = "SELECT newest, place, commits FROM lease
    WHERE shard = 0 AND epoch = $1 AND owner IS NOT NULL FOR UPDATE";
const COUNT: &str = "UPDATE lease SET commits = $1, newest = $2, place = $3 WHERE shard = 0";

/// The lease's row, locked.
pub(super) struct Turn {
    pub(super) newest: Seq,
    pub(super) place: u64,
    commits: i64,
}

/// What is to be answered if the transaction turns out to be carried out.
pub(super) struct Promise<T>(Option<(T, i64)>);

impl Postgres {
    /// Runs a transaction of the writer: `act` between the lock and the commit.
    pub(super) fn transact<T>(
        &self,
        epoch: Epoch,
        act: impl AsyncFn(&Link, &mut Turn) -> Result<T, Fault>,
    ) -> Result<T, Error> {
        self.attempt(epoch, async |link, promise| {
            let (mut turn, ()) = begin(link, epoch, async { Ok(()) }).await?;
            let done = act(link, &mut turn).await?;
            finish(link, turn, promise, done, async { Ok(()) }).await
        })
    }

    /// Runs `one`, which must end with [`finish`], until the outcome is known.
    pub(super) fn attempt<T>(
        &self,
        epoch: Epoch,
        one: impl AsyncFn(&Link, &mut Promise<T>) -> Result<(), Fault>,
    ) -> Result<T, Error> {
        self.insist(|writer, link| {
            let mut promise = Promise(None);
            let fault = match (wait(one(link, &mut promise)), promise.0) {
                (Ok(()), Some((done, _))) => return Ok(done),
                (Ok(()), None) => return Err(Error::Broken("a transaction did not end".to_owned()).into()),
                (Err(fault), None) => return Err(fault),
                (Err(fault), Some((done, commits))) if fault.is_lost() => {
                    if self.was_carried_out(writer, epoch, commits)? {
                        return Ok(done);
                    }
                    fault
                }
                (Err(fault), Some(_)) => fault,
            };
            Err(fault)
        })
    }

    /// Runs `work` over the writer's connection; again after races and lost connections. It must
    /// leave nothing half done that running it again would do twice.
    pub(super) fn insist<T>(
        &self,
        work: impl Fn(&mut Option<String>, &Link) -> Result<T, Fault>,
    ) -> Result<T, Error> {
        let mut writer = lock(&self.writer);
        let Writer { link, broken } = &mut *writer;
        let mut tries = 1;
        loop {
            if let Some(why) = &broken {
                return Err(Error::Broken(why.clone()));
            }
            let connected = match link.take().filter(|link| !link.is_closed()) {
                Some(connected) => connected,
                None => self.writing_link()?,
            };
            let fault = match work(broken, &connected) {
                Ok(done) => {
                    *link = Some(connected);
                    return Ok(done);
                }
                Err(fault) => fault,
            };
            // Ends what may have been begun; a connection that cannot do even this is dropped.
            if !fault.is_lost() && wait(connected.run("ROLLBACK")).is_ok() {
                *link = Some(connected);
            }
            if !(fault.is_lost() || fault.is_race()) || tries == TRIES {
                return Err(fault.into());
            }
            std::thread::sleep(Duration::from_millis(5 << tries));
            tries += 1;
        }
    }

    /// Whether the transaction numbered `commits` of this epoch was carried out. If nobody can say,
    /// nothing may be written any more.
    fn was_carried_out(
        &self,
        broken: &mut Option<String>,
        epoch: Epoch,
        commits: i64,
    ) -> Result<bool, Fault> {
        let begun = Instant::now();
        loop {
            let settled = Link::connect_patiently(&self.config, self.runtime.handle(), PATIENCE)
                .and_then(|link| wait(settle(&link, epoch)));
            match settled {
                Ok(found) => return Ok(found >= commits),
                Err(fault) if (fault.is_lost() || fault.is_race()) && begun.elapsed() < PATIENCE => {}
                Err(fault) => {
                    *broken = Some(format!("the fate of the last transaction is not known: {fault}"));
                    return Err(Error::Broken(fault.to_string()).into());
                }
            }
        }
    }

    pub(super) fn writing_link(&self) -> Result<Link, Fault> {
        let link = Link::connect_patiently(&self.config, self.runtime.handle(), PATIENCE)?;
        wait(link.prepare(&PREPARED))?;
        wait(link.prepare(&commit::PREPARED))?;
        wait(link.prepare(&batch::PREPARED))?;
        Ok(link)
    }
}

/// Begins a transaction, locks the lease's row, and asks what `facts` asks, all in one go: `facts`
/// must have sent everything when it first waits.
pub(super) async fn begin<F>(
    link: &Link,
    epoch: Epoch,
    facts: impl Future<Output = Result<F, Fault>>,
) -> Result<(Turn, F), Fault> {
    let epoch = epoch as i64;
    let locking: Params = &[&epoch];
    let (begun, locked, facts) = tokio::join!(biased; link.run("BEGIN ISOLATION LEVEL READ COMMITTED"), link.query(LOCK, locking), facts);
    begun?;
    let locked = locked?;
    let Some(row) = locked.first() else {
        return Err(Error::Fenced.into());
    };
    let turn = Turn {
        newest: unsigned(row.try_get(0)?)?,
        place: unsigned(row.try_get(1)?)?,
        commits: row.try_get(2)?,
    };
    Ok((turn, facts?))
}

/// Writes what `writes` writes, counts the transaction and commits it, all in one go: `writes` must
/// have sent everything when it first waits.
pub(super) async fn finish<T>(
    link: &Link,
    turn: Turn,
    promise: &mut Promise<T>,
    done: T,
    writes: impl Future<Output = Result<(), tokio_postgres::Error>>,
) -> Result<(), Fault> {
    let commits = turn.commits + 1;
    let (newest, place) = (turn.newest as i64, turn.place as i64);
    promise.0 = Some((done, commits));
    let counting: Params = &[&commits, &newest, &place];
    let (written, counted, committed) =
        tokio::join!(biased; writes, link.execute(COUNT, counting), link.run("COMMIT"));
    let faults = [written.err(), counted.err(), committed.err()]
        .into_iter()
        .flatten()
        .map(Fault::from);
    // After a failed statement the others only echo it, and COMMIT rolls back without a word.
    let mut faults: Vec<Fault> = faults.collect();
    match faults.iter().position(|fault| !fault.is_echo()) {
        Some(first) => Err(faults.swap_remove(first)),
        None => faults.pop().map_or(Ok(()), Err),
    }
}

/// How many transactions of this epoch were carried out. Waits for the one that holds the lock.
async fn settle(link: &Link, epoch: Epoch) -> Result<i64, Fault> {
    let epoch = epoch as i64;
    link.run("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    let rows = link
        .query("SELECT epoch, commits FROM lease WHERE shard = 0 FOR UPDATE", &[])
        .await?;
    let past = link
        .query(
            "SELECT commits FROM tenure WHERE shard = 0 AND epoch = $1",
            &[&epoch],
        )
        .await?;
    link.run("ROLLBACK").await?;
    for row in &rows {
        if row.try_get::<_, i64>(0)? == epoch {
            return Ok(row.try_get(1)?);
        }
    }
    match past.first() {
        Some(row) => Ok(row.try_get(0)?),
        None => Err(Error::Broken("the lease that wrote last is not remembered".to_owned()).into()),
    }
}

/// A number as it was before PostgreSQL kept it.
pub(super) fn unsigned(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|_| Error::Broken("a number in the database is negative".to_owned()).into())
}
