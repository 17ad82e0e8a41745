//! Words that come at once share a commit, and each is taken as if it had come alone.

use gate::{CohortUseRow, Manner, Method, Signal, SignalRow, Span, Used, UsedFor, View};
use laws::brand::{Sent, batch, customer, play};
use laws::chance::{Seeded, TestClock};
use laws::house::{ANALYST, DESK, Home, NEWSLETTER, NOW_MS, PRIVACY, caller, config, examine};
use laws::rounds;
use model::{Bit, Clock, Grant, IdentifierKind, PersonId, Purpose, RecordId, Timestamp};
use people::PeopleError;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;
use store::Store;

const CUSTOMERS: usize = 8;
const SPEAKERS: usize = 16;
const WORDS: usize = 20;

fn come(house: &app::house::House, names: &[String]) -> Vec<PersonId> {
    let events: Vec<_> = names.iter().map(|name| customer(name, Some(true))).collect();
    let sent = Sent { source: "web", gpc: false, received_ms: NOW_MS, body: batch(&events) };
    play(house, &TestClock::at(NOW_MS), &[sent], 1);
    let find = |name: &String| {
        let user = format!("user-{name}");
        let blind = house.intake.identifier_in("shop", IdentifierKind::UserId, &user).unwrap();
        house.people.lookup(blind).unwrap()[0]
    };
    names.iter().map(find).collect()
}

fn marketing(house: &app::house::House) -> Bit {
    house.gate.grants().whole(Purpose::Marketing).unwrap()
}

const fn word(bit: Bit, allowed: bool, at_ms: i64) -> Signal {
    Signal::here(bit, allowed, Timestamp(at_ms))
}

/// What was said through the API about a person, and how the person's log tells it.
struct Told {
    said: Vec<(Timestamp, SignalRow)>,
    used: Vec<(Timestamp, CohortUseRow)>,
}

impl Told {
    fn of(house: &app::house::House, person: PersonId) -> Self {
        let view = house.people.view().unwrap();
        let contract = house.gate.contracts(&view, &[person]).unwrap().remove(0).unwrap().value;
        let mut said = house.gate.signals_of(&view, &contract.records, 10_000).unwrap();
        said.retain(|(_, row)| row.method == Method::Api);
        for (at, row) in &said {
            let found = house.gate.signal_at(&view, &contract.records, row.entry).unwrap().unwrap();
            assert_eq!((found.0, &found.1), (*at, row));
            found.2.verify(house.gate.ledger().verifier()).unwrap();
        }
        let span = Span { before: None, limit: 10_000, days: 1 };
        let log = house.gate.log_of(&view, &contract.records, contract.ordinal, &span).unwrap();
        let among = |used: Used| match used.of {
            UsedFor::Among(row) if row.purpose == Purpose::Operations => Some((used.at, row)),
            UsedFor::Among(_) | UsedFor::Own(_) => None,
        };
        Self { said, used: log.into_iter().filter_map(among).collect() }
    }

    /// Each word as (when, yes or no, who took it): the use stands before its signal in the ledger.
    fn words(&self) -> BTreeSet<(i64, bool, String)> {
        let words = self.said.iter().map(|(at, row)| {
            let used = self.used.iter().find(|(_, used)| used.entry + 1 == row.entry).unwrap();
            assert_eq!(used.1.people, 1, "nobody else was used");
            (at.0, row.allowed, used.1.service.clone())
        });
        words.collect()
    }
}

#[test]
fn everything_that_many_say_at_once_is_there() {
    let home = Home::embedded();
    let names: Vec<_> = (0..CUSTOMERS).map(|nth| format!("ada{nth}")).collect();
    let people = come(&home.house, &names);
    let (bit, keys) = (marketing(&home.house), [PRIVACY, DESK, NEWSLETTER, ANALYST]);
    let words = rounds(WORDS);
    let plan = |speaker: usize, nth: usize| {
        let at_ms = NOW_MS + i64::try_from(nth * SPEAKERS + speaker).unwrap();
        (speaker * 3 + nth, (speaker + nth).is_multiple_of(2), at_ms, keys[speaker % keys.len()])
    };
    thread::scope(|scope| {
        for speaker in 0..SPEAKERS {
            let (home, people) = (&home, &people);
            scope.spawn(move || {
                for nth in 0..words {
                    let (whose, allowed, at_ms, key) = plan(speaker, nth);
                    let (person, signal) = (people[whose % CUSTOMERS], word(bit, allowed, at_ms));
                    let caller = home.caller(key);
                    home.house
                        .people
                        .say(&caller, person, &[signal], Manner::by(Method::Api))
                        .unwrap();
                }
            });
        }
    });
    for (place, person) in people.iter().enumerate() {
        let all = (0..SPEAKERS).flat_map(|speaker| (0..words).map(move |nth| plan(speaker, nth)));
        let expected: BTreeSet<_> = all
            .filter(|(whose, ..)| whose % CUSTOMERS == place)
            .map(|(_, allowed, at_ms, key)| (at_ms, allowed, home.caller(key).name().to_owned()))
            .collect();
        let told = Told::of(&home.house, *person);
        assert_eq!(told.words(), expected);
        assert_eq!((told.said.len(), told.used.len()), (expected.len(), expected.len()));
        let last = expected.last().unwrap().1;
        let grant = Grant::whole(Purpose::Marketing);
        let asked = home.house.gate.ask::<View>(&home.caller(NEWSLETTER), *person, &grant);
        assert_eq!(asked.is_ok(), last, "the last word holds");
    }
    assert_eq!(home.examine(), [""; 0]);
}

/// A clock that goes on at each look, and once, when told to, keeps whoever looks waiting.
#[derive(Debug)]
struct Keeping {
    now_ms: AtomicI64,
    keep: AtomicBool,
    kept: Barrier,
    go_on: Barrier,
}

impl Clock for Keeping {
    fn now(&self) -> Timestamp {
        if self.keep.swap(false, Ordering::SeqCst) {
            self.kept.wait();
            self.go_on.wait();
        }
        Timestamp(self.now_ms.fetch_add(1, Ordering::SeqCst))
    }
}

#[test]
fn of_words_that_share_a_commit_a_bad_one_fails_alone() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(Keeping {
        now_ms: AtomicI64::new(NOW_MS),
        keep: AtomicBool::new(false),
        kept: Barrier::new(2),
        go_on: Barrier::new(2),
    });
    let config = config(dir.path());
    let (house, rng) = (Store::memory(), Seeded::new(1));
    let house = app::house::House::over(house, &config, clock.clone(), rng).unwrap();
    let people = come(&house, &["ada".into(), "bob".into(), "cyd".into()]);
    let (ada, bob, cyd) = (people[0], people[1], people[2]);
    let (bit, nobody) = (marketing(&house), PersonId::from(RecordId([7; 16])));
    // Who speaks, for whom, what: two about one person, and one for nobody between them.
    let words = [
        (PRIVACY, bob, word(bit, false, NOW_MS + 1)),
        (DESK, bob, word(bit, true, NOW_MS + 2)),
        (DESK, nobody, word(bit, false, NOW_MS + 3)),
        (NEWSLETTER, cyd, word(bit, false, NOW_MS + 4)),
    ];
    let say = |key, person, signal| {
        house.people.say(&caller(&house, key), person, &[signal], Manner::by(Method::Api))
    };
    clock.keep.store(true, Ordering::SeqCst);
    let answers: Vec<_> = thread::scope(|scope| {
        let first = scope.spawn(|| say(PRIVACY, ada, word(bit, false, NOW_MS)));
        clock.kept.wait();
        let others: Vec<_> = words
            .iter()
            .map(|(key, person, signal)| {
                let other = scope.spawn(|| say(key, *person, *signal));
                // One after the other, so that they come in this order.
                thread::sleep(Duration::from_millis(50));
                other
            })
            .collect();
        clock.go_on.wait();
        first.join().unwrap().unwrap();
        others.into_iter().map(|other| other.join().unwrap()).collect()
    });
    let unknown = answers.iter().map(|answer| matches!(answer, Err(PeopleError::Unknown)));
    assert_eq!(unknown.collect::<Vec<_>>(), [false, false, true, false]);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    let told = [bob, cyd].map(|person| Told::of(&house, person));
    let name = |key| caller(&house, key).name().to_owned();
    let of_bob = [(NOW_MS + 1, false, name(PRIVACY)), (NOW_MS + 2, true, name(DESK))];
    assert_eq!(told[0].words(), BTreeSet::from(of_bob));
    assert_eq!(told[1].words(), BTreeSet::from([(NOW_MS + 4, false, name(NEWSLETTER))]));
    // The clock goes on from commit to commit, so one instant is one commit.
    let instants: BTreeSet<_> =
        told.iter().flat_map(|told| &told.used).map(|(at, _)| *at).collect();
    assert_eq!(instants.len(), 1, "they did not share a commit");
    let grant = Grant::whole(Purpose::Marketing);
    let mailed = [ada, bob, cyd]
        .map(|person| house.gate.ask::<View>(&caller(&house, NEWSLETTER), person, &grant).is_ok());
    assert_eq!(mailed, [false, true, false]);
    assert_eq!(examine(&house), [""; 0]);
}
