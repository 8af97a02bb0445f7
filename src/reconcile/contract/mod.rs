//! What reconciliations promise on every database: stories of a clearing day with the shipped
//! job and datasets, played on SQLite beside the code, and on both databases by the integration
//! tests. The parent module names the crate `hub`.

pub(crate) mod books;
pub(crate) mod days;
pub(crate) mod suspects;
pub(crate) mod world;

use super::hub;
pub(crate) use world::World;

/// Every story, by topic.
macro_rules! stories {
    ($play:ident) => {
        $play! {
            days:
                a_day_on_which_both_sides_agree
                an_empty_day_agrees
                a_day_without_a_statement_is_a_break_and_never_agrees
                a_package_that_was_listed_and_never_arrived
                a_package_that_was_accounted_and_never_listed
                a_package_that_was_received_and_never_accounted
                a_package_listed_by_two_days_is_a_duplicate
                a_row_without_amount_is_never_taken_as_zero
                membership_goes_by_the_lists_and_never_by_date;
            suspects:
                a_row_cleared_although_disputed_is_the_first_candidate
                a_row_released_twice_counts_once_and_is_the_first_candidate
                two_rows_that_add_up_to_the_difference_are_found
                a_whole_group_that_adds_up_to_the_difference_is_found
                a_row_that_was_not_cleared_is_found_on_our_side
                without_an_exact_row_the_closest_ones_are_listed
                a_difference_in_count_alone_is_a_break;
            books:
                a_newer_version_closes_what_it_no_longer_finds
                a_break_that_still_holds_goes_on_with_its_first_day
                what_two_people_disposed_of_stays_disposed
                a_dispute_is_overdue_after_two_working_days_and_a_make_up_saturday_is_one
                natural_days_count_when_the_job_says_so
                a_calendar_without_the_year_makes_a_check_not_checked
                an_overdue_dispute_is_open_once_however_many_days_find_it
                a_reconciliation_inside_a_load_leaves_nothing_when_the_load_fails
                a_check_lists_a_thousand_breaks_and_adds_up_the_rest;
        }
    };
}
pub(crate) use stories;
