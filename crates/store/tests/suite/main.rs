//! One suite for every shelf: each promise of the trait is a test, and is run on each driver.
//!
//! PostgreSQL is started here, on a socket of its own; without its programs the tests fail and say
//! what to install, unless `EGARD_WITHOUT_POSTGRES=1`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod alike;
mod bed;
mod embedded;
mod given;
mod postgres;
mod promises;

/// Runs each promise on each driver.
macro_rules! on_every_shelf {
    ($($file:ident: $($promise:ident),+ ;)+) => {
        on_every_shelf!(@ lazy_memory, bed::Bed::lazy_memory(), $($file: $($promise),+ ;)+);
        on_every_shelf!(@ eager_memory, bed::Bed::eager_memory(), $($file: $($promise),+ ;)+);
        on_every_shelf!(@ on_sqlite, bed::Bed::embedded(), $($file: $($promise),+ ;)+);
        on_every_shelf!(@ on_postgresql, bed::Bed::postgres(), $($file: $($promise),+ ;)+);
    };
    (@ $driver:ident, $bed:expr, $($file:ident: $($promise:ident),+ ;)+) => {
        mod $driver {
            use super::*;
            $($(
                #[test]
                fn $promise() {
                    if let Some(bed) = $bed {
                        promises::$file::$promise(bed);
                    }
                }
            )+)+
        }
    };
}

on_every_shelf! {
    lease:
        a_lease_is_held_until_it_ends,
        the_same_owner_may_take_its_lease_again_and_fences_its_former_self,
        a_lease_given_back_is_free_and_writes_no_more,
        who_is_fenced_writes_nothing_at_all,
        who_was_killed_is_followed_in_bounded_time_though_the_clock_was_set_back,
        who_is_alive_is_not_followed_however_the_clocks_differ,
        who_was_stopped_and_goes_on_after_being_followed_writes_nothing;
    commit:
        what_is_committed_is_there_after_opening_anew,
        a_message_is_answered_once,
        a_message_is_another_one_in_another_shard,
        a_conflict_does_not_poison_the_group,
        units_of_one_person_in_one_group_build_on_each_other,
        an_envelope_is_replaced_only_from_the_version_it_was_made_from,
        what_no_program_should_ask_is_refused_whole,
        an_empty_group_is_no_error,
        readers_see_what_was_acknowledged_while_others_write;
    history:
        a_persons_events_come_newest_first_and_in_pages,
        purging_removes_old_events_and_no_others,
        purging_messages_forgets_them,
        the_oldest_days_are_those_of_what_is_left,
        a_persons_records_come_newest_first_and_in_pages,
        no_place_is_given_away_twice;
    lazy:
        unapplied_events_come_back_until_they_are_flushed,
        a_flush_from_another_version_writes_nothing,
        a_flush_beyond_the_newest_event_is_refused,
        a_flush_leaves_out_who_was_erased,
        a_flush_keeps_the_rows_own_head_of_the_chain;
    read:
        answers_come_in_the_order_asked,
        a_scan_goes_through_everybody_in_order,
        who_is_due_comes_soonest_first;
    erase:
        an_erased_person_is_gone_and_nobody_else,
        erasing_nobody_known_is_no_error,
        a_key_is_wrapped_anew_once_and_only_if_it_is_the_expected_one,
        keys_are_gone_through_in_order_and_in_pages;
    ledger:
        leaves_wait_in_the_order_of_their_commits,
        an_integration_is_all_or_nothing,
        two_sequencers_never_fork_the_log,
        a_record_has_its_place_until_its_person_is_erased;
    small:
        a_named_value_is_swapped_only_from_its_version,
        a_named_value_is_removed_only_from_its_version,
        names_with_a_prefix_come_in_order_and_in_pages,
        an_artefact_is_kept_once,
        artefacts_are_listed_in_order_and_discarded_one_by_one;
}
