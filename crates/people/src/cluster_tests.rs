//! Who belongs together, by example and by law.

use super::*;
use crate::row::FeatureFact;
use proptest::prelude::*;

const EMAIL: IdentifierKind = IdentifierKind::Email;
const PHONE: IdentifierKind = IdentifierKind::Phone;
const DEVICE: IdentifierKind = IdentifierKind::AnonymousId;

fn node(id: u8) -> Node {
    Node {
        id: RecordId([id; 16]),
        first: Timestamp(i64::from(id)),
        links: Links { namespace: 1, ..Links::default() },
        may_link: true,
    }
}

fn blind(value: u8) -> Blind {
    Blind([value; 16])
}

impl Node {
    fn with(mut self, kind: IdentifierKind, value: u8) -> Self {
        self.links.identifiers.push((kind, blind(value)));
        self.links.identifiers.sort_unstable();
        self
    }

    fn says(mut self, kind: FeatureKind, value: u8) -> Self {
        let value = Some(Feature([value; 8]));
        self.links.features.push(FeatureFact { kind, at: Timestamp(0), value });
        self.links.features.sort_by_key(|fact| fact.kind);
        self
    }

    fn given(self, value: u8) -> Self {
        self.says(FeatureKind::Given, value).says(FeatureKind::GivenSound, value)
    }

    fn user(mut self, value: u8) -> Self {
        self.links.own_user = Some(blind(value));
        self.with(IdentifierKind::UserId, value)
    }

    fn asserts(mut self, other: u8, joined: bool) -> Self {
        self.links.asserted.push((RecordId([other; 16]), joined));
        self.links.asserted.sort_unstable();
        self
    }

    fn refuses(mut self) -> Self {
        self.may_link = false;
        self
    }
}

/// Clusters the nodes; people are written as their record numbers, `12 3` meaning 1 with 2.
fn check(nodes: &[Node], expected: &str) {
    let mut people: Vec<String> = cluster(nodes, &|_| false)
        .into_iter()
        .map(|cluster| cluster.records.iter().map(|id| id.0[0].to_string()).collect())
        .collect();
    people.sort();
    assert_eq!(people.join(" "), expected);
}

#[test]
fn a_shared_email_makes_one_person() {
    check(&[node(1).with(EMAIL, 9), node(2).with(EMAIL, 9), node(3)], "12 3");
}

#[test]
fn equal_values_of_other_kinds_do_not() {
    check(&[node(1).with(EMAIL, 9), node(2).with(PHONE, 9)], "1 2");
}

#[test]
fn a_family_mailbox_does_not() {
    check(&[node(1).with(EMAIL, 9).given(1), node(2).with(EMAIL, 9).given(2)], "1 2");
}

#[test]
fn in_a_family_mailbox_those_who_say_the_same_name_belong_together() {
    let family = [
        node(1).with(EMAIL, 9).given(1),
        node(2).with(EMAIL, 9).given(2),
        node(3).with(EMAIL, 9).given(1),
        node(4).with(EMAIL, 9),
    ];
    check(&family, "13 2 4");
}

#[test]
fn father_and_son_of_one_name_are_told_apart_by_birth_or_suffix() {
    for kind in [FeatureKind::BirthDate, FeatureKind::Suffix] {
        let father = node(1).with(PHONE, 9).given(1).says(kind, 1);
        check(&[father, node(2).with(PHONE, 9).given(1).says(kind, 2)], "1 2");
    }
}

#[test]
fn a_device_follows_its_only_user() {
    check(&[node(1).with(DEVICE, 9), node(2).user(5).with(DEVICE, 9)], "12");
}

#[test]
fn a_kiosk_merges_nobody() {
    let kiosk =
        [node(1).with(DEVICE, 9), node(2).user(5).with(DEVICE, 9), node(3).user(6).with(DEVICE, 9)];
    check(&kiosk, "1 2 3");
}

#[test]
fn two_accounts_are_one_person_only_if_the_name_says_so() {
    let account = |id, user| node(id).user(user).with(EMAIL, 9);
    check(&[account(1, 5), account(2, 6)], "1 2");
    check(&[account(1, 5).given(1), account(2, 6).given(1)], "12");
}

#[test]
fn an_alias_joins_two_accounts() {
    check(&[node(1).user(5), node(2).user(6).with(IdentifierKind::UserId, 5)], "12");
}

#[test]
fn no_chain_puts_a_contradiction_inside_a_person() {
    let chain = [
        node(1).with(EMAIL, 9).given(1),
        node(2).with(EMAIL, 9).with(PHONE, 8),
        node(3).with(PHONE, 8).given(2),
    ];
    check(&chain, "12 3");
}

#[test]
fn what_was_asserted_holds() {
    let same = |id| node(id).with(EMAIL, 9);
    check(&[same(1).asserts(2, false), same(2).asserts(1, false)], "1 2");
    check(&[node(1).given(1).asserts(2, true), node(2).given(2).asserts(1, true)], "12");
}

#[test]
fn who_refuses_linking_stays_alone() {
    check(&[node(1).with(EMAIL, 9), node(2).with(EMAIL, 9).refuses()], "1 2");
}

#[test]
fn who_refuses_linking_makes_no_mailbox_shared() {
    let stranger = node(3).with(EMAIL, 9).user(7).given(2).refuses();
    check(&[node(1).with(EMAIL, 9).given(1), node(2).with(EMAIL, 9), stranger], "12 3");
}

#[test]
fn a_generic_identifier_links_nobody() {
    let nodes = [node(1).with(EMAIL, 9), node(2).with(EMAIL, 9)];
    assert_eq!(cluster(&nodes, &|_| true).len(), 2);
    assert_eq!(components(&nodes, &|_| true).len(), 2);
}

fn any_node(id: u8) -> impl Strategy<Value = Node> {
    let identifiers = proptest::collection::vec((0..3_u8, 0..4_u8), 0..4);
    let said = (0..4_u8, 0..4_u8, proptest::option::of(0..3_u8), 0..10_u8);
    (identifiers, said).prop_map(move |(identifiers, (given, birth, user, refuses))| {
        let mut node = node(id);
        for (kind, value) in identifiers {
            let kind = [EMAIL, PHONE, DEVICE][usize::from(kind)];
            node = node.with(kind, value);
        }
        if given > 0 {
            node = node.given(given);
        }
        if birth > 1 {
            node = node.says(FeatureKind::BirthDate, birth);
        }
        if let Some(user) = user {
            node = node.user(user);
        }
        node.links.identifiers.dedup();
        if refuses == 0 { node.refuses() } else { node }
    })
}

fn any_nodes() -> impl Strategy<Value = Vec<Node>> {
    (1..12_u8).prop_flat_map(|count| (1..=count).map(any_node).collect::<Vec<_>>())
}

fn sorted(nodes: &[Node]) -> Vec<Cluster> {
    let mut clusters = cluster(nodes, &|_| false);
    clusters.sort_by_key(|cluster| cluster.oldest);
    clusters
}

proptest! {
    #[test]
    fn the_order_of_records_does_not_matter(nodes in any_nodes(), seed in 0..1_000_usize) {
        let mut shuffled = nodes.clone();
        let length = shuffled.len();
        for place in 0..length {
            shuffled.swap(place, (place * 7 + seed) % length);
        }
        prop_assert_eq!(sorted(&nodes), sorted(&shuffled));
    }

    #[test]
    fn deciding_components_alone_gives_the_same_people(nodes in any_nodes()) {
        let mut apart: Vec<Cluster> = components(&nodes, &|_| false)
            .into_iter()
            .flat_map(|part| {
                let part: Vec<_> = part.into_iter().map(|place| nodes[place].clone()).collect();
                cluster(&part, &|_| false)
            })
            .collect();
        apart.sort_by_key(|cluster| cluster.oldest);
        prop_assert_eq!(apart, sorted(&nodes));
    }

    #[test]
    fn who_refuses_linking_changes_nobody_else(nodes in any_nodes()) {
        let linkable: Vec<_> = nodes.iter().filter(|node| node.may_link).cloned().collect();
        let (alone, others): (Vec<_>, Vec<_>) =
            sorted(&nodes).into_iter().partition(|cluster| {
                nodes.iter().any(|node| !node.may_link && node.id == cluster.oldest)
            });
        prop_assert_eq!(others, sorted(&linkable));
        prop_assert!(alone.iter().all(|cluster| cluster.records.len() == 1));
    }

    #[test]
    fn nobody_holds_a_contradiction(nodes in any_nodes()) {
        for cluster in sorted(&nodes) {
            let members: Vec<_> =
                nodes.iter().filter(|node| cluster.records.contains(&node.id)).collect();
            for a in &members {
                for b in &members {
                    prop_assert!(!contradict(&a.links, &b.links));
                }
            }
        }
    }
}
