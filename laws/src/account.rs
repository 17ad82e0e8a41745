//! A canonical account of everything a house knows: two houses that took in the same facts give
//! the same text.

use crate::house::{PLANNER, PRIVACY, caller};
use app::house::House;
use gate::{SubjectAccess, View};
use model::{Grant, PersonId, Purpose, Timestamp};
use people::limits::TIMELINE_PAGE_MAX;
use people::{Household, ProfileValue, TimelineEvent};
use std::fmt::Write;

/// Everything a house knows, person by person, a line for each fact. What depends on when and how
/// it was asked (ledger entries, numbers in cohorts) is not in it.
pub fn of(house: &House) -> String {
    let (mut people, now) = (Vec::new(), house.gate.now());
    let view = house.people.view().unwrap();
    house
        .gate
        .each_contract(&view, None, &mut |person, contract| {
            people.push((person, contract.allowed.mask(now)));
            true
        })
        .unwrap();
    drop(view);
    people.sort_by_key(|(person, _)| *person);
    let mut text = String::new();
    for (person, mask) in people {
        writeln!(text, "person {person}").unwrap();
        let grants = house.gate.grants();
        for bit in mask.bits() {
            writeln!(text, "  allows {}", grants.grant(bit).unwrap()).unwrap();
        }
        write_person(&mut text, house, person);
    }
    text
}

/// What a house knows about one person.
pub fn of_person(house: &House, person: PersonId) -> String {
    let (mut text, now) = (String::new(), house.gate.now());
    let view = house.people.view().unwrap();
    let contract = house.gate.contracts(&view, &[person]).unwrap().remove(0).unwrap().value;
    drop(view);
    for bit in contract.allowed.mask(now).bits() {
        writeln!(text, "  allows {}", house.gate.grants().grant(bit).unwrap()).unwrap();
    }
    write_person(&mut text, house, person);
    text
}

fn write_person(text: &mut String, house: &House, person: PersonId) {
    let caller = caller(house, PRIVACY);
    let grant = Grant::whole(Purpose::SubjectAccess);
    let permit = house.gate.ask::<SubjectAccess>(&caller, person, &grant).unwrap();
    let trust = |source| house.intake.trust(source);
    let profile = house.people.profile(permit, &trust).unwrap();
    for record in &profile.records {
        writeln!(text, "  record {record:?}").unwrap();
    }
    let mut values: Vec<_> = profile.values.iter().map(value_line).collect();
    values.sort();
    for line in values {
        writeln!(text, "  {line}").unwrap();
    }
    assert_eq!(profile.sealed, 0, "their own data is open to them");
    for back_days in [0, 30] {
        let at = house.gate.now().plus_ms(-back_days * 86_400_000);
        writeln!(text, "  home {}", home_line(house, person, at)).unwrap();
    }
    let mut before = None;
    loop {
        let permit = house.gate.ask::<SubjectAccess>(&caller, person, &grant).unwrap();
        let page = house.people.timeline(permit, before, TIMELINE_PAGE_MAX).unwrap();
        page.events.iter().for_each(|event| writeln!(text, "  {}", event_line(event)).unwrap());
        before = page.before;
        if before.is_none() {
            return;
        }
    }
}

/// With whom somebody lived at an instant, and why we think so. Nobody where they do not let households
/// be recognised.
pub fn home_line(house: &House, person: PersonId, at: Timestamp) -> String {
    let caller = caller(house, PLANNER);
    let grant = Grant::whole(Purpose::HouseholdLinking);
    let ask = |person| house.gate.ask::<View>(&caller, person, &grant);
    let Ok(own) = ask(person) else { return "not asked for".to_owned() };
    let others = house.people.housemates(person, at).unwrap();
    let others = others.into_iter().filter(|other| *other != person);
    let others = others.map(|other| ask(other).unwrap()).collect();
    let Household { id, state, members, ties, .. } =
        house.people.household(own, others, at).unwrap();
    format!("{id} {state:?} {members:?} {ties:?}")
}

#[expect(clippy::disallowed_methods, reason = "invented people, compared in a test")]
fn value_line(value: &ProfileValue) -> String {
    let ProfileValue { name, category, value, raw, confidence, note, source, .. } = value;
    format!(
        "value {}: {:?} raw {:?} {category} {confidence} {note:?} {source:?}",
        name.reveal(),
        value.reveal(),
        raw.reveal(),
    )
}

#[expect(clippy::disallowed_methods, reason = "invented people, compared in a test")]
fn event_line(event: &TimelineEvent) -> String {
    let mut parts: Vec<_> = event
        .parts
        .iter()
        .map(|(category, part)| format!("{category} {}", String::from_utf8_lossy(part.reveal())))
        .collect();
    parts.sort();
    let TimelineEvent { at, kind, record, source, .. } = event;
    format!("event {} {kind:?} {record} {source:?} {}", at.0, parts.join(" "))
}
