//! Trying again, when the error's type says that it can help.
//!
//! Responsible for the three classes of failure, the waiting times between attempts and the one
//! loop that uses them. Not for time: the caller gives the sleep. Whoever talks to a network or a
//! database calls it. The one invariant: the error returned is the one the operation returned,
//! unwrapped and unchanged.

use std::time::Duration;

/// What a failure means for the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// May be gone in a moment: a connection cut, a lock held.
    Transient,
    /// Stays until someone changes something: permission denied, a damaged file.
    Permanent,
    /// The program is wrong.
    Bug,
}

/// An error that knows its class. Implemented beside the error, by variant.
pub trait Classify {
    /// The class of this very error.
    fn class(&self) -> Class;
}

/// How often and with what pauses to try.
///
/// The pause after the n-th failure is `initial` × `factor`^(n-1), at most `ceiling`, less a part
/// of at most `jitter` that depends on `seed`: nodes with different seeds do not come back together.
#[derive(Debug, Clone, PartialEq)]
pub struct Backoff {
    /// The pause after the first failure.
    pub initial: Duration,
    /// What each pause is multiplied with for the next, at least 1.
    pub factor: f64,
    /// The longest pause.
    pub ceiling: Duration,
    /// Attempts in all, the first one included; 0 counts as 1.
    pub attempts: u32,
    /// The largest part of a pause that may be left out, from 0 (none) to 1.
    pub jitter: f64,
    /// What the left-out parts are drawn from.
    pub seed: u64,
}

impl Default for Backoff {
    /// Five attempts; pauses of 0.5, 1, 2 and 4 seconds, less up to a fifth.
    fn default() -> Self {
        Self {
            initial: Duration::from_millis(500),
            factor: 2.0,
            ceiling: Duration::from_mins(1),
            attempts: 5,
            jitter: 0.2,
            seed: 0,
        }
    }
}

impl Backoff {
    /// One attempt, no pause.
    pub fn never() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// The same pauses with other left-out parts.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The pause after the `attempt`-th attempt (from 1) has failed, or `None` if it was the last.
    pub fn delay(&self, attempt: u32) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let exponent = attempt.saturating_sub(1).min(1_000) as i32;
        let grown = self.initial.as_secs_f64() * self.factor.max(1.0).powi(exponent);
        let longest = grown.min(self.ceiling.as_secs_f64());
        let left_out = self.jitter.clamp(0.0, 1.0) * share(self.seed, attempt);
        Some(Duration::try_from_secs_f64(longest * (1.0 - left_out)).unwrap_or(self.ceiling))
    }
}

/// A number in 0..1 that depends on nothing but its arguments (`SplitMix64`).
fn share(seed: u64, attempt: u32) -> f64 {
    let mut bits = seed.wrapping_add(u64::from(attempt).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// One failed attempt that will be repeated.
#[derive(Debug)]
pub struct Again<'a, E> {
    /// Which attempt failed, from 1.
    pub attempt: u32,
    /// The pause before the next.
    pub delay: Duration,
    /// Why it failed.
    pub error: &'a E,
}

/// Runs `operation` until it succeeds, fails for good, or has no attempts left.
///
/// Only [`Class::Transient`] errors are tried again. `on_retry` hears of each failure that is;
/// `sleep` waits.
pub async fn run<T, E, Operation, Sleep>(
    backoff: &Backoff,
    sleep: impl Fn(Duration) -> Sleep,
    mut operation: impl FnMut() -> Operation,
    mut on_retry: impl FnMut(Again<'_, E>),
) -> Result<T, E>
where
    E: Classify,
    Operation: Future<Output = Result<T, E>>,
    Sleep: Future<Output = ()>,
{
    let mut attempt = 1;
    loop {
        let error = match operation().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let delay = match error.class() {
            Class::Transient => backoff.delay(attempt),
            Class::Permanent | Class::Bug => None,
        };
        let Some(delay) = delay else {
            return Err(error);
        };
        on_retry(Again {
            attempt,
            delay,
            error: &error,
        });
        sleep(delay).await;
        attempt += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::ready;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    struct Failed(Class, u32);

    impl Classify for Failed {
        fn class(&self) -> Class {
            self.0
        }
    }

    /// What one run did: its result, the attempts it heard of, the pauses it made.
    #[derive(Debug, PartialEq, Eq)]
    struct Story {
        result: Result<u32, Failed>,
        heard: Vec<u32>,
        slept: Vec<Duration>,
    }

    fn steady(attempts: u32) -> Backoff {
        Backoff {
            initial: Duration::from_secs(1),
            factor: 2.0,
            ceiling: Duration::from_secs(3),
            attempts,
            jitter: 0.0,
            seed: 0,
        }
    }

    fn tell(attempts: u32, mut operation: impl FnMut(u32) -> Result<u32, Failed>) -> Story {
        let slept = RefCell::new(Vec::new());
        let mut heard = Vec::new();
        let mut calls = 0;
        let backoff = steady(attempts);
        let future = run(
            &backoff,
            |delay| {
                slept.borrow_mut().push(delay);
                ready(())
            },
            || {
                calls += 1;
                ready(operation(calls))
            },
            |again| heard.push(again.attempt),
        );
        let result = match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => unreachable!("every part of it is ready"),
        };
        Story {
            result,
            heard,
            slept: slept.into_inner(),
        }
    }

    fn secs(list: &[u64]) -> Vec<Duration> {
        list.iter().copied().map(Duration::from_secs).collect()
    }

    #[test]
    fn a_success_is_returned_at_once() {
        let story = tell(3, Ok);
        assert_eq!(
            story,
            Story {
                result: Ok(1),
                heard: vec![],
                slept: vec![]
            }
        );
    }

    #[test]
    fn a_transient_failure_is_tried_again() {
        let story = tell(3, |call| match call {
            1 => Err(Failed(Class::Transient, call)),
            _ => Ok(call),
        });
        assert_eq!(
            story,
            Story {
                result: Ok(2),
                heard: vec![1],
                slept: secs(&[1])
            }
        );
    }

    #[test]
    fn the_last_of_many_transient_failures_is_returned_as_it_is() {
        let story = tell(5, |call| Err(Failed(Class::Transient, call)));
        assert_eq!(
            story,
            Story {
                result: Err(Failed(Class::Transient, 5)),
                heard: vec![1, 2, 3, 4],
                slept: secs(&[1, 2, 3, 3])
            }
        );
    }

    #[test]
    fn permanent_failures_and_bugs_are_not_tried_again() {
        for class in [Class::Permanent, Class::Bug] {
            let story = tell(5, |call| Err(Failed(class, call)));
            assert_eq!(
                story,
                Story {
                    result: Err(Failed(class, 1)),
                    heard: vec![],
                    slept: vec![]
                }
            );
        }
    }

    #[test]
    fn a_transient_failure_that_turns_permanent_stops() {
        let story = tell(5, |call| match call {
            1 => Err(Failed(Class::Transient, call)),
            _ => Err(Failed(Class::Permanent, call)),
        });
        assert_eq!(story.result, Err(Failed(Class::Permanent, 2)));
    }

    #[test]
    fn jitter_shortens_a_pause_by_at_most_its_part_and_depends_on_the_seed() {
        let wide = Backoff {
            jitter: 0.5,
            attempts: u32::MAX,
            ..steady(0)
        };
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..100 {
            let delay = wide.clone().seeded(seed).delay(1).expect("not the last");
            assert!(delay > Duration::from_millis(499) && delay <= Duration::from_secs(1));
            assert_eq!(
                wide.clone().seeded(seed).delay(1),
                Some(delay),
                "repeatable"
            );
            seen.insert(delay);
        }
        assert!(seen.len() > 90, "{} different pauses", seen.len());
    }

    #[test]
    fn a_pause_never_exceeds_the_ceiling() {
        let backoff = steady(u32::MAX);
        assert_eq!(backoff.delay(4_000_000_000), Some(Duration::from_secs(3)));
        assert_eq!(Backoff::never().delay(1), None);
        assert_eq!(steady(0).delay(1), None);
    }
}
