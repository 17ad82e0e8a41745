//! The compiler of contracts against a slow interpreter that was written from the page, not from the
//! code: every random person, grant and instant is decided by both, and they agree.

#![cfg(test)]

use gate::{
    Allowed, Basis, Clause, Dated, Grounds, Needs, Policy, Signal, Standing, Terms, Voice, Wishes,
    fold,
};
use model::{Bit, Grant, Jurisdiction, Purpose, Timestamp};

/// Decisions that are compared, at least.
const CASES: u64 = 10_000_000;

const DAY: i64 = 86_400_000;

/// What one record is made of, with everything that was ever said on it.
#[derive(Debug)]
struct Record {
    place: Jurisdiction,
    signals: Vec<Signal>,
    /// Years, and when that was said.
    child: Option<(i64, i64)>,
    /// When a restriction was said to begin (true) or to end.
    restricted: Vec<(i64, bool)>,
    /// When a pause was asked for, and until when; nothing for none.
    pause: Option<(i64, Option<i64>)>,
}

/// Whether a grant is allowed at an instant, read off the rules one by one. `terms` are those of the
/// records' places; `bits` the grant's and that of its purpose as a whole.
fn interpret(records: &[Record], terms: &[Terms], bits: (Bit, Bit), now: i64) -> bool {
    let basis = terms.iter().map(|terms| terms.basis).max().unwrap();
    let restricted = restricted(records);
    if basis == Basis::Necessary {
        return restricted.is_none();
    }
    let confirmed = terms.iter().any(|terms| terms.double_opt_in);
    let days = terms.iter().filter_map(|terms| terms.days).min();
    // The youngest that any record says, growing a year in 366 days.
    let age = records
        .iter()
        .filter_map(|record| record.child)
        .map(|(years, at)| years * 366 * DAY + (now - at))
        .min();
    let mut needs = Needs::Nothing;
    for minor in terms.iter().flat_map(|terms| &terms.minors) {
        if age.is_some_and(|age| age < i64::from(minor.under) * 366 * DAY) {
            needs = needs.max(minor.needs);
        }
    }
    if needs == Needs::Never {
        return false;
    }
    // What stands of what was said, record by record and grant by grant.
    let mut standing: Vec<Signal> = Vec::new();
    let mut about = vec![bits.0, bits.1];
    about.dedup();
    for record in records {
        for bit in &about {
            let on = |voice: Voice| {
                let mut said: Vec<Signal> = record.signals.clone();
                said.retain(|signal| signal.bit == *bit && signal.voice == voice);
                said
            };
            stand(&on(Voice::Guardian), &[], &mut standing);
            stand(&on(Voice::House), &on(Voice::Page), &mut standing);
        }
    }
    let noes: Vec<&Signal> = standing.iter().filter(|signal| !signal.allowed).collect();
    let silent = needs == Needs::Nothing && basis != Basis::Consent;
    if noes.is_empty() && silent && restricted.is_none() {
        return true;
    }
    standing.iter().filter(|signal| signal.allowed).any(|yes| {
        let said_here = yes.voice != Voice::Page && yes.standing != Standing::Anonymous;
        if restricted.is_some_and(|since| yes.at.0 <= since || !said_here) {
            return false;
        }
        if needs == Needs::Guardian && yes.voice != Voice::Guardian {
            return false;
        }
        if confirmed && yes.standing != Standing::Confirmed && yes.voice != Voice::Guardian {
            return false;
        }
        if basis == Basis::Consent
            && let Some(days) = days
            && now >= yes.at.0 + i64::from(days) * DAY
        {
            return false;
        }
        noes.iter().all(|no| {
            let to_us = noes.iter().any(|no| no.voice != Voice::Page);
            yes.at > no.at
                && yes.standing != Standing::Anonymous
                && (!to_us || yes.voice != Voice::Page)
        })
    })
}

/// The pause that was asked for last, of marketing and its channels.
fn paused(records: &[Record], now: i64) -> bool {
    let last = records.iter().filter_map(|record| record.pause).max();
    last.and_then(|(_, until)| until).is_some_and(|until| now < until)
}

/// Since when somebody is restricted, by the records of which that was said last.
fn restricted(records: &[Record]) -> Option<i64> {
    let last = records.iter().filter_map(|record| record.restricted.iter().max());
    last.filter(|(_, begins)| *begins).map(|(at, _)| *at).max()
}

/// Of what one person said to us (`here`) and to pages (`page`): every no that nothing took back, else
/// every yes that came after all noes.
fn stand(here: &[Signal], page: &[Signal], standing: &mut Vec<Signal>) {
    let last_no = |said: &[Signal]| {
        said.iter().filter(|signal| !signal.allowed).map(|signal| signal.at.0).max()
    };
    let yes_after = |said: &[Signal], no: i64| said.iter().any(|at| at.allowed && at.at.0 > no);
    let (no_here, no_page) = (last_no(here), last_no(page));
    // A no said to us is taken back by a later yes said to us; one said to a page by either.
    let house_stands = no_here.is_some_and(|no| !yes_after(here, no));
    let page_stands =
        no_page.is_some_and(|no| !yes_after(page, no) && (house_stands || !yes_after(here, no)));
    if house_stands || page_stands {
        let no = |said: &[Signal], at: Option<i64>| {
            let mut noes = said.iter().filter(|signal| !signal.allowed);
            noes.find(|signal| Some(signal.at.0) == at).copied()
        };
        standing.extend(no(here, no_here).filter(|_| house_stands));
        standing.extend(no(page, no_page).filter(|_| page_stands));
        return;
    }
    let after = no_here.max(no_page);
    let yes = here.iter().chain(page).filter(|at| at.allowed && Some(at.at.0) > after);
    standing.extend(yes);
}

/// Chance from a seed (`xorshift64*`, Vigna 2016), so that what fails can be repeated.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        *all.get(usize::try_from(self.below(all.len() as u64)).unwrap()).unwrap()
    }

    /// Few instants, so that ties happen, some of them around the ends of things.
    fn instant(&mut self) -> i64 {
        let day: i64 = self.of(&[0, 1, 2, 3, 30, 394, 395, 396, 732, 1500]);
        day * DAY + self.of(&[-1, 0, 1])
    }
}

const GRANTS: [&str; 12] = [
    "service_provision",
    "personalisation",
    "marketing",
    "marketing/email",
    "marketing/post",
    "marketing/sms",
    "analytics",
    "identity_linking",
    "third_party_sharing",
    "third_party_sharing@acme",
    "cross_context_advertising",
    "clean_room_matching",
];

/// Where marketing stands among them.
const MARKETING: u8 = 2;

/// What was compared.
#[derive(Default)]
struct Tally {
    cases: u64,
    allowed: u64,
    /// Allowed, and not for ever.
    timed: u64,
}

#[test]
fn the_compiler_says_what_the_interpreter_says() {
    let policy = Policy::default();
    let grants: Vec<Grant> = GRANTS.map(|grant| grant.parse().unwrap()).into();
    let first = |pack: &gate::Pack| pack.places.first().copied();
    let mut places: Vec<Jurisdiction> = policy.packs().iter().filter_map(first).collect();
    places.push("jp".parse().unwrap());
    let seed = std::env::var("BONAFIDE_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut chance = Chance(seed.unwrap_or(0x9E37_79B9_7F4A_7C15));
    let mut tally = Tally::default();
    while tally.cases < CASES {
        one_person(&mut chance, &policy, &grants, &places, &mut tally);
    }
    // Cases that say nothing would be no cases.
    let Tally { cases, allowed, timed } = tally;
    assert!(allowed > cases / 10 && allowed < cases * 9 / 10, "{allowed} of {cases} allowed");
    assert!(timed > cases / 1_000, "{timed} of {cases} for a time");
}

fn one_person(
    chance: &mut Chance,
    policy: &Policy,
    grants: &[Grant],
    places: &[Jurisdiction],
    tally: &mut Tally,
) {
    let bit = |grant: &Grant| {
        Bit(u8::try_from(grants.iter().position(|known| known == grant).unwrap()).unwrap())
    };
    let (seed, home) = (chance.0, chance.of(places));
    let count = 1 + chance.below(3);
    let records: Vec<Record> = (0..count).map(|_| record(chance, home, places)).collect();
    let grounds: Vec<Grounds> = records.iter().map(|record| compiled(record, chance)).collect();
    let of_place = |grant: &Grant| -> Vec<Terms> {
        records.iter().map(|record| policy.terms(&[record.place], grant)).collect()
    };
    let clause = |grant: &Grant| Clause {
        bit: bit(grant),
        whole: Some(bit(&Grant::whole(grant.purpose))),
        pauses: grant.purpose == Purpose::Marketing,
        terms: of_place(grant).iter().skip(1).fold(of_place(grant).remove(0), |a, b| a.and(b)),
        stands: false,
    };
    let clauses: Vec<Clause> = grants.iter().map(clause).collect();
    let terms: Vec<Vec<Terms>> = grants.iter().map(of_place).collect();
    let contract: Allowed = fold(&grounds.iter(), clauses.iter());
    let times = (0..8).map(|_| chance.instant()).collect::<Vec<_>>();
    for now in times {
        let mask = contract.mask(Timestamp(now));
        for (clause, terms) in clauses.iter().zip(&terms) {
            let bits = (clause.bit, clause.whole.unwrap());
            let wanted = (bits.1 != Bit(MARKETING) || !paused(&records, now))
                && interpret(&records, terms, bits, now);
            let got = contract.at(bits.0, Timestamp(now));
            assert_eq!(got, wanted, "seed {seed}: {clause:?} at {now} of {records:#?}");
            assert_eq!(mask.allows(bits.0), got);
            let always = contract.always(bits.0);
            assert!(!always || got, "seed {seed}: always, and not at {now}: {clause:?}");
            tally.cases += 1;
            tally.allowed += u64::from(got);
            tally.timed += u64::from(got && !always);
        }
    }
}

fn record(chance: &mut Chance, home: Jurisdiction, places: &[Jurisdiction]) -> Record {
    let place = if chance.below(4) == 0 { chance.of(places) } else { home };
    let child = (chance.below(3) == 0)
        .then(|| (i64::try_from(chance.below(18)).unwrap(), chance.instant()));
    let signal = |chance: &mut Chance| Signal {
        bit: Bit(u8::try_from(chance.below(GRANTS.len() as u64)).unwrap()),
        allowed: chance.below(5) > 1,
        at: Timestamp(chance.instant()),
        standing: chance.of(&[Standing::Anonymous, Standing::SignedIn, Standing::Confirmed]),
        voice: chance.of(&[Voice::Page, Voice::House, Voice::House, Voice::Guardian]),
    };
    let signals = (0..chance.below(9)).map(|_| signal(chance)).collect();
    let words = if chance.below(6) == 0 { 1 + chance.below(4) } else { 0 };
    let restricted = (0..words).map(|_| (chance.instant(), chance.below(3) > 0)).collect();
    let pause = (chance.below(3) == 0)
        .then(|| (chance.instant(), Some(chance.instant()).filter(|at| at.rem_euclid(3) > 0)));
    Record { place, signals, child, restricted, pause }
}

/// The same record as the house keeps it: what was said arrives in any order, some of it twice.
fn compiled(record: &Record, chance: &mut Chance) -> Grounds {
    let mut grounds = Grounds::new(Jurisdiction::EU);
    grounds.take_place(Dated { at: Timestamp(0), value: Some(record.place) });
    let mut signals = record.signals.clone();
    while !signals.is_empty() {
        let at = usize::try_from(chance.below(signals.len() as u64)).unwrap();
        grounds.register.take(*signals.get(at).unwrap());
        if chance.below(4) > 0 {
            signals.swap_remove(at);
        }
    }
    if let Some((years, at)) = record.child {
        let value = Some(u8::try_from(years).unwrap());
        grounds.take_age(Dated { at: Timestamp(at), value });
    }
    let mut words = record.restricted.clone();
    while !words.is_empty() {
        let at = usize::try_from(chance.below(words.len() as u64)).unwrap();
        let (said, value) = *words.get(at).unwrap();
        grounds.take_restriction(Dated { at: Timestamp(said), value });
        if chance.below(4) > 0 {
            words.swap_remove(at);
        }
    }
    if let Some((at, until)) = record.pause {
        let value = Wishes { paused_until: until.map(Timestamp), ..Wishes::default() };
        grounds.take_wishes(Dated { at: Timestamp(at), value });
    }
    grounds
}
