//! What a person has agreed to: signals on records, folded to one mask.
//!
//! A [`Register`] is the fold of one record's signals; a person's [`Contract`] is the fold of its
//! records' registers. Both folds are joins (commutative, associative, idempotent), so neither the
//! order of arrival nor repetition matters, and unmerging is folding again.

use crate::policy::{Basis, Policy};
use model::{Bit, Grant, Mask, PersonId, RecordId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Table;

/// Contracts by person.
pub(crate) const CONTRACTS: Table<PersonId, (), Contract> = store::table!("contracts", 1);

/// How a signal reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A consent object on an event.
    Event,
    /// The reserved event that says preferences were changed.
    PreferenceEvent,
    /// The `Sec-GPC: 1` header.
    Gpc,
    /// A column of an imported file.
    Import,
    /// The API, by a service.
    Api,
    /// The customer, in the preference centre.
    PreferenceCentre,
    /// Whoever has a message: by its link, or a mail program by one click (RFC 8058).
    OneClick,
}

/// One thing a customer said, on one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signal {
    /// About which grant.
    pub bit: Bit,
    /// Yes or no.
    pub allowed: bool,
    /// When it was said (not when it arrived).
    pub at: Timestamp,
    /// Whether the customer was signed in when saying it.
    pub signed_in: bool,
    /// Whether it was said to this house itself, in the preference centre or through the API. What the
    /// consent tool of a page says is repeated with every event, from wherever that page keeps it.
    pub direct: bool,
}

/// The fold of one record's signals: of each grant the latest that was said to this house, and the
/// latest that a page repeated; on a tie, no wins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register(Vec<Signal>);

impl Register {
    /// Whether nothing was ever said.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was last said about each grant, by bit: by a page before what was said here.
    pub fn signals(&self) -> &[Signal] {
        &self.0
    }

    /// What holds about a grant: what was said last, but that no page can repeat away a no that was said
    /// here.
    pub fn of(&self, bit: Bit) -> Option<&Signal> {
        match (self.said(bit, true), self.said(bit, false)) {
            (Some(here), Some(page)) => {
                let holds = rank(here) >= rank(page) || (!here.allowed && page.allowed);
                Some(if holds { here } else { page })
            }
            (here, page) => here.or(page),
        }
    }

    fn said(&self, bit: Bit, direct: bool) -> Option<&Signal> {
        let place = self.0.binary_search_by_key(&(bit, direct), Signal::place).ok()?;
        self.0.get(place)
    }

    /// Takes a signal in. Gives whether the verdict on its grant is new or changed, which is when
    /// the evidence is worth a row of its own.
    pub fn take(&mut self, signal: Signal) -> bool {
        match self.0.binary_search_by_key(&signal.place(), Signal::place) {
            Err(place) => {
                self.0.insert(place, signal);
                true
            }
            Ok(place) => {
                let Some(known) = self.0.get_mut(place) else { return false };
                let before = known.allowed;
                if rank(&signal) > rank(known) {
                    *known = signal;
                }
                known.allowed != before
            }
        }
    }
}

impl Signal {
    /// Its place in a register.
    const fn place(&self) -> (Bit, bool) {
        (self.bit, self.direct)
    }
}

/// Later wins; at one instant no beats yes, and a signed-in word beats an anonymous one.
const fn rank(signal: &Signal) -> (i64, bool, bool) {
    (signal.at.0, !signal.allowed, signal.signed_in)
}

/// A person's records and what they together allow. Kept by the gate so that a permit's reach
/// comes from the gate's own table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// What is allowed.
    pub mask: Mask,
    /// The person's records, ascending.
    pub records: Vec<RecordId>,
    /// The person's number in cohort bitmaps.
    pub ordinal: u32,
}

/// Folds the registers of a person's records to its mask under `policy`.
///
/// `grants` gives each grant with its bit and the bit of its purpose as a whole: what was said
/// about the whole counts for its scopes too. What is necessary is allowed. Otherwise a no on any
/// record wins, unless the person said yes later while signed in; and a no that was said to this house
/// itself, unless the yes was, too. Where nobody said anything, only legitimate interest counts as yes:
/// silence is not consent.
pub fn fold<'a, 'g>(
    registers: &(impl Iterator<Item = &'a Register> + Clone),
    grants: impl Iterator<Item = (Bit, &'g Grant, Option<Bit>)>,
    policy: &Policy,
) -> Mask {
    grants.fold(Mask::NOTHING, |mask, (bit, grant, whole)| {
        let whole = whole.filter(|whole| *whole != bit);
        let said = registers.clone().flat_map(|register| {
            let of_whole = whole.and_then(|whole| register.of(whole));
            register.of(bit).into_iter().chain(of_whole)
        });
        mask.with(bit, allowed(said, policy.rule(grant.purpose).basis))
    })
}

fn allowed<'a>(said: impl Iterator<Item = &'a Signal> + Clone, basis: Basis) -> bool {
    if basis == Basis::Necessary {
        return true;
    }
    let noes = said.clone().filter(|signal| !signal.allowed);
    let last_no = noes.clone().map(|signal| signal.at).max();
    let here = noes.clone().any(|no| no.direct);
    let mut yeses = said.filter(|signal| signal.allowed);
    match last_no {
        Some(no) => yeses.any(|yes| yes.signed_in && yes.at > no && (yes.direct || !here)),
        None => yeses.next().is_some() || basis == Basis::LegitimateInterest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Purpose;

    const MARKETING: Bit = Bit(0);
    const LINKING: Bit = Bit(1);
    const SERVICE: Bit = Bit(2);

    fn signal(bit: Bit, allowed: bool, at: i64, signed_in: bool) -> Signal {
        Signal { bit, allowed, at: Timestamp(at), signed_in, direct: false }
    }

    fn here(allowed: bool, at: i64, signed_in: bool) -> Signal {
        Signal { direct: true, ..signal(MARKETING, allowed, at, signed_in) }
    }

    /// Folds records given as lists of signals; gives what marketing, linking, service allow.
    fn check(records: &[&[Signal]], expected: [bool; 3]) {
        let registers: Vec<Register> = records
            .iter()
            .map(|signals| {
                let mut register = Register::default();
                for signal in *signals {
                    register.take(*signal);
                }
                register
            })
            .collect();
        let grants = [
            (MARKETING, Purpose::Marketing),
            (LINKING, Purpose::IdentityLinking),
            (SERVICE, Purpose::ServiceProvision),
        ]
        .map(|(bit, purpose)| (bit, Grant::whole(purpose)));
        let grants = grants.iter().map(|(bit, grant)| (*bit, grant, Some(*bit)));
        let mask = fold(&registers.iter(), grants, &Policy::default());
        assert_eq!([MARKETING, LINKING, SERVICE].map(|bit| mask.allows(bit)), expected);
    }

    #[test]
    fn silence_is_not_consent() {
        check(&[&[]], [false, true, true]);
    }

    #[test]
    fn the_latest_word_on_a_record_wins() {
        let (yes, no) = (signal(MARKETING, true, 1, false), signal(MARKETING, false, 2, false));
        check(&[&[yes, no]], [false, true, true]);
        check(&[&[no, yes]], [false, true, true]);
        check(&[&[no, signal(MARKETING, true, 3, false)]], [true, true, true]);
    }

    #[test]
    fn on_a_tie_no_wins() {
        let (yes, no) = (signal(MARKETING, true, 1, true), signal(MARKETING, false, 1, false));
        check(&[&[yes, no]], [false, true, true]);
        check(&[&[no, yes]], [false, true, true]);
        check(&[&[no], &[yes]], [false, true, true]);
    }

    #[test]
    fn when_people_merge_no_wins_until_they_say_yes_signed_in() {
        let no = signal(MARKETING, false, 5, false);
        check(&[&[no], &[signal(MARKETING, true, 9, false)]], [false, true, true]);
        check(&[&[no], &[signal(MARKETING, true, 9, true)]], [true, true, true]);
        check(&[&[no], &[signal(MARKETING, true, 4, true)]], [false, true, true]);
    }

    #[test]
    fn what_was_refused_here_is_not_repeated_away() {
        let repeated = |at| signal(MARKETING, true, at, true);
        let (no, yes) = ([false, true, true], [true, true, true]);
        check(&[&[here(false, 5, true), repeated(9)]], no);
        check(&[&[repeated(9), here(false, 5, true)]], no);
        check(&[&[here(false, 5, true)], &[repeated(9)]], no);
        // Who says yes here takes the no back, signed in or not where it is one record.
        check(&[&[here(false, 5, true), repeated(9), here(true, 7, false)]], yes);
        check(&[&[here(false, 5, true)], &[here(true, 7, true)]], yes);
        // A page may say no after that.
        check(&[&[here(true, 5, true), signal(MARKETING, false, 9, false)]], no);
        check(&[&[signal(MARKETING, false, 3, false), here(true, 5, false)]], yes);
    }

    #[test]
    fn an_objection_stops_legitimate_interest_but_not_necessity() {
        let noes = [signal(LINKING, false, 1, false), signal(SERVICE, false, 1, false)];
        check(&[&noes], [false, false, true]);
    }
}
