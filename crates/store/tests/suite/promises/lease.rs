//! What the lease promises: one writer, and a writer who lost it writes nothing.

use std::cell::Cell;
use std::time::Duration;
use store::{Clocks, Counts, Error, Integration, take_over};
use vocabulary::{Day, Moment};

use crate::bed::{Bed, HOUR, NOW};
use crate::given::*;

pub fn a_lease_is_held_until_it_ends(bed: Bed) {
    let almost = NOW.plus(HOUR - 1);
    match bed.shelf.acquire("rival", almost, HOUR) {
        Err(Error::Held { owner, until }) => assert_eq!((owner.as_str(), until), ("bed", NOW.plus(HOUR))),
        other => panic!("expected `Held`, got {other:?}"),
    }
    bed.shelf.renew(bed.epoch, almost, HOUR).unwrap();
    assert!(matches!(
        bed.shelf.acquire("rival", NOW.plus(HOUR), HOUR),
        Err(Error::Held { .. })
    ));
    bed.shelf.commit(bed.epoch, &[arrival(1)]).unwrap();

    let epoch = bed.shelf.acquire("rival", almost.plus(HOUR), HOUR).unwrap();
    assert!(epoch > bed.epoch);
    assert!(matches!(
        bed.shelf.renew(bed.epoch, almost, HOUR),
        Err(Error::Fenced)
    ));
    assert!(matches!(
        bed.shelf.commit(bed.epoch, &[arrival(2)]),
        Err(Error::Fenced)
    ));
    bed.shelf.commit(epoch, &[arrival(2)]).unwrap();
}

pub fn the_same_owner_may_take_its_lease_again_and_fences_its_former_self(mut bed: Bed) {
    let epoch = bed.shelf.acquire("bed", NOW, HOUR).unwrap();
    assert!(epoch > bed.epoch);
    assert!(matches!(
        bed.shelf.commit(bed.epoch, &[arrival(1)]),
        Err(Error::Fenced)
    ));
    bed.shelf.commit(epoch, &[arrival(1)]).unwrap();
    bed.epoch = epoch;
    bed.reopen();
    assert!(bed.epoch >= epoch, "epochs grow across openings");
}

pub fn a_lease_given_back_is_free_and_writes_no_more(bed: Bed) {
    bed.shelf.release(bed.epoch).unwrap();
    bed.shelf.release(bed.epoch).unwrap();
    assert!(matches!(
        bed.shelf.commit(bed.epoch, &[arrival(1)]),
        Err(Error::Fenced)
    ));
    assert!(matches!(
        bed.shelf.renew(bed.epoch, NOW, HOUR),
        Err(Error::Fenced)
    ));
    let epoch = bed.shelf.acquire("rival", NOW, HOUR).unwrap();
    assert!(epoch > bed.epoch);
    bed.shelf.release(bed.epoch).unwrap();
    bed.shelf.commit(epoch, &[arrival(1)]).unwrap();
}

pub fn who_is_fenced_writes_nothing_at_all(bed: Bed) {
    let (shelf, old) = (&bed.shelf, bed.epoch);
    let gone = person(1);
    shelf.commit(old, &[arrival(1)]).unwrap();
    let before = shelf.counts().unwrap();
    let epoch = shelf.acquire("bed", NOW, HOUR).unwrap();
    let integration = Integration {
        expected: None,
        checkpoint: vec![1],
        tiles: vec![("tile/0/000".to_owned(), vec![1])],
        obsolete: vec![],
        integrated: vec![],
    };
    for fenced in [
        shelf.renew(old, NOW, HOUR).err(),
        shelf.commit(old, &[arrival(2)]).err(),
        shelf.flush(old, &[(1, row(gone, 2))], 0).err(),
        shelf.purge_events(old, Day(99)).err(),
        shelf.purge_messages(old, Day(99)).err(),
        shelf.erase(old, gone).err(),
        shelf.integrate(old, &integration).err(),
        shelf.swap(old, "name", 0, b"value").err(),
        shelf.keep(old, [1; 32], b"bytes").err(),
    ] {
        assert!(
            matches!(fenced, Some(Error::Fenced)),
            "expected `Fenced`, got {fenced:?}"
        );
    }
    assert_eq!(shelf.counts().unwrap(), before);
    assert_eq!(
        shelf.counts().unwrap(),
        Counts {
            persons: 1,
            keys: 1,
            identifiers: 1,
            ..Counts::default()
        }
    );
    assert_eq!(shelf.persons(&[gone]).unwrap()[0].as_ref().unwrap().version, 1);
    assert_eq!(shelf.checkpoint().unwrap(), None);
    assert_eq!(shelf.get("name").unwrap(), None);
    assert_eq!(shelf.artefact([1; 32]).unwrap(), None);
    shelf.commit(epoch, &[arrival(2)]).unwrap();
}

/// A time of day that was set back by days, and a time that goes on while somebody waits; what happens
/// meanwhile.
struct Apart<F> {
    of_day: Moment,
    elapsed: Cell<Duration>,
    meanwhile: F,
}

impl<F: Fn(Duration)> Clocks for Apart<F> {
    fn now(&self) -> Moment {
        self.of_day.plus(self.elapsed.get().as_millis() as i64)
    }

    fn elapsed(&self) -> Duration {
        self.elapsed.get()
    }

    fn wait(&self, time: Duration) {
        self.elapsed.set(self.elapsed.get() + time);
        (self.meanwhile)(self.elapsed.get());
    }
}

fn set_back<F: Fn(Duration)>(meanwhile: F) -> Apart<F> {
    Apart {
        of_day: NOW.plus(-100 * HOUR),
        elapsed: Cell::default(),
        meanwhile,
    }
}

pub fn who_was_killed_is_followed_in_bounded_time_though_the_clock_was_set_back(bed: Bed) {
    let ttl = 30_000;
    bed.shelf.acquire("bed", NOW, ttl).unwrap();
    let clocks = set_back(|_| ());
    let epoch = take_over(bed.shelf.as_ref(), "next", ttl, &clocks).unwrap();
    assert!(
        clocks.elapsed() <= Duration::from_secs(31),
        "{:?}",
        clocks.elapsed()
    );
    assert!(epoch > bed.epoch);
    bed.shelf.commit(epoch, &[arrival(1)]).unwrap();
    // It goes on: renews by its own clock, and whoever is killed after it is followed as soon.
    bed.shelf.renew(epoch, clocks.now(), ttl).unwrap();
    let clocks = set_back(|_| ());
    let third = take_over(bed.shelf.as_ref(), "third", ttl, &clocks).unwrap();
    assert!(clocks.elapsed() <= Duration::from_secs(31) && third > epoch);
    assert!(matches!(
        bed.shelf.commit(epoch, &[arrival(2)]),
        Err(Error::Fenced)
    ));
}

pub fn who_is_alive_is_not_followed_however_the_clocks_differ(bed: Bed) {
    let ttl = 30_000;
    let epoch = bed.shelf.acquire("bed", NOW, ttl).unwrap();
    let renewals = Cell::new(0);
    let clocks = set_back(|elapsed| {
        if elapsed.as_millis() % 8_000 == 0 {
            renewals.set(renewals.get() + 1);
            let now = NOW.plus(elapsed.as_millis() as i64);
            bed.shelf.renew(epoch, now, ttl).unwrap();
        }
    });
    let held = take_over(bed.shelf.as_ref(), "rival", ttl, &clocks);
    assert!(matches!(held, Err(Error::Held { .. })), "{held:?}");
    assert!(renewals.get() >= 4 && clocks.elapsed() >= Duration::from_secs(35));
    bed.shelf.commit(epoch, &[arrival(1)]).unwrap();
}

pub fn who_was_stopped_and_goes_on_after_being_followed_writes_nothing(bed: Bed) {
    let ttl = 30_000;
    let stopped = bed.shelf.acquire("bed", NOW, ttl).unwrap();
    let clocks = set_back(|_| ());
    let epoch = take_over(bed.shelf.as_ref(), "next", ttl, &clocks).unwrap();
    let late = NOW.plus(HOUR);
    assert!(matches!(bed.shelf.renew(stopped, late, ttl), Err(Error::Fenced)));
    assert!(matches!(
        bed.shelf.commit(stopped, &[arrival(1)]),
        Err(Error::Fenced)
    ));
    assert!(matches!(
        bed.shelf.swap(stopped, "name", 0, b"value"),
        Err(Error::Fenced)
    ));
    bed.shelf.commit(epoch, &[arrival(1)]).unwrap();
}
