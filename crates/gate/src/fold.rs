//! The compiler of contracts: from what records say, and the rules of their places, to one bit for each
//! grant, and spans of time for those few that begin or end by themselves.
//!
//! The result does not depend on when it is made. `laws` hold it against a slow interpreter.

use crate::contract::{Dated, Grounds, Signal, Standing, Voice};
use crate::pack::{Basis, Needs, Terms};
use crate::wishes::Wishes;
use model::{Bit, Mask, Timestamp};
use serde::{Deserialize, Serialize};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Milliseconds of a year for whoever grows up: never shorter than one of the calendar.
const YEAR_MS: i64 = 366 * DAY_MS;

/// What one person allows, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// What is allowed until something else is said.
    always: Mask,
    /// What is allowed for a time, ascending.
    spans: Vec<Span>,
}

/// A grant that is allowed from one instant on and before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Span {
    bit: Bit,
    from: Timestamp,
    until: Timestamp,
}

/// The end of time: until something else is said.
const FOR_EVER: Timestamp = Timestamp(i64::MAX);

impl Allowed {
    /// Whether the grant of `bit` is allowed at an instant.
    pub fn at(&self, bit: Bit, now: Timestamp) -> bool {
        self.always.allows(bit) || self.spans.iter().any(|span| span.holds(bit, now))
    }

    /// Whether the grant of `bit` is allowed until something else is said, whatever the time.
    pub const fn always(&self, bit: Bit) -> bool {
        self.always.allows(bit)
    }

    /// Everything that is allowed at an instant.
    pub fn mask(&self, now: Timestamp) -> Mask {
        let open = self.spans.iter().filter(|span| span.holds(span.bit, now));
        open.fold(self.always, |mask, span| mask.with(span.bit, true))
    }

    /// When a grant that is allowed now ends by itself; nothing when it does not.
    pub fn until(&self, bit: Bit, now: Timestamp) -> Option<Timestamp> {
        let span = self.spans.iter().find(|span| span.holds(bit, now))?;
        (span.until < FOR_EVER).then_some(span.until)
    }

    /// Adds what one grant comes to: whether it is allowed in each stretch of time.
    fn add(&mut self, bit: Bit, stretches: &[Stretch]) {
        if let [(Timestamp::MIN, Some(FOR_EVER))] = stretches {
            self.always = self.always.with(bit, true);
            return;
        }
        let next = |at: usize| stretches.get(at + 1).map_or(FOR_EVER, |(from, _)| *from);
        for (at, (from, allowed)) in stretches.iter().enumerate() {
            let Some(until) = allowed.map(|until| until.min(next(at))) else { continue };
            if *from >= until {
                continue;
            }
            match self.spans.last_mut() {
                Some(last) if last.bit == bit && last.until == *from => last.until = until,
                _apart => self.spans.push(Span { bit, from: *from, until }),
            }
        }
        // Stretches that turn out to be one are no span.
        if let Some(last) = self.spans.last().copied()
            && (last.bit, last.from, last.until) == (bit, Timestamp::MIN, FOR_EVER)
        {
            self.spans.pop();
            self.always = self.always.with(bit, true);
        }
    }
}

/// From when on a verdict holds, and until when it allows; nothing when it does not.
type Stretch = (Timestamp, Option<Timestamp>);

impl Span {
    fn holds(&self, bit: Bit, now: Timestamp) -> bool {
        self.bit == bit && self.from <= now && (now < self.until || self.until == FOR_EVER)
    }
}

/// One grant to fold: its bit, the bit of its purpose as a whole, and what holds for it.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The grant's bit.
    pub bit: Bit,
    /// That of its purpose as a whole: what was said about the whole counts for its scopes too.
    pub whole: Option<Bit>,
    /// What holds for it.
    pub terms: Terms,
    /// Whether it stands while the data may only be kept.
    pub stands: bool,
    /// Whether it rests while the customer wants no marketing.
    pub pauses: bool,
}

/// Folds what a person's records say to what the person allows.
///
/// What is necessary is allowed. Otherwise a no on any record wins, unless the person said yes later
/// while signed in; and a no that was said to this house itself, unless the yes was, too. Where nobody
/// said anything, the basis decides. A yes may have to be confirmed, ends when its days are over where
/// it is consent, and of a child it may not be enough. What pauses is not allowed before the pause ends. While
/// one of the records may only be kept, nothing is allowed but what stands then, and what the customer has said
/// yes to here since (GDPR Art. 18(2)).
pub fn fold<'a, 'c>(
    grounds: &(impl Iterator<Item = &'a Grounds> + Clone),
    clauses: impl Iterator<Item = &'c Clause>,
) -> Allowed {
    // The youngest that a record says.
    let minor = grounds.clone().filter_map(Grounds::minor).max_by_key(|age| grown(*age, 0));
    let paused = wishes(grounds).and_then(|wishes| wishes.paused_until);
    let restricted = grounds.clone().filter_map(Grounds::restricted_since).max();
    let mut allowed = Allowed::default();
    for clause in clauses {
        let restricted = restricted.filter(|_| !clause.stands);
        let mut stretches = stretches(grounds, clause, (minor, restricted));
        if let Some(end) = paused.filter(|_| clause.pauses) {
            stretches = after(&stretches, end);
        }
        allowed.add(clause.bit, &stretches);
    }
    allowed
}

/// What the customer said last of how to be written to.
pub(crate) fn wishes<'a>(
    grounds: &(impl Iterator<Item = &'a Grounds> + Clone),
) -> Option<&'a Wishes> {
    let last = grounds.clone().filter_map(|grounds| grounds.wishes.as_ref()).max();
    last.map(|wishes| &wishes.value)
}

/// Stretches of time, with nothing allowed before an instant.
fn after(stretches: &[Stretch], end: Timestamp) -> Vec<Stretch> {
    let from_end = stretches.iter().map(|(from, allowed)| ((*from).max(end), *allowed));
    let mut rest: Vec<Stretch> = [(Timestamp::MIN, None)].into_iter().chain(from_end).collect();
    // Of those that begin at the end of the pause the last holds.
    rest.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            *earlier = *later;
        }
        same
    });
    rest
}

/// When somebody of an age is `years` old, at the latest.
fn grown(age: Dated<u8>, years: u8) -> Timestamp {
    let years = i64::from(years) - i64::from(age.value);
    age.at.plus_ms(years.saturating_mul(YEAR_MS))
}

fn stretches<'a>(
    grounds: &(impl Iterator<Item = &'a Grounds> + Clone),
    clause: &Clause,
    (minor, restricted): (Option<Dated<u8>>, Option<Timestamp>),
) -> Vec<Stretch> {
    let terms = &clause.terms;
    if terms.basis == Basis::Necessary {
        return vec![(Timestamp::MIN, Some(FOR_EVER).filter(|_| restricted.is_none()))];
    }
    let whole = clause.whole.filter(|whole| *whole != clause.bit);
    let said = grounds.clone().flat_map(|grounds| {
        let of_whole = whole.into_iter().flat_map(|whole| grounds.register.of(whole));
        grounds.register.of(clause.bit).chain(of_whole)
    });
    let mut stretches = Vec::with_capacity(1);
    let mut from = Timestamp::MIN;
    let grows = minor.into_iter().flat_map(|age| {
        let growing = move |rule: &crate::pack::Minor| (grown(age, rule.under), rule.under);
        terms.minors.iter().map(growing)
    });
    // Below the age of each rule what holds is told by a year less, above the last by none.
    for (until, under) in grows {
        if until > from {
            let needs = terms.needs(under.saturating_sub(1));
            stretches.push((from, allowed_until(said.clone(), terms, needs, restricted)));
            from = until;
        }
    }
    stretches.push((from, allowed_until(said, terms, Needs::Nothing, restricted)));
    stretches
}

/// Until when it is allowed by what was said; nothing when it is not.
fn allowed_until<'a>(
    said: impl Iterator<Item = &'a Signal> + Clone,
    terms: &Terms,
    needs: Needs,
    restricted: Option<Timestamp>,
) -> Option<Timestamp> {
    if needs == Needs::Never {
        return None;
    }
    let noes = said.clone().filter(|signal| !signal.allowed);
    let last_no = noes.clone().map(|signal| signal.at).max();
    let silence = needs == Needs::Nothing && terms.basis.silence_allows();
    if last_no.is_none() && silence && restricted.is_none() {
        return Some(FOR_EVER);
    }
    let here = noes.clone().any(|no| no.voice != Voice::Page);
    let counts = |yes: &&Signal| {
        let over_no = last_no.is_none_or(|no| {
            yes.standing >= Standing::SignedIn && yes.at > no && (yes.voice != Voice::Page || !here)
        });
        let guardian = yes.voice == Voice::Guardian;
        let since = restricted.is_none_or(|at| {
            yes.at > at && yes.voice != Voice::Page && yes.standing >= Standing::SignedIn
        });
        let confirmed = yes.standing == Standing::Confirmed || guardian;
        yes.allowed
            && over_no
            && since
            && (confirmed || !terms.double_opt_in)
            && (guardian || needs != Needs::Guardian)
    };
    let days = terms.days.filter(|_| terms.basis == Basis::Consent);
    let lasts =
        |yes: &Signal| days.map_or(FOR_EVER, |days| yes.at.plus_ms(i64::from(days) * DAY_MS));
    said.filter(counts).map(lasts).max()
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
