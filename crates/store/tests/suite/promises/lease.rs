//! What the lease promises: one writer, and a writer who lost it writes nothing.

use store::{Counts, Error, Integration};
use vocabulary::Day;

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
