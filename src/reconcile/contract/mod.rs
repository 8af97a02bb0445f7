//! What reconciliations promise on every database: stories of a clearing day with the shipped
//! job and datasets, played on SQLite beside the code, and on both databases by the integration
//! tests. The parent module names the crate `hub`.

pub(crate) mod books;
pub(crate) mod carrying;
pub(crate) mod days;
pub(crate) mod inspections;
pub(crate) mod matches;
pub(crate) mod random;
pub(crate) mod sides;
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
            matches:
                rows_with_equal_keys_are_matched_where_they_lie
                an_empty_day_has_nothing_to_match
                a_pair_whose_columns_differ_is_a_break_of_their_kind
                an_amount_that_is_not_known_agrees_with_nothing
                what_one_side_alone_has_is_one_sided
                a_key_of_nothing_matches_nothing
                a_key_that_comes_twice_is_paired_once
                keys_that_come_twice_can_be_left_to_the_next_pass
                a_tolerance_ends_exactly_where_it_says
                of_several_close_pairs_the_closest_is_taken_first
                a_key_that_says_nothing_is_refused_and_nothing_is_kept
                a_close_pair_whose_state_differs_is_a_break
                rows_of_one_batch_are_matched_by_their_sum
                every_break_is_kept_however_many
                every_problem_of_a_match_is_found_in_one_pass;
            carrying:
                a_row_that_comes_a_day_late_clears_the_open_item
                what_waited_for_two_working_days_is_a_break
                a_late_row_with_another_amount_is_a_break_of_its_day
                a_newer_version_takes_back_what_the_older_one_cleared
                an_earlier_day_matched_again_keeps_what_a_later_one_cleared
                an_item_whose_row_is_gone_is_closed
                a_newer_version_of_a_day_closes_the_breaks_of_the_older
                an_open_item_whose_key_comes_again_is_a_duplicate
                a_calendar_without_the_year_is_an_error_and_nothing_is_kept;
            inspections:
                an_inspection_has_findings_and_no_equation
                what_is_new_is_heard_once
                a_check_without_its_inputs_is_not_made_and_nothing_is_in_order
                two_numbers_may_be_apart_by_exactly_the_tolerance
                months_are_counted_from_a_date_of_a_tied_row
                a_date_is_compared_with_the_end_of_a_month
                rows_that_belong_to_a_row_are_counted_and_added_up
                every_problem_of_an_inspection_is_found_in_one_pass;
            random:
                random_sides_are_matched_as_a_naive_matching_does;
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
