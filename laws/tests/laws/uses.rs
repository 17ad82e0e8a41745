//! Whoever looks finds every use of their data, whether it was theirs alone or that of many.

use gate::{Span, Used, UsedFor, View};
use laws::brand::{Sent, batch, customer, play};
use laws::house::{Home, NEWSLETTER, NOW_MS, PRIVACY};
use model::{Grant, IdentifierKind, PersonId, Purpose, Timestamp};

/// More than stand under each of the people of one use.
const MANY: usize = 1_200;

const DAY_MS: i64 = 86_400_000;

fn come(home: &Home, names: &[(String, bool)], at_ms: i64) {
    for some in names.chunks(100) {
        let events: Vec<_> = some.iter().map(|(name, yes)| customer(name, Some(*yes))).collect();
        let body = batch(&events);
        play(
            &home.house,
            &home.clock,
            &[Sent { source: "web", gpc: false, received_ms: at_ms, body }],
            1,
        );
    }
}

fn find(home: &Home, name: &str) -> PersonId {
    home.find(IdentifierKind::UserId, &format!("user-{name}"))[0]
}

/// A person's log, page by page.
fn log(home: &Home, person: PersonId, limit: usize) -> Vec<Used> {
    let view = home.house.people.view().unwrap();
    let contract = home.house.gate.contracts(&view, &[person]).unwrap().remove(0).unwrap().value;
    let (mut log, mut before) = (Vec::new(), None);
    loop {
        let span = Span { before, limit, days: 31 };
        let page =
            home.house.gate.log_of(&view, &contract.records, contract.ordinal, &span).unwrap();
        before = page.last().map(|used| used.at);
        let last = page.len() < limit;
        log.extend(page);
        if last {
            return log;
        }
    }
}

fn entries(log: &[Used]) -> Vec<u64> {
    log.iter().map(Used::entry).collect()
}

#[test]
fn who_was_among_few_or_many_finds_it_and_nobody_else_does() {
    let home = Home::memory();
    let many: Vec<_> = (0..MANY).map(|nth| (format!("one{nth}"), true)).collect();
    come(&home, &many, NOW_MS);
    come(&home, &[("ada".to_owned(), true), ("bob".to_owned(), false)], NOW_MS);
    let (ada, bob) = (find(&home, "ada"), find(&home, "bob"));
    let (marketing, caller) = (Grant::whole(Purpose::Marketing), home.caller(NEWSLETTER));
    let gate = &home.house.gate;
    // Two uses of many a day, at one instant each day, and one of ada's own.
    let mut expected = Vec::new();
    for day in 0..5 {
        home.clock.set(NOW_MS + day * DAY_MS);
        for _ in 0..2 {
            expected.push(gate.ask_cohort::<View>(&caller, &marketing).unwrap().entry());
        }
        let service = Grant::whole(Purpose::SubjectAccess);
        let own = gate.ask::<gate::SubjectAccess>(&home.caller(PRIVACY), ada, &service).unwrap();
        expected.push(own.entry());
    }
    expected.reverse();
    for limit in [1, 2, 3, 50] {
        let found = log(&home, ada, limit);
        // She came in a batch of few, which is the oldest line.
        let (last, before) = found.split_last().unwrap();
        assert_eq!(entries(before), expected, "pages of {limit}");
        let UsedFor::Among(came) = &last.of else { panic!("{last:?}") };
        assert_eq!((came.people, last.at), (2, Timestamp(NOW_MS)));
        let among = before.iter().filter_map(|used| match &used.of {
            UsedFor::Among(row) => Some(row.people),
            UsedFor::Own(_) => None,
        });
        assert_eq!(among.collect::<Vec<_>>(), [MANY as u64 + 1; 10]);
        // He refused, so of him there is only that he came.
        assert_eq!(entries(&log(&home, bob, limit)), [last.entry()]);
    }
    // Of uses of many, no more days are looked through than asked for.
    let view = home.house.people.view().unwrap();
    let contract = gate.contracts(&view, &[ada]).unwrap().remove(0).unwrap().value;
    let span = Span { before: None, limit: 50, days: 2 };
    let found = gate.log_of(&view, &contract.records, contract.ordinal, &span).unwrap();
    let among =
        found.iter().filter(|used| matches!(&used.of, UsedFor::Among(row) if row.people > 2));
    assert_eq!(among.count(), 4);
    assert_eq!(home.examine(), [""; 0]);
}

#[test]
fn only_who_stands_on_a_page_finds_it() {
    let home = Home::memory();
    let names: Vec<_> = (0..30).map(|nth| (format!("one{nth}"), nth % 3 != 0)).collect();
    come(&home, &names, NOW_MS);
    let (marketing, caller) = (Grant::whole(Purpose::Marketing), home.caller(NEWSLETTER));
    let (gate, people) = (&home.house.gate, &home.house.people);
    let (mut after, mut shown) = (None, Vec::new());
    loop {
        let permit = gate.ask_page::<View>(&caller, &marketing, after, 7).unwrap();
        let page = people.cohort_profiles(&permit, after, 7, &|_| 0).unwrap();
        assert_eq!(page.len() as u64, permit.len());
        after = permit.last();
        shown.extend(page.iter().map(|profile| (profile.person, permit.entry())));
        if permit.len() < 7 {
            break;
        }
    }
    assert_eq!(shown.len(), 20, "whoever allows it, once");
    for (name, allowed) in &names {
        let person = find(&home, name);
        let told: Vec<_> = log(&home, person, 50)
            .iter()
            .filter(
                |used| matches!(&used.of, UsedFor::Among(row) if row.purpose == Purpose::Marketing),
            )
            .map(Used::entry)
            .collect();
        let page = shown.iter().find(|(one, _)| *one == person).map(|(_, entry)| *entry);
        assert_eq!((told, page.is_some()), (page.into_iter().collect(), *allowed), "{name}");
    }
    let nobody = gate.ask_page::<View>(&caller, &marketing, None, 0).unwrap();
    assert!(nobody.is_empty());
    // Whoever withdraws between asking and reading is left out, and nobody moves up.
    let permit = gate.ask_page::<View>(&caller, &marketing, None, 7).unwrap();
    let bit = gate.grants().whole(Purpose::Marketing).unwrap();
    let at = Timestamp(NOW_MS + 1);
    let no = gate::Signal::here(bit, false, at);
    let left = shown[3].0;
    people.say(&home.caller(PRIVACY), left, &[no], gate::Manner::by(gate::Method::Api)).unwrap();
    let page = people.cohort_profiles(&permit, None, 7, &|_| 0).unwrap();
    let page: Vec<_> = page.iter().map(|profile| profile.person).collect();
    let expected: Vec<_> =
        shown.iter().map(|(person, _)| *person).take(7).filter(|person| *person != left).collect();
    assert_eq!(page, expected);
}
