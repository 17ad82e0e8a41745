//! Who belongs together: a pure function of a set of records.
//!
//! Records that share an identifier may be linked; contradictions and assertions say which may
//! not. Links are taken strongest first, and one that would put a contradiction inside a person is
//! left out, so the outcome depends on the set of records and on nothing else: not on the order in
//! which they arrived, and not on what was decided before.

use crate::row::{Feature, FeatureKind, Links, RecordRow};
use model::{Blind, IdentifierKind, RecordId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Pairs of a posting are all considered up to this many members; beyond, neighbours by id.
const COMPLETE_MAX: usize = 16;

/// One record as clustering sees it.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) id: RecordId,
    pub(crate) first: Timestamp,
    pub(crate) links: Links,
    /// Whether the customer lets us link this record.
    pub(crate) may_link: bool,
}

impl Node {
    pub(crate) fn of(id: RecordId, row: &RecordRow) -> Self {
        Self { id, first: row.first, links: row.links.clone(), may_link: row.linkable }
    }
}

/// A set of records that are one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// The oldest record, whose id the person bears.
    pub(crate) oldest: RecordId,
    /// All records, ascending.
    pub(crate) records: Vec<RecordId>,
}

/// Splits nodes into people. `generic` says of an identifier whether too many records bear it for
/// it to mean anything.
pub(crate) fn cluster(nodes: &[Node], generic: &dyn Fn(&Blind) -> bool) -> Vec<Cluster> {
    cluster_told(nodes, generic, &mut |_| {})
}

/// A link that joined two groups: by an identifier of this kind, or, without one, because somebody
/// said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Linked {
    pub(crate) a: RecordId,
    pub(crate) b: RecordId,
    pub(crate) by: Option<IdentifierKind>,
}

/// Like [`cluster`]; tells each link that joins, in the order in which they are taken.
pub(crate) fn cluster_told(
    nodes: &[Node],
    generic: &dyn Fn(&Blind) -> bool,
    tell: &mut dyn FnMut(Linked),
) -> Vec<Cluster> {
    let mut groups = Groups::new(nodes);
    for (rank, a, b) in edges(nodes, generic) {
        let ids = (nodes.get(a), nodes.get(b));
        if let (true, (Some(x), Some(y))) = (groups.join(a, b), ids) {
            let by = IdentifierKind::ALL.into_iter().find(|kind| strength(*kind) == rank);
            tell(Linked { a: x.id, b: y.id, by });
        }
    }
    groups.into_clusters()
}

/// Which of the nodes hang together at all, by any identifier or assertion that could ever link
/// them: what must be decided again together. Gives lists of positions in `nodes`.
pub(crate) fn components(nodes: &[Node], generic: &dyn Fn(&Blind) -> bool) -> Vec<Vec<usize>> {
    let mut parents: Vec<usize> = (0..nodes.len()).collect();
    let places = places(nodes);
    for members in postings(nodes, generic).into_values() {
        for pair in members.windows(2) {
            if let [a, b] = *pair {
                unite(&mut parents, a, b);
            }
        }
    }
    for (place, node) in nodes.iter().enumerate() {
        let asserted = node.links.asserted.iter().map(|(other, _)| other);
        let alike = node.links.alike.iter().map(|(other, _)| other);
        for other in asserted.chain(alike).filter_map(|other| places.get(other)) {
            unite(&mut parents, place, *other);
        }
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for place in 0..nodes.len() {
        parts.entry(root(&parents, place)).or_default().push(place);
    }
    parts.into_values().collect()
}

pub(crate) fn root(parents: &[usize], mut place: usize) -> usize {
    while let Some(parent) = parents.get(place).copied().filter(|parent| *parent != place) {
        place = parent;
    }
    place
}

pub(crate) fn unite(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    let (low, high) = (a.min(b), a.max(b));
    if let Some(parent) = parents.get_mut(high) {
        *parent = low;
    }
}

fn places(nodes: &[Node]) -> BTreeMap<RecordId, usize> {
    nodes.iter().enumerate().map(|(place, node)| (node.id, place)).collect()
}

type Posting = (IdentifierKind, Blind);

fn postings(nodes: &[Node], generic: &dyn Fn(&Blind) -> bool) -> BTreeMap<Posting, Vec<usize>> {
    let mut postings: BTreeMap<Posting, Vec<usize>> = BTreeMap::new();
    // Who must not be linked says nothing about others either: counts for no contradiction, and
    // makes nothing shared.
    for (place, node) in nodes.iter().enumerate().filter(|(_, node)| node.may_link) {
        for (kind, blind) in &node.links.identifiers {
            postings.entry((*kind, *blind)).or_default().push(place);
        }
    }
    postings.retain(|(_, blind), members| members.len() > 1 && !generic(blind));
    for members in postings.values_mut() {
        members.sort_by_key(|place| nodes.get(*place).map(|node| node.id));
    }
    postings
}

/// The links to try, strongest first; at one strength by record ids, so that ties are not decided
/// by arrival.
fn edges(nodes: &[Node], generic: &dyn Fn(&Blind) -> bool) -> Vec<(u8, usize, usize)> {
    let places = places(nodes);
    let mut edges = BTreeSet::new();
    let mut add = |strength: u8, a: usize, b: usize| {
        if let (Some(x), Some(y)) = (nodes.get(a), nodes.get(b))
            && x.may_link
            && y.may_link
        {
            let ordered = if x.id <= y.id { (x.id, y.id, a, b) } else { (y.id, x.id, b, a) };
            edges.insert((strength, ordered));
        }
    };
    for (place, node) in nodes.iter().enumerate() {
        for (other, joined) in &node.links.asserted {
            if let (true, Some(other)) = (joined, places.get(other)) {
                add(0, place, *other);
            }
        }
    }
    for ((kind, _), members) in postings(nodes, generic) {
        for (a, b) in pairs(kind, &members, nodes) {
            add(strength(kind), a, b);
        }
    }
    edges.into_iter().map(|(strength, (_, _, a, b))| (strength, a, b)).collect()
}

const fn strength(kind: IdentifierKind) -> u8 {
    match kind {
        IdentifierKind::UserId => 1,
        IdentifierKind::AnonymousId => 2,
        IdentifierKind::Loyalty => 3,
        IdentifierKind::Email => 4,
        IdentifierKind::Phone => 5,
        IdentifierKind::DeviceId => 6,
    }
}

/// The pairs one shared identifier speaks for.
fn pairs(kind: IdentifierKind, members: &[usize], nodes: &[Node]) -> Vec<(usize, usize)> {
    let of = |place: usize| nodes.get(place).map(|node| &node.links);
    if kind == IdentifierKind::UserId {
        return members
            .windows(2)
            .filter_map(|pair| Some((*pair.first()?, *pair.last()?)))
            .collect();
    }
    let users: BTreeSet<_> =
        members.iter().filter_map(|place| of(*place).and_then(|links| links.own_user)).collect();
    if matches!(kind, IdentifierKind::AnonymousId | IdentifierKind::DeviceId) && users.len() > 1 {
        // A kiosk or a family tablet: it says that two people share a thing, not that they are one.
        return Vec::new();
    }
    let all = all_pairs(members);
    let contradicted = all.iter().any(|(a, b)| match (of(*a), of(*b)) {
        (Some(a), Some(b)) => contradict(a, b),
        _ => false,
    });
    if !contradicted {
        return all;
    }
    // A shared mailbox or landline: only those who also agree on who they are belong together; the
    // ones that do not say stay apart rather than fall to somebody by chance.
    all.into_iter()
        .filter(|(a, b)| matches!((of(*a), of(*b)), (Some(a), Some(b)) if agree(a, b)))
        .collect()
}

fn all_pairs(members: &[usize]) -> Vec<(usize, usize)> {
    if members.len() > COMPLETE_MAX {
        return members
            .windows(2)
            .filter_map(|pair| Some((*pair.first()?, *pair.last()?)))
            .collect();
    }
    let mut pairs = Vec::new();
    for (index, a) in members.iter().enumerate() {
        pairs.extend(members.iter().skip(index + 1).map(|b| (*a, *b)));
    }
    pairs
}

/// Whether two records cannot be one person, by identifiers.
pub(crate) fn contradict(a: &Links, b: &Links) -> bool {
    contradictions(a, b).next().is_some()
}

/// What keeps two records apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// Other birth dates.
    BirthDate,
    /// Another generation of one name.
    Suffix,
    /// Other given names.
    GivenName,
    /// Other accounts with one operator, and no name that agrees.
    Account,
}

impl Contradiction {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::BirthDate => "birth_date",
            Self::Suffix => "suffix",
            Self::GivenName => "given_name",
            Self::Account => "account",
        }
    }
}

/// What keeps two records apart, by identifiers.
pub(crate) fn contradictions(a: &Links, b: &Links) -> impl Iterator<Item = Contradiction> {
    let accounts = a.own_user.is_some()
        && b.own_user.is_some()
        && a.namespace == b.namespace
        && a.own_user != b.own_user
        && names(a, b) != Some(true)
        && !aliases(a, b)
        && !aliases(b, a);
    [
        differ(a, b, FeatureKind::BirthDate).then_some(Contradiction::BirthDate),
        differ(a, b, FeatureKind::Suffix).then_some(Contradiction::Suffix),
        (names(a, b) == Some(false)).then_some(Contradiction::GivenName),
        accounts.then_some(Contradiction::Account),
    ]
    .into_iter()
    .flatten()
}

/// Whether the source said that `b`'s user id is another name of `a`.
fn aliases(a: &Links, b: &Links) -> bool {
    b.own_user.is_some_and(|user| a.identifiers.contains(&(IdentifierKind::UserId, user)))
}

fn agree(a: &Links, b: &Links) -> bool {
    let same_birth =
        feature(a, FeatureKind::BirthDate).is_some() && !differ(a, b, FeatureKind::BirthDate);
    !contradict(a, b)
        && (names(a, b) == Some(true) || same_birth && feature(b, FeatureKind::BirthDate).is_some())
}

/// Whether given names agree, as they are or as they sound; nothing when one is missing.
fn names(a: &Links, b: &Links) -> Option<bool> {
    let given = feature(a, FeatureKind::Given)? == feature(b, FeatureKind::Given)?;
    let sound = match (feature(a, FeatureKind::GivenSound), feature(b, FeatureKind::GivenSound)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    Some(given || sound)
}

fn differ(a: &Links, b: &Links, kind: FeatureKind) -> bool {
    matches!((feature(a, kind), feature(b, kind)), (Some(a), Some(b)) if a != b)
}

fn feature(links: &Links, kind: FeatureKind) -> Option<Feature> {
    links.features.iter().find(|known| known.kind == kind).and_then(|known| known.value)
}

/// Growing people: each group knows its members.
struct Groups<'a> {
    nodes: &'a [Node],
    group_of: Vec<usize>,
    members: Vec<Vec<usize>>,
}

impl<'a> Groups<'a> {
    fn new(nodes: &'a [Node]) -> Self {
        let places = 0..nodes.len();
        Self {
            nodes,
            group_of: places.clone().collect(),
            members: places.map(|p| vec![p]).collect(),
        }
    }

    /// Joins the groups of two nodes; gives whether they were two and could be one.
    fn join(&mut self, a: usize, b: usize) -> bool {
        let groups = (self.group_of.get(a).copied(), self.group_of.get(b).copied());
        let (Some(into), Some(from)) = groups else { return false };
        if into == from || self.apart(into, from) {
            return false;
        }
        let moved = self.members.get_mut(from).map(std::mem::take).unwrap_or_default();
        for place in &moved {
            if let Some(group) = self.group_of.get_mut(*place) {
                *group = into;
            }
        }
        if let Some(members) = self.members.get_mut(into) {
            members.extend(moved);
        }
        true
    }

    /// Whether some member of one group cannot be one person with some member of the other.
    fn apart(&self, a: usize, b: usize) -> bool {
        let of = |group: usize| {
            self.members.get(group).into_iter().flatten().filter_map(|place| self.nodes.get(*place))
        };
        of(a).any(|x| {
            of(b).any(|y| {
                let asserted = x.links.asserted.iter().find(|(other, _)| *other == y.id);
                match asserted {
                    // What somebody who knows has said outweighs what records look like.
                    Some((_, joined)) => !joined,
                    None => contradict(&x.links, &y.links),
                }
            })
        })
    }

    fn into_clusters(self) -> Vec<Cluster> {
        let nodes = self.nodes;
        self.members
            .into_iter()
            .filter_map(|members| {
                let of_group = || members.iter().filter_map(|place| nodes.get(*place));
                let oldest = of_group().min_by_key(|node| (node.first, node.id))?.id;
                let mut records: Vec<_> = of_group().map(|node| node.id).collect();
                records.sort_unstable();
                Some(Cluster { oldest, records })
            })
            .collect()
    }
}

#[cfg(test)]
#[path = "cluster_tests.rs"]
mod tests;
