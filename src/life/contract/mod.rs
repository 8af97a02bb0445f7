//! What lives promise on every database: stories of cars, played on SQLite beside the code, and on
//! both databases by the integration tests. The parent module names the crate `hub`.

pub(crate) mod days;
pub(crate) mod orders;
pub(crate) mod random;
pub(crate) mod world;

use super::hub;
pub(crate) use world::World;

/// Every story, by topic.
macro_rules! stories {
    ($play:ident) => {
        $play! {
            orders:
                a_life_in_order_has_no_break
                parallel_steps_stand_in_either_order
                a_step_before_its_predecessor_is_a_break_with_both_rows
                a_step_without_its_predecessor_is_a_break
                a_day_lasts_whole_and_an_event_without_moment_fits_anywhere
                what_comes_after_the_end_is_a_break
                a_step_that_happens_twice_is_a_duplicate
                items_are_judged_within_themselves
                a_filing_of_the_firm_belongs_to_every_car_of_the_firm;
            days:
                a_row_that_comes_late_closes_the_break_it_explains
                a_break_that_still_holds_goes_on_with_its_first_day
                what_two_people_disposed_of_stays_disposed
                a_step_waits_some_days_for_the_one_before_it
                what_happened_after_the_day_is_not_looked_at
                an_earlier_day_judged_again_leaves_nothing_open
                a_life_without_rows_agrees;
            random:
                random_lives_are_judged_as_in_memory;
        }
    };
}
pub(crate) use stories;
