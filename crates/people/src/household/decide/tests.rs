//! Who lives together, in cases small enough to be checked by hand, and in any order.

use super::*;
use proptest::prelude::*;
use proptest::sample::Index;

fn resident(nth: u8) -> Resident {
    let record = RecordId([nth; 16]);
    Resident {
        person: PersonId::from(record),
        first: Timestamp(0),
        house: Blind([0; 16]),
        since: Timestamp(0),
        unit: None,
        families: BTreeSet::new(),
        contacts: BTreeSet::new(),
        records: BTreeSet::from([record]),
        said: Vec::new(),
    }
}

impl Resident {
    fn flat(mut self, unit: u8) -> Self {
        self.unit = Some(Feature([unit; 8]));
        self
    }

    fn called(mut self, family: u8) -> Self {
        self.families.insert(Feature([family; 8]));
        self
    }

    fn reached(mut self, kind: IdentifierKind, at: u8) -> Self {
        self.contacts.insert((kind, Blind([at; 16])));
        self
    }

    fn says(mut self, other: u8, said: PairSaid) -> Self {
        self.said.push((RecordId([other; 16]), said));
        self
    }
}

fn denied(denied: bool) -> PairSaid {
    PairSaid { denied, denied_by: !denied, declared: None }
}

fn declared(together: bool) -> PairSaid {
    PairSaid { declared: Some(together), ..PairSaid::default() }
}

/// The households as the numbers of their people, ascending.
fn homes(residents: &[Resident]) -> Vec<Vec<u8>> {
    let (households, _) = decide(residents);
    let number = |place: &usize| residents[*place].person.0[0];
    let mut homes: Vec<Vec<u8>> =
        households.iter().map(|home| home.iter().map(number).collect()).collect();
    for home in &mut homes {
        home.sort_unstable();
    }
    homes.sort();
    homes
}

fn check(residents: &[Resident], expected: &[&[u8]]) {
    let expected: Vec<Vec<u8>> = expected.iter().map(|home| home.to_vec()).collect();
    assert_eq!(homes(residents), expected, "{residents:#?}");
}

#[test]
fn a_few_need_nothing_in_common_and_more_do() {
    check(&[resident(1), resident(2), resident(3)], &[&[1, 2, 3]]);
    let crowd: Vec<_> = (1..=4).map(resident).collect();
    check(&crowd, &[&[1], &[2], &[3], &[4]]);
    let family: Vec<_> = (1..=4).map(|nth| resident(nth).called(nth % 2)).collect();
    check(&family, &[&[1, 3], &[2, 4]]);
    let mut line = crowd.clone();
    line[0] = resident(1).reached(IdentifierKind::Phone, 9);
    line[3] = resident(4).reached(IdentifierKind::Phone, 9);
    check(&line, &[&[1, 4], &[2], &[3]]);
    line[3] = resident(4).reached(IdentifierKind::Email, 9);
    check(&line, &[&[1], &[2], &[3], &[4]]);
}

#[test]
fn more_than_a_home_holds_is_no_home_whatever_they_share() {
    let hall = |count: usize| -> Vec<Resident> {
        (1..=count).map(|nth| resident(u8::try_from(nth).unwrap()).called(7)).collect()
    };
    assert_eq!(homes(&hall(SHARERS_MAX)).len(), 1);
    assert_eq!(homes(&hall(SHARERS_MAX + 1)).len(), SHARERS_MAX + 1);
    assert!(is_crowded(&hall(SHARERS_MAX + 1), PersonId([1; 16])));
    assert!(!is_crowded(&hall(SHARERS_MAX), PersonId([1; 16])));
}

#[test]
fn flats_of_one_house_are_several_homes() {
    let two = [resident(1).flat(1), resident(2).flat(1), resident(3).flat(2)];
    check(&two, &[&[1, 2], &[3]]);
    // Of one flat, whoever names none is there; of two, whoever has kin in one.
    check(&[resident(1).flat(1), resident(2)], &[&[1, 2]]);
    let kin = [resident(1).flat(1).called(7), resident(2).flat(2), resident(3).called(7)];
    check(&kin, &[&[1, 3], &[2]]);
    check(
        &[resident(1).flat(1), resident(2).flat(2), resident(3), resident(4)],
        &[&[1], &[2], &[3], &[4]],
    );
    let both =
        [resident(1).flat(1).called(7), resident(2).flat(2).called(7), resident(3).called(7)];
    check(&both, &[&[1], &[2], &[3]]);
}

#[test]
fn who_denies_leaves_and_the_others_stay_together() {
    let family = |nth| resident(nth).called(7);
    let left = [family(1).says(2, denied(true)), family(2).says(1, denied(false)), family(3)];
    check(&left, &[&[1], &[2, 3]]);
    let other = [family(1).says(3, denied(false)), family(2), family(3).says(1, denied(true))];
    check(&other, &[&[1, 2], &[3]]);
}

#[test]
fn a_declaration_joins_and_no_declaration_overrules_a_denial() {
    let crowd = |said: PairSaid, back: PairSaid| {
        [
            resident(1).flat(1).says(2, said),
            resident(2).flat(2).says(1, back),
            resident(3).flat(1),
            resident(4).flat(2),
        ]
    };
    check(&crowd(PairSaid::default(), PairSaid::default()), &[&[1, 3], &[2, 4]]);
    let family = |said: PairSaid, back: PairSaid| {
        [resident(1).called(7).says(2, said), resident(2).called(7).says(1, back)]
    };
    check(&family(declared(false), declared(false)), &[&[1], &[2]]);
    let both = |said: PairSaid| PairSaid { declared: Some(true), ..said };
    check(&family(both(denied(true)), both(denied(false))), &[&[1], &[2]]);
    let many: Vec<_> = (1..=5)
        .map(|nth| match nth {
            1 => resident(1).says(5, declared(true)),
            5 => resident(5).says(1, declared(true)),
            nth => resident(nth),
        })
        .collect();
    check(&many, &[&[1, 5], &[2], &[3], &[4]]);
}

/// A person drawn: flat, family, line, whom they deny, with whom they were declared.
type Drawn = (Option<u8>, Option<u8>, Option<u8>, Option<Index>, Option<Index>);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let small = || proptest::option::of(0..3_u8);
    let other = || proptest::option::of(any::<Index>());
    proptest::collection::vec((small(), small(), small(), other(), other()), 1..15)
}

fn built(drawn: &[Drawn]) -> Vec<Resident> {
    let number = |nth: usize| u8::try_from(nth + 1).unwrap();
    let mut all: Vec<Resident> = drawn
        .iter()
        .enumerate()
        .map(|(nth, (unit, family, line, _, _))| {
            let mut one = resident(number(nth));
            one.unit = unit.map(|unit| Feature([unit; 8]));
            one.families.extend(family.map(|family| Feature([family; 8])));
            one.contacts.extend(line.map(|line| (IdentifierKind::Phone, Blind([line; 16]))));
            one
        })
        .collect();
    for (nth, (.., denies, with)) in drawn.iter().enumerate() {
        for (other, declares) in [(denies, false), (with, true)] {
            let Some(other) = other.map(|other| other.index(drawn.len())) else { continue };
            if other != nth {
                let said = if declares { declared(true) } else { denied(true) };
                all[nth].said.push((RecordId([number(other); 16]), said));
                all[other].said.push((RecordId([number(nth); 16]), said.turned()));
            }
        }
    }
    all
}

proptest! {
    #[test]
    fn it_depends_on_who_is_there_and_not_on_their_order(
        drawn in drawn(),
        order in any::<[Index; 15]>(),
    ) {
        let all = built(&drawn);
        let mut again = all.clone();
        for (nth, with) in (0..again.len()).zip(order) {
            let with = with.index(again.len());
            again.swap(nth, with);
        }
        prop_assert_eq!(homes(&all), homes(&again));
    }

    #[test]
    fn nobody_lives_with_whom_they_denied(drawn in drawn()) {
        let all = built(&drawn);
        let (households, _) = decide(&all);
        for home in households {
            for (a, b) in home.iter().flat_map(|a| home.iter().map(move |b| (*a, *b))) {
                prop_assert!(!all[a].is_apart_from(&all[b]));
            }
        }
    }
}
