//! Who lives together: singles, couples, families with their twins and juniors, flatmates.

use super::chance::Chance;
use super::flags::Flags;
use super::names::Names;

/// A person before the shop has met them.
#[derive(Clone, Debug, Default)]
pub(super) struct Sketch {
    /// Given name.
    pub(super) given: &'static str,
    /// Family name; at birth, when `spouse` is set.
    pub(super) family: &'static str,
    /// The family name taken at marriage; empty when none.
    pub(super) spouse: &'static str,
    /// `Jr`, `Sr` or empty.
    pub(super) suffix: &'static str,
    /// A woman or a girl.
    pub(super) female: bool,
    /// Day of birth, counted from 1970-01-01.
    pub(super) born: i64,
    /// Twin and junior.
    pub(super) flags: Flags,
}

/// Draws one household at a time.
#[derive(Debug)]
pub(super) struct Composer<'a> {
    names: &'a [Names],
    /// The culture most people of the country have.
    native: usize,
    today: i64,
}

impl<'a> Composer<'a> {
    /// Households of people with `names`, mostly the `native` ones, as of the day `today`.
    pub(super) fn new(names: &'a [Names], native: usize, today: i64) -> Self {
        Self { names, native, today }
    }

    /// One household of one to six people; children under thirteen are no customers.
    pub(super) fn draw(&self, chance: &mut Chance) -> Vec<Sketch> {
        let mut people = match chance.weighted(&[300, 220, 300, 80, 100]) {
            0 => {
                let culture = self.culture(chance);
                vec![self.adult(culture, 19, 88, chance)]
            }
            1 => self.couple(22, 84, chance),
            2 => {
                let mut people = self.couple(36, 66, chance);
                self.children(&mut people, chance);
                people
            }
            3 => {
                let culture = self.culture(chance);
                let mut people = vec![self.adult(culture, 35, 62, chance)];
                self.children(&mut people, chance);
                people
            }
            _ => (0..2 + chance.below(4))
                .map(|_| {
                    let culture = self.culture(chance);
                    self.adult(culture, 19, 38, chance)
                })
                .collect(),
        };
        people.truncate(6);
        people
    }

    fn culture(&self, chance: &mut Chance) -> usize {
        if chance.often(780) { self.native } else { chance.index(self.names.len()) }
    }

    fn given(&self, culture: usize, female: bool, chance: &mut Chance) -> &'static str {
        let Some(names) = self.names.get(culture) else { return "" };
        chance.favour(if female { &names.female } else { &names.male })
    }

    fn adult(&self, culture: usize, from: i64, to: i64, chance: &mut Chance) -> Sketch {
        let female = chance.often(520);
        Sketch {
            given: self.given(culture, female, chance),
            family: self.names.get(culture).map_or("", |names| chance.favour(&names.family)),
            female,
            born: self.today - chance.between(from * 365, to * 365),
            ..Sketch::default()
        }
    }

    fn couple(&self, from: i64, to: i64, chance: &mut Chance) -> Vec<Sketch> {
        let culture = self.culture(chance);
        let one = self.adult(culture, from, to, chance);
        let culture = if chance.often(850) { culture } else { self.culture(chance) };
        let mut other = self.adult(culture, from, from + 1, chance);
        other.born = one.born + chance.between(-6 * 365, 6 * 365);
        if chance.often(930) && other.female == one.female {
            other.female = !one.female;
            other.given = self.given(culture, other.female, chance);
        }
        match chance.weighted(&[56, 34, 10]) {
            0 => other.family = one.family,
            1 => {}
            _ => other.spouse = one.family,
        }
        vec![one, other]
    }

    /// Adds the children that are old enough; they bear the first parent's name.
    fn children(&self, people: &mut Vec<Sketch>, chance: &mut Chance) {
        let Some(parent) = people.first().cloned() else { return };
        let native = self.culture(chance);
        let count = 1 + chance.weighted(&[40, 38, 16, 6]);
        for nth in 0..count {
            let female = chance.often(490);
            let mut child = Sketch {
                given: self.given(native, female, chance),
                family: parent.family,
                female,
                born: parent.born + chance.between(22 * 365, 34 * 365),
                ..Sketch::default()
            };
            if nth > 0 && chance.often(70) {
                twin(people, &mut child);
            } else if !female && chance.often(60) {
                junior(people, &mut child);
            }
            let namesake = people.iter().any(|other| other.given == child.given);
            let known = !namesake || child.flags.has(Flags::JUNIOR);
            if self.today - child.born > 13 * 365 && known {
                people.push(child);
            }
        }
    }
}

fn twin(people: &mut [Sketch], child: &mut Sketch) {
    if let [_, _, .., last] = people
        && last.suffix.is_empty()
        && last.family == child.family
        && last.spouse.is_empty()
        && last.born > child.born - 20 * 365
    {
        child.born = last.born;
        child.flags |= Flags::TWIN;
        last.flags |= Flags::TWIN;
    }
}

fn junior(people: &mut [Sketch], child: &mut Sketch) {
    let father = people
        .iter_mut()
        .find(|parent| !parent.female && parent.family == child.family && parent.suffix.is_empty());
    if let Some(father) = father
        && child.born - father.born > 18 * 365
    {
        child.given = father.given;
        child.suffix = "Jr";
        father.suffix = "Sr";
        child.flags |= Flags::JUNIOR;
        father.flags |= Flags::JUNIOR;
    }
}
