//! The promises of the life of a request.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use decide::rights::{
    By, Denial, ExtensionReason, MAX_STEPS, Refusal, Request, Right, Status, Step, Urgency, Via, date, latest,
};
use proptest::prelude::*;
use vocabulary::{DAY_MS, Day, Moment};

const START: Moment = Moment(1_795_305_600_000); // 2026-11-22T00:00:00Z, a Sunday

fn steps() -> Vec<Step> {
    let mut steps = vec![
        Step::AskVerification,
        Step::Verified,
        Step::Start,
        Step::Extend(ExtensionReason::Complexity),
        Step::Fulfil,
        Step::Revoke,
        Step::Expire,
    ];
    steps.extend(Denial::ALL.map(Step::Deny));
    steps
}

fn days(after: i64) -> Moment {
    START.plus(after * DAY_MS)
}

fn request(right: Right) -> Request {
    Request::open(right, Via::Page, START)
}

fn any_walk() -> impl Strategy<Value = (Right, Vec<(Step, By, i64)>)> {
    let right = prop::sample::select(Right::ALL.to_vec());
    let by = prop::sample::select(vec![By::Person, By::Staff, By::System]);
    let step = (prop::sample::select(steps()), by, -3i64..40);
    (right, prop::collection::vec(step, 0..60))
}

proptest! {
    #[test]
    fn whatever_is_tried_a_request_that_ended_stays_as_it_was((right, walk) in any_walk()) {
        let mut request = request(right);
        let mut now = START;
        for (step, by, later) in walk {
            // The clock may go back.
            now = now.plus(later * DAY_MS);
            let next = request.take(step, by, now);
            if request.status.is_final() {
                prop_assert_eq!(next, Err(Refusal::Ended(request.status)));
                continue;
            }
            let Ok(next) = next else { continue };
            prop_assert_eq!(next.received, request.received);
            prop_assert_eq!(next.steps.len(), request.steps.len() + 1);
            prop_assert!(next.steps.len() <= MAX_STEPS + 1);
            prop_assert!(next.steps.windows(2).all(|pair| pair[0].at <= pair[1].at));
            prop_assert!(next.due() >= request.due());
            match next.status {
                // A program refuses nobody by itself, except whom it does not know.
                Status::Denied(denial) => prop_assert!(by == By::Staff || (by == By::System && denial == Denial::NoMatch)),
                Status::Revoked => prop_assert_eq!(by, By::Person),
                // Being late ourselves never ends a request.
                Status::Expired => prop_assert_eq!(request.status, Status::NeedUserVerification),
                Status::Fulfilled => prop_assert_eq!(request.status, Status::InProgress),
                _ => {}
            }
            if right == Right::Erasure && request.status == Status::InProgress {
                prop_assert!(matches!(next.status, Status::InProgress | Status::Fulfilled));
            }
            request = next;
        }
        let stored = serde_json::to_string(&request).unwrap();
        prop_assert_eq!(serde_json::from_str::<Request>(&stored).unwrap(), request);
    }

    #[test]
    fn no_request_waits_longer_than_three_months_without_being_overdue(right in prop::sample::select(Right::ALL.to_vec()), start in 0i64..40_000, extended in any::<bool>()) {
        let received = Moment(start * DAY_MS + 5);
        let mut request = Request::open(right, Via::Api, received);
        if extended {
            let told = received.plus(20 * DAY_MS);
            request = request.take(Step::Extend(ExtensionReason::NumberOfRequests), By::Staff, told).unwrap();
        }
        let days = request.due().0 - received.day().0;
        let (least, most) = if extended { (89, 92) } else { (28, 31) };
        prop_assert!((least..=most).contains(&days), "{days}");
        prop_assert_eq!(request.urgency(Day(request.due().0 + 1)), Urgency::Overdue);
        prop_assert!(request.urgency(request.due()) < Urgency::Overdue);
        let latest = latest(request.due(), &[]);
        prop_assert!(latest >= request.due() && latest.0 - request.due().0 <= 2);
    }
}

#[test]
fn every_request_can_end_well_and_says_how_long_it_took() {
    for right in Right::ALL {
        let begun = request(right).take(Step::Start, By::System, days(1)).unwrap();
        let done = begun.take(Step::Fulfil, By::System, days(2)).unwrap();
        assert_eq!(done.status, Status::Fulfilled);
        assert_eq!(done.took(days(9)), 2 * DAY_MS);
        assert_eq!(done.urgency(days(400).day()), Urgency::Calm);
        assert_eq!(Right::parse(right.as_str()), Some(right));
    }
    assert_eq!(Right::parse("deletion"), Some(Right::Erasure));
}

#[test]
fn the_period_is_a_calendar_month_and_warned_about_a_week_before_its_end() {
    let request = request(Right::Access);
    assert_eq!(date(request.due()), "2026-12-22");
    assert_eq!(request.urgency(days(22).day()), Urgency::Calm);
    assert_eq!(request.urgency(days(23).day()), Urgency::Soon);
    assert_eq!(request.urgency(days(30).day()), Urgency::Soon);
    assert_eq!(request.urgency(days(31).day()), Urgency::Overdue);
}

#[test]
fn it_is_prolonged_once_by_staff_and_within_the_first_month_only() {
    let extend = Step::Extend(ExtensionReason::Complexity);
    let request = request(Right::HumanReview);
    assert_eq!(
        request.take(extend, By::System, days(3)),
        Err(Refusal::NotYours(By::System))
    );
    assert_eq!(
        request.take(extend, By::Staff, days(31)),
        Err(Refusal::NoExtension)
    );
    let longer = request.take(extend, By::Staff, days(30)).unwrap();
    assert_eq!(date(longer.due()), "2027-02-22");
    assert_eq!(
        longer.take(extend, By::Staff, days(31)),
        Err(Refusal::NoExtension)
    );
}

#[test]
fn who_never_shows_who_they_are_expires_after_the_period_and_not_before() {
    let asked = request(Right::Access)
        .take(Step::AskVerification, By::Staff, days(1))
        .unwrap();
    assert_eq!(
        asked.take(Step::Expire, By::System, days(30)),
        Err(Refusal::NotYet)
    );
    let expired = asked.take(Step::Expire, By::System, days(31)).unwrap();
    assert_eq!(expired.status, Status::Expired);
    // One that waits for us does not expire, however late we are.
    let open = request(Right::Access);
    assert!(open.take(Step::Expire, By::System, days(500)).is_err());
}
