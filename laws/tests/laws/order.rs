//! Any order, batching and repetition of the same input gives the same people, profiles and masks.

use laws::brand::{Sent, batch, customer, deed, event, messages, play, world};
use laws::chance::Seeded;
use laws::house::{Home, NOW_MS};
use laws::{account, rounds};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::Store;

const CUSTOMERS: usize = 150;
const EVENTS: usize = 2_000;
const ORDERS: usize = 6;

/// The first line in which two accounts differ.
pub(crate) fn difference(one: &str, other: &str) -> Option<String> {
    let pairs = one.lines().map(Some).chain([None]).zip(other.lines().map(Some).chain([None]));
    let (at, (a, b)) = pairs.enumerate().find(|(_, (a, b))| a != b)?;
    Some(format!("line {at}: {a:?} became {b:?}"))
}

fn account_of(keys: &Home, sent: &[Sent], at_once: usize) -> String {
    let home = Home::with_keys_of(keys.dir.path(), Store::memory());
    play(&home.house, &home.clock, sent, at_once);
    assert_eq!(home.examine(), [""; 0]);
    account::of(&home.house)
}

#[test]
fn a_world_in_any_order_gives_the_same_people() {
    let keys = Home::memory();
    let sent = messages(&world(5, CUSTOMERS, EVENTS, None));
    let expected = account_of(&keys, &sent, 1);
    assert!(expected.lines().filter(|line| line.starts_with("person")).count() > 100);
    for round in 0..rounds(ORDERS) {
        let chance = Seeded::new(round as u64);
        let mut again = sent.clone();
        // A tenth is sent twice, and one order is backwards.
        let repeated: Vec<_> = sent.iter().filter(|_| chance.below(10) == 0).cloned().collect();
        again.extend(repeated);
        if round == 0 {
            again.reverse();
        } else {
            chance.shuffle(&mut again);
        }
        let at_once = [1, 700, 40, 5, 2_500][round % 5];
        let found = account_of(&keys, &again, at_once);
        assert_eq!(difference(&expected, &found), None, "order {round}, {at_once} at once");
    }
}

/// A few people who share what they can share, so that orders meet every way of linking.
fn tangled() -> impl Strategy<Value = Vec<Value>> {
    let who = 0..4_u8;
    let maybe = |text: &'static str| proptest::option::of((0..3_u8).prop_map(move |n| (text, n)));
    let one = (
        proptest::option::of(who.clone()),
        who,
        maybe("given"),
        maybe("email"),
        proptest::option::of((any::<bool>(), any::<bool>())),
        0..20_u32,
        0..3_u8,
    );
    proptest::collection::vec(one, 2..14).prop_map(|list| {
        let events = list.into_iter().enumerate();
        events
            .map(|(nth, (user, browser, given, email, consent, minute, kind))| {
                let mut traits = json!({});
                if let Some((_, n)) = given {
                    traits["firstName"] = ["Ada", "Bob", "Adelaide"][usize::from(n)].into();
                }
                if let Some((_, n)) = email {
                    traits["email"] = format!("mail{n}@post.example").into();
                }
                let mut more = json!({ "anonymousId": format!("browser-{browser}") });
                if let Some(user) = user {
                    more["userId"] = format!("user-{user}").into();
                }
                if let Some((about_linking, allowed)) = consent {
                    let about = if about_linking { "linking" } else { "marketing" };
                    let preferences = json!({ about: allowed });
                    more["context"] = json!({ "consent": { "categoryPreferences": preferences } });
                }
                let kind = match (kind, user) {
                    (0, Some(old)) => {
                        more["userId"] = format!("user-{}", (old + 1) % 4).into();
                        more["previousId"] = format!("user-{old}").into();
                        "alias"
                    }
                    (1, _) => {
                        more["event"] = "Product Viewed".into();
                        more["context"]["traits"] = traits;
                        "track"
                    }
                    _ => {
                        more["traits"] = traits;
                        "identify"
                    }
                };
                let at = format!("2026-11-20T10:{minute:02}:00Z");
                event(kind, &format!("m-{nth}"), &at, &more)
            })
            .collect()
    })
}

fn sent(events: &[Value]) -> Sent {
    Sent { source: "web", gpc: false, received_ms: NOW_MS, body: batch(events) }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: u32::try_from(rounds(40)).unwrap(),
        failure_persistence: None,
        max_shrink_iters: 60,
        ..ProptestConfig::default()
    })]

    #[test]
    fn tangled_people_in_any_order_are_the_same(
        events in tangled(),
        seed in any::<u64>(),
        size in 1_usize..6,
    ) {
        let keys = Home::memory();
        let each: Vec<_> = events.iter().map(|event| sent(std::slice::from_ref(event))).collect();
        let expected = account_of(&keys, &each, 1);
        let chance = Seeded::new(seed);
        let mut again: Vec<_> = events.clone();
        again.extend(events.iter().filter(|_| chance.below(4) == 0).cloned());
        chance.shuffle(&mut again);
        let batches: Vec<_> = again.chunks(size).map(sent).collect();
        let found = account_of(&keys, &batches, 1 + chance.below(4));
        prop_assert_eq!(difference(&expected, &found), None);
    }
}

/// In one micro-batch a third record joins a person of two, and one of the two says yes again,
/// later than the other's no.
#[test]
fn who_is_joined_and_repeats_an_answer_at_once_keeps_every_record() {
    let ada = |user: &str, message: &str, hour: u8, marketing: Option<bool>| {
        let said = json!({ "email": "ada@example.org", "firstName": "Ada" });
        let mut more = json!({ "userId": user, "traits": said });
        if let Some(marketing) = marketing {
            let answer = json!({ "categoryPreferences": { "marketing": marketing } });
            more["context"] = json!({ "consent": answer });
        }
        event("identify", message, &format!("2026-11-21T{hour:02}:00:00Z"), &more)
    };
    let before = [ada("u1", "m1", 10, Some(false)), ada("u2", "m2", 9, Some(true))];
    let after = [ada("u3", "m3", 11, None), ada("u2", "m4", 12, Some(true))];
    let keys = Home::memory();
    let apart: Vec<_> =
        before.iter().chain(&after).map(|event| sent(std::slice::from_ref(event))).collect();
    let expected = account_of(&keys, &apart, 1);
    assert_eq!(expected.lines().filter(|line| line.starts_with("person")).count(), 1);
    let at_once = [sent(&before), sent(&after)];
    assert_eq!(difference(&expected, &account_of(&keys, &at_once, 1)), None);
}

/// The dump must be able to tell houses apart, or the laws above would hold of anything.
#[test]
fn the_account_sees_every_kind_of_difference() {
    let keys = Home::memory();
    let base = [customer("ada", Some(true)), deed("ada", 1, "2026-11-21T10:00:00Z")];
    let expected = account_of(&keys, &[sent(&base)], 1);
    let mut name = base.clone();
    name[0]["traits"]["firstName"] = "Ida".into();
    let mut consent = base.clone();
    consent[0]["context"]["consent"]["categoryPreferences"]["marketing"] = false.into();
    let mut deeds = base.clone();
    deeds[1]["properties"]["serial"] = 2.into();
    let mut time = base.clone();
    time[1]["timestamp"] = "2026-11-21T10:00:01Z".into();
    for other in [name, consent, deeds, time] {
        assert!(difference(&expected, &account_of(&keys, &[sent(&other)], 1)).is_some());
    }
}
