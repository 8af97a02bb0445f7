//! The time and the zone, as one value that is passed to whoever needs them.
//!
//! Responsible for "now", "today" and for turning a partner's local times into moments. Not for
//! business days (`calendar`) or waiting. Everything above row 0 that needs the time takes a
//! [`Clock`]. The one invariant: nothing else in the program asks the machine what time it is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// A time zone of the IANA database.
pub type Zone = Tz;

/// A local time or a zone name that has no meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Clocks were put forward over this local time, so it never was.
    #[error("{local} does not exist in {zone}: clocks were put forward over it")]
    Gap {
        /// The local time.
        local: NaiveDateTime,
        /// The zone.
        zone: Tz,
    },
    /// Not a name of the IANA time zone database.
    #[error("`{name}` is not a time zone: write a name such as Asia/Shanghai or UTC")]
    Zone {
        /// What was given.
        name: String,
    },
}

/// Reads a time zone name such as `Asia/Shanghai`, in its exact spelling.
pub fn parse_zone(name: &str) -> Result<Tz, ClockError> {
    name.parse().ok().ok_or_else(|| ClockError::Zone {
        name: name.to_owned(),
    })
}

/// Where "now" comes from, and in which zone days begin. Cheap to clone; clones share the time.
#[derive(Clone)]
pub struct Clock {
    zone: Tz,
    source: Source,
}

#[derive(Clone)]
enum Source {
    System,
    /// Microseconds since 1970 in UTC.
    Fixed(Arc<AtomicI64>),
}

/// Moves a fixed clock, and every clone of it.
#[derive(Clone)]
pub struct Hand(Arc<AtomicI64>);

impl Clock {
    /// The machine's time.
    pub fn system(zone: Tz) -> Self {
        Self {
            zone,
            source: Source::System,
        }
    }

    /// A time that stands still until its [`Hand`] moves it; to the microsecond.
    pub fn fixed(instant: DateTime<Utc>, zone: Tz) -> Self {
        let micros = Arc::new(AtomicI64::new(instant.timestamp_micros()));
        Self {
            zone,
            source: Source::Fixed(micros),
        }
    }

    /// What moves a fixed clock; `None` for the machine's.
    pub fn hand(&self) -> Option<Hand> {
        match &self.source {
            Source::System => None,
            Source::Fixed(micros) => Some(Hand(Arc::clone(micros))),
        }
    }

    /// The present moment.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the machine for the time"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.source {
            Source::System => Utc::now(),
            Source::Fixed(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).unwrap_or_default()
            }
        }
    }

    /// The present day in the clock's zone.
    pub fn today(&self) -> NaiveDate {
        self.local(self.now()).date_naive()
    }

    /// The zone in which days begin and partners' times are meant.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// A moment as people of the zone read it.
    pub fn local(&self, instant: DateTime<Utc>) -> DateTime<Tz> {
        instant.with_timezone(&self.zone)
    }

    /// The moment of a local time in the clock's zone.
    ///
    /// China had summer time from 1986 to 1991: a local time that clocks were put forward over is
    /// [`ClockError::Gap`]; one that happened twice is the earlier of the two.
    pub fn instant_of(&self, local: NaiveDateTime) -> Result<DateTime<Utc>, ClockError> {
        match self.zone.from_local_datetime(&local) {
            LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Ok(time.to_utc()),
            LocalResult::None => Err(ClockError::Gap {
                local,
                zone: self.zone,
            }),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.source {
            Source::System => "system",
            Source::Fixed(_) => "fixed",
        };
        write!(f, "Clock({kind}, {})", self.zone)
    }
}

impl Hand {
    /// Sets the clock, forward or back.
    pub fn set(&self, instant: DateTime<Utc>) {
        self.0.store(instant.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().expect("a local time")
    }

    fn shanghai(now: &str) -> Clock {
        Clock::fixed(at(now), Tz::Asia__Shanghai)
    }

    #[test]
    fn a_day_begins_in_the_zone_not_in_utc() {
        let clock = shanghai("2026-02-28T15:59:59Z");
        assert_eq!(clock.today().to_string(), "2026-02-28");
        let hand = clock.hand().expect("a fixed clock");
        hand.advance(Duration::from_secs(1));
        assert_eq!(clock.today().to_string(), "2026-03-01");
        assert_eq!(
            clock.local(clock.now()).to_rfc3339(),
            "2026-03-01T00:00:00+08:00"
        );
        assert_eq!(clock.zone(), Tz::Asia__Shanghai);
    }

    #[test]
    fn a_hand_moves_every_clone() {
        let clock = shanghai("2026-01-01T00:00:00Z");
        let clone = clock.clone();
        let hand = clock.hand().expect("a fixed clock");
        hand.set(at("2025-06-01T12:00:00.123456Z"));
        assert_eq!(clone.now(), at("2025-06-01T12:00:00.123456Z"));
    }

    #[test]
    fn the_system_clock_goes_and_has_no_hand() {
        let clock = Clock::system(Tz::UTC);
        let before = clock.now();
        assert!(clock.now() >= before);
        assert!(before > at("2026-01-01T00:00:00Z"));
        assert!(clock.hand().is_none());
    }

    #[test]
    fn a_local_time_is_one_moment() {
        let clock = shanghai("2026-01-01T00:00:00Z");
        assert_eq!(
            clock.instant_of(local("2026-03-01T08:00:00")),
            Ok(at("2026-03-01T00:00:00Z"))
        );
    }

    #[test]
    fn a_time_that_clocks_skipped_is_an_error_and_a_doubled_one_is_the_earlier() {
        let clock = shanghai("2026-01-01T00:00:00Z");
        let error = clock
            .instant_of(local("1986-05-04T02:30:00"))
            .expect_err("summer time began at two");
        assert_eq!(
            error.to_string(),
            "1986-05-04 02:30:00 does not exist in Asia/Shanghai: clocks were put forward over it"
        );
        // Summer time ended at two: half past one was there at +09:00 and again at +08:00.
        assert_eq!(
            clock.instant_of(local("1986-09-14T01:30:00")),
            Ok(at("1986-09-13T16:30:00Z"))
        );
    }

    #[test]
    fn a_zone_is_named_as_in_the_database() {
        assert_eq!(parse_zone("Asia/Shanghai"), Ok(Tz::Asia__Shanghai));
        let error = parse_zone("Beijing").expect_err("not a zone");
        assert_eq!(
            error.to_string(),
            "`Beijing` is not a time zone: write a name such as Asia/Shanghai or UTC"
        );
    }
}
