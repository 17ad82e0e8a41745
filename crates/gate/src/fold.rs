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
mod tests {
    use super::*;
    use crate::policy::Policy;
    use model::{Grant, Jurisdiction, Purpose};

    const MARKETING: Bit = Bit(0);
    const LINKING: Bit = Bit(1);
    const SERVICE: Bit = Bit(2);
    const EMAIL: Bit = Bit(3);

    fn page(bit: Bit, allowed: bool, at: i64, signed_in: bool) -> Signal {
        let standing = if signed_in { Standing::SignedIn } else { Standing::Anonymous };
        Signal { bit, allowed, at: Timestamp(at), standing, voice: Voice::Page }
    }

    fn here(allowed: bool, at: i64, signed_in: bool) -> Signal {
        Signal { voice: Voice::House, ..page(MARKETING, allowed, at, signed_in) }
    }

    fn record(place: &str, signals: &[Signal]) -> Grounds {
        let mut grounds = Grounds::new(place.parse().unwrap());
        for signal in signals {
            grounds.register.take(*signal);
        }
        grounds
    }

    fn allowed(records: &[Grounds]) -> Allowed {
        let policy = Policy::default();
        let places: Vec<Jurisdiction> = records.iter().map(Grounds::place).collect();
        let clauses = [
            (MARKETING, "marketing"),
            (LINKING, "identity_linking"),
            (SERVICE, "service_provision"),
            (EMAIL, "marketing/email"),
        ]
        .map(|(bit, grant)| {
            let grant: Grant = grant.parse().unwrap();
            let whole = Some(if grant.purpose == Purpose::Marketing { MARKETING } else { bit });
            let stands = grant.purpose == Purpose::SubjectAccess;
            let pauses = grant.purpose == Purpose::Marketing;
            Clause { bit, whole, terms: policy.terms(&places, &grant), stands, pauses }
        });
        fold(&records.iter(), clauses.iter())
    }

    /// Folds records of the Union given as lists of signals; gives what marketing, linking, service
    /// allow.
    fn check(records: &[&[Signal]], expected: [bool; 3]) {
        let records: Vec<_> = records.iter().map(|signals| record("eu", signals)).collect();
        let allowed = allowed(&records);
        let holds = [MARKETING, LINKING, SERVICE].map(|bit| allowed.always(bit));
        assert_eq!(holds, expected);
    }

    #[test]
    fn silence_is_not_consent() {
        check(&[&[]], [false, true, true]);
    }

    #[test]
    fn the_latest_word_on_a_record_wins() {
        let (yes, no) = (page(MARKETING, true, 1, false), page(MARKETING, false, 2, false));
        check(&[&[yes, no]], [false, true, true]);
        check(&[&[no, yes]], [false, true, true]);
        check(&[&[no, page(MARKETING, true, 3, false)]], [true, true, true]);
    }

    #[test]
    fn on_a_tie_no_wins() {
        let (yes, no) = (page(MARKETING, true, 1, true), page(MARKETING, false, 1, false));
        check(&[&[yes, no]], [false, true, true]);
        check(&[&[no, yes]], [false, true, true]);
        check(&[&[no], &[yes]], [false, true, true]);
    }

    #[test]
    fn when_people_merge_no_wins_until_they_say_yes_signed_in() {
        let no = page(MARKETING, false, 5, false);
        check(&[&[no], &[page(MARKETING, true, 9, false)]], [false, true, true]);
        check(&[&[no], &[page(MARKETING, true, 9, true)]], [true, true, true]);
        check(&[&[no], &[page(MARKETING, true, 4, true)]], [false, true, true]);
    }

    #[test]
    fn what_was_refused_here_is_not_repeated_away() {
        let repeated = |at| page(MARKETING, true, at, true);
        let (no, yes) = ([false, true, true], [true, true, true]);
        check(&[&[here(false, 5, true), repeated(9)]], no);
        check(&[&[repeated(9), here(false, 5, true)]], no);
        check(&[&[here(false, 5, true)], &[repeated(9)]], no);
        // Who says yes here takes the no back, signed in or not where it is one record.
        check(&[&[here(false, 5, true), repeated(9), here(true, 7, false)]], yes);
        check(&[&[here(false, 5, true)], &[here(true, 7, true)]], yes);
        // A page may say no after that.
        check(&[&[here(true, 5, true), page(MARKETING, false, 9, false)]], no);
        check(&[&[page(MARKETING, false, 3, false), here(true, 5, false)]], yes);
        // Also where a page has said no in between, what was refused here stands for other records.
        check(&[&[here(false, 5, true), page(MARKETING, false, 6, false)], &[repeated(9)]], no);
    }

    #[test]
    fn an_objection_stops_legitimate_interest_but_not_necessity() {
        let noes = [page(LINKING, false, 1, false), page(SERVICE, false, 1, false)];
        check(&[&noes], [false, false, true]);
    }

    #[test]
    fn where_the_customer_lives_decides_what_silence_means() {
        let holds = |places: &[&str]| {
            let records: Vec<_> = places.iter().map(|place| record(place, &[])).collect();
            let allowed = allowed(&records);
            [MARKETING, LINKING, SERVICE].map(|bit| allowed.always(bit))
        };
        assert_eq!(holds(&["us-ca"]), [true, true, true]);
        assert_eq!(holds(&["us-ca", "fr"]), [false, true, true]);
        assert_eq!(holds(&["us-ca", "jp"]), [false, false, true]);
        let moved =
            |at, place: &str| Dated { at: Timestamp(at), value: Some(place.parse().unwrap()) };
        let mut grounds = record("eu", &[]);
        assert!(grounds.take_place(moved(2, "us")) && !grounds.take_place(moved(1, "fr")));
        assert_eq!(grounds.place().to_string(), "us");
    }

    #[test]
    fn a_yes_to_mail_is_confirmed_in_germany() {
        let yes = |standing| Signal { standing, ..here(true, 5, true) };
        let confirmed = yes(Standing::Confirmed);
        let holds = |place, signals: &[Signal]| allowed(&[record(place, signals)]).always(EMAIL);
        assert!(holds("fr", &[yes(Standing::SignedIn)]));
        assert!(!holds("de", &[yes(Standing::SignedIn)]));
        assert!(holds("de", &[confirmed]));
        // Repeating it takes nothing away; taking it back does.
        assert!(holds("de", &[confirmed, here(true, 9, true), page(MARKETING, true, 10, false)]));
        assert!(!holds("de", &[confirmed, here(false, 9, true), here(true, 10, true)]));
    }

    #[test]
    fn a_child_grows_up() {
        let day = |days: i64| Timestamp(days * DAY_MS);
        let mut grounds = record("fr", &[here(true, 0, true)]);
        grounds.take_age(Dated { at: day(0), value: Some(14) });
        let child = allowed(std::slice::from_ref(&grounds));
        assert!(!child.at(MARKETING, day(700)) && child.at(MARKETING, day(732)));
        assert!(child.at(LINKING, day(0)) && !child.always(MARKETING));
        let guardian = Signal { voice: Voice::Guardian, ..here(true, 1, true) };
        grounds.register.take(guardian);
        assert!(allowed(std::slice::from_ref(&grounds)).always(MARKETING));
        // The child may say no; the guardian's yes does not outlast it.
        grounds.register.take(here(false, 2, true));
        let refused = allowed(std::slice::from_ref(&grounds));
        assert!(!refused.at(MARKETING, day(9)) && !refused.at(MARKETING, day(4000)));
        grounds.take_age(Dated { at: day(1), value: None });
        assert_eq!(grounds.minor(), None);
    }

    #[test]
    fn what_is_restricted_is_kept_and_nothing_else() {
        let restricted = |at, value| Dated { at: Timestamp(at), value };
        let mut ours = record("eu", &[here(true, 1, true)]);
        let plain = record("eu", &[]);
        let holds = |records: &[Grounds]| {
            let allowed = allowed(records);
            [MARKETING, LINKING, SERVICE].map(|bit| allowed.always(bit))
        };
        assert_eq!(holds(std::slice::from_ref(&ours)), [true, true, true]);
        assert!(ours.take_restriction(restricted(5, true)));
        assert!(!ours.take_restriction(restricted(4, false)), "an older word says nothing new");
        assert!(!ours.take_restriction(restricted(5, false)), "at one instant it stands");
        // One record is enough, in whatever order they come.
        assert_eq!(holds(&[ours.clone(), plain.clone()]), [false; 3]);
        assert_eq!(holds(&[plain.clone(), ours.clone()]), [false; 3]);
        // What they say yes to since is allowed, if they said it here.
        let mut wanted = ours.clone();
        wanted.register.take(page(MARKETING, true, 9, true));
        assert_eq!(holds(std::slice::from_ref(&wanted)), [false; 3]);
        wanted.register.take(here(true, 10, true));
        assert_eq!(holds(&[wanted, plain.clone()]), [true, false, false]);
        assert!(ours.take_restriction(restricted(6, false)));
        assert_eq!(holds(&[ours, plain]), [true, true, true]);
    }

    #[test]
    fn who_pauses_hears_nothing_until_then() {
        let day = |days: i64| Timestamp(days * DAY_MS);
        let pausing = |until| Wishes { paused_until: until, ..Wishes::default() };
        let mut grounds = record("eu", &[here(true, 0, true)]);
        grounds.take_wishes(Dated { at: day(1), value: pausing(Some(day(9))) });
        let paused = allowed(std::slice::from_ref(&grounds));
        assert!(!paused.at(MARKETING, day(2)) && !paused.at(EMAIL, day(2)));
        assert!(paused.at(MARKETING, day(9)) && paused.at(LINKING, day(2)));
        // What is said later ends it, on whatever record.
        let mut other = record("eu", &[]);
        other.take_wishes(Dated { at: day(2), value: pausing(None) });
        assert!(allowed(&[grounds.clone(), other]).always(MARKETING));
        grounds.take_wishes(Dated { at: day(0), value: pausing(None) });
        assert!(!allowed(std::slice::from_ref(&grounds)).at(MARKETING, day(2)));
    }

    #[test]
    fn a_yes_ends_with_its_days() {
        let policy = Policy::default();
        let grant = Grant::whole(Purpose::CrossContextAdvertising);
        let grounds = record("fr", &[here(true, 0, true)]);
        let terms = policy.terms(&[grounds.place()], &grant);
        let (bit, whole) = (MARKETING, Some(MARKETING));
        let clause = Clause { bit, whole, terms, stands: false, pauses: false };
        let allowed = fold(&std::iter::once(&grounds), std::iter::once(&clause));
        let end = Timestamp(395 * DAY_MS);
        assert!(allowed.at(MARKETING, end.plus_ms(-1)) && !allowed.at(MARKETING, end));
        assert_eq!(allowed.until(MARKETING, Timestamp(0)), Some(end));
        assert_eq!(allowed.mask(Timestamp(0)), Mask::NOTHING.with(MARKETING, true));
        assert_eq!(allowed.mask(end), Mask::NOTHING);
    }
}
