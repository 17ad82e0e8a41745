//! Everybody the shop could meet, with all that happens to them.

use super::calendar::{DAY_MS, civil};
use super::chance::{Chance, narrow, wide};
use super::consent::Stance;
use super::emails::EmailBook;
use super::family::{Composer, Sketch};
use super::flags::Flags;
use super::names::{self, gendered};
use super::phones::{Phone, PhoneBook};
use super::places::{self, Address, COUNTRIES};
use super::{Topic, WorldSpec};

/// One customer.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    pub(super) sketch: Sketch,
    /// Index of the household.
    pub(super) household: usize,
    /// Their own address or the family's; empty when they have none.
    pub(super) email: String,
    /// Used for the second account; empty when there is none.
    pub(super) second_email: String,
    pub(super) phone: Phone,
    pub(super) flags: Flags,
    pub(super) stance: Stance,
    /// When they first told the shop who they are, milliseconds.
    pub(super) joined_ms: i64,
    /// When they took their spouse's name, milliseconds.
    pub(super) wed_ms: i64,
}

impl Person {
    /// The family name at an instant.
    pub(super) fn family(&self, at_ms: i64) -> String {
        let sketch = &self.sketch;
        let wed = !sketch.spouse.is_empty() && at_ms >= self.wed_ms;
        gendered(if wed { sketch.spouse } else { sketch.family }, sketch.female)
    }
}

/// People who share a home.
#[derive(Clone, Debug, Default)]
pub(super) struct Household {
    home: Address,
    /// The new home and when they move there.
    next_home: Option<(i64, Address)>,
    pub(super) landline: Phone,
    /// Whether a tablet lies on the sofa that everybody uses.
    pub(super) tablet: bool,
}

impl Household {
    /// Where they live at an instant.
    pub(super) fn home(&self, at_ms: i64) -> &Address {
        match &self.next_home {
            Some((moved_ms, home)) if at_ms >= *moved_ms => home,
            _ => &self.home,
        }
    }

    /// When they move, milliseconds.
    pub(super) fn moves_ms(&self) -> Option<i64> {
        self.next_home.as_ref().map(|(moved_ms, _)| *moved_ms)
    }
}

/// All people and their households.
#[derive(Debug, Default)]
pub(super) struct Population {
    pub(super) people: Vec<Person>,
    pub(super) households: Vec<Household>,
}

impl Population {
    /// Exactly as many people as `spec` asks for.
    pub(super) fn new(spec: &WorldSpec) -> Self {
        let mut builder = Builder {
            spec,
            all: Self::default(),
            phones: PhoneBook::default(),
            emails: EmailBook::default(),
        };
        let names = names::all();
        let today = spec.now_ms.div_euclid(DAY_MS);
        while builder.all.people.len() < spec.customers {
            let nth = builder.all.households.len();
            let mut chance = Chance::of(&[spec.seed, Topic::HOUSEHOLD, wide(nth)]);
            let country = places::draw_country(&mut chance);
            let native = COUNTRIES.get(country).map_or(0, |country| country.culture);
            let sketches = Composer::new(&names, native, today).draw(&mut chance);
            builder.settle(country, sketches, &mut chance);
        }
        builder.all
    }
}

#[derive(Debug)]
struct Builder<'a> {
    spec: &'a WorldSpec,
    all: Population,
    phones: PhoneBook,
    emails: EmailBook,
}

impl Builder<'_> {
    fn settle(&mut self, country: usize, sketches: Vec<Sketch>, chance: &mut Chance) {
        let nth = self.all.households.len();
        let landline = chance.often(350);
        let household = Household {
            home: self.home(country, chance),
            next_home: chance.often(70).then(|| {
                let moved_ms = chance.between(self.spec.start_ms(), self.spec.now_ms);
                (moved_ms, places::draw(country, chance))
            }),
            landline: if landline { self.phones.take(country, chance) } else { Phone::default() },
            tablet: sketches.len() > 1 && chance.often(350),
        };
        let shared = match sketches.first() {
            Some(first) if sketches.len() > 1 && chance.often(160) => {
                self.emails.of_family(first.family, chance)
            }
            _ => String::new(),
        };
        let moved = household.next_home.is_some();
        self.all.households.push(household);
        for sketch in sketches {
            if self.all.people.len() < self.spec.customers {
                let mut person = self.person(country, sketch, &shared, chance);
                person.household = nth;
                if moved {
                    person.flags |= Flags::MOVED;
                }
                self.all.people.push(person);
            }
        }
    }

    /// A new home, or now and then one that others have just left.
    fn home(&self, country: usize, chance: &mut Chance) -> Address {
        let before = chance.index(self.all.households.len());
        match self.all.households.get(before) {
            Some(left) if left.next_home.is_some() && left.home.country == country => {
                left.home.clone()
            }
            _ => places::draw(country, chance),
        }
    }

    fn person(
        &mut self,
        country: usize,
        sketch: Sketch,
        shared: &str,
        chance: &mut Chance,
    ) -> Person {
        let (start_ms, now_ms) = (self.spec.start_ms(), self.spec.now_ms);
        let early = chance.often(550);
        let joined_ms = if early {
            start_ms - chance.between(DAY_MS, 1_500 * DAY_MS)
        } else {
            chance.between(start_ms, now_ms)
        };
        let year = civil(sketch.born).0;
        let mut person = Person {
            flags: sketch.flags.with(habits(chance)),
            wed_ms: chance.between(start_ms - 700 * DAY_MS, now_ms),
            stance: Stance::draw(joined_ms + chance.between(0, 9 * DAY_MS), now_ms, chance),
            joined_ms,
            ..Person::default()
        };
        let family = gendered(sketch.family, sketch.female);
        if !shared.is_empty() && chance.often(450) {
            shared.clone_into(&mut person.email);
            person.flags |= Flags::FAMILY_EMAIL;
        } else if chance.often(940) {
            person.email = self.emails.personal(sketch.given, &family, year, chance);
        }
        if chance.often(900) {
            person.phone = self.phone(country, &mut person.flags, chance);
        }
        if !sketch.spouse.is_empty() {
            person.flags |= Flags::RENAMED;
        }
        if sketch.family == "Null" {
            person.flags |= Flags::NULL_NAME;
        }
        if self.spec.canary.is_some() && self.all.people.len().is_multiple_of(100) {
            for flag in [Flags::CANARY, Flags::ACCOUNT, Flags::CARD, Flags::DESK, Flags::APP] {
                person.flags |= flag;
            }
        }
        if person.email.is_empty() && person.flags.has(Flags::ACCOUNT) {
            person.email = self.emails.personal(sketch.given, &family, year, chance);
        }
        if person.flags.has(Flags::SECOND_ACCOUNT) {
            person.second_email = self.emails.personal(sketch.given, &family, year, chance);
        }
        person.sketch = sketch;
        person
    }

    /// A number of their own, or one that somebody gave back.
    fn phone(&mut self, country: usize, flags: &mut Flags, chance: &mut Chance) -> Phone {
        let before = chance.below(wide(self.all.people.len()));
        if chance.often(15)
            && let Some(other) = self.all.people.get_mut(narrow(before))
            && other.phone.is_some()
        {
            other.flags |= Flags::RECYCLED_PHONE;
            *flags |= Flags::RECYCLED_PHONE;
            return other.phone;
        }
        self.phones.take(country, chance)
    }
}

/// Which of the shop's sources know a person, and how.
fn habits(chance: &mut Chance) -> Flags {
    let mut flags = Flags::default();
    let mut set = |flag: Flags, often: bool| {
        if often {
            flags |= flag;
        }
    };
    let account = chance.often(620);
    set(Flags::ACCOUNT, account);
    set(Flags::APP, account && chance.often(450));
    set(Flags::SECOND_ACCOUNT, account && chance.often(40));
    set(Flags::CARD, chance.often(520));
    set(Flags::DESK, chance.often(550));
    set(Flags::TWICE, chance.often(40));
    set(Flags::GPC, chance.often(60));
    set(Flags::FORGETS, chance.often(300));
    set(Flags::SKEWED, chance.often(60));
    flags
}
