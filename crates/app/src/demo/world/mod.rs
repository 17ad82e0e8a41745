//! A believable brand to try the house with: the customers of Hollin & Reed, home goods, and all
//! they do at its five sources, made from a seed. Everybody here is invented.
//!
//! It is pure: the same [`WorldSpec`] gives the same bytes. Emails, phone numbers and network
//! addresses come from ranges that reach nobody. What is difficult about real customers is here on
//! purpose: families at one address, twins, juniors, shared devices, clerks' slips, wrong clocks,
//! repeated and late messages, consent given, refused, withdrawn and never asked for.

mod batches;
mod broken;
mod browse;
mod calendar;
mod chance;
mod consent;
mod counter;
mod emails;
mod entry;
mod family;
mod file;
mod flags;
mod heroine;
mod json;
mod labelled;
mod names;
mod phones;
mod places;
mod plan;
mod population;
mod session;
mod shop;
mod stream;
#[cfg(test)]
mod tests;
mod wire;

pub use batches::{Batch, Batches};
pub use heroine::{Heroine, Step};
pub use wire::Dialect;

use chance::{Chance, hex, wide};
use flags::Flags;
use population::{Household, Person, Population};

/// What decides a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldSpec {
    /// Another seed is another world.
    pub seed: u64,
    /// How many customers, at least one.
    pub customers: usize,
    /// How many events all sources send together, repeats and broken ones included.
    pub events: usize,
    /// Where time ends, milliseconds since the Unix epoch.
    pub now_ms: i64,
    /// How many days before `now_ms` the first event happens, at least one.
    pub days: u32,
    /// A marker put into every kind of personal field of one customer in a hundred, so that a test
    /// can look for it where it must not be. ASCII letters and digits survive every parser.
    pub canary: Option<String>,
}

impl WorldSpec {
    /// Where the time of the world begins, milliseconds.
    fn start_ms(&self) -> i64 {
        self.now_ms - i64::from(self.days.max(1)) * calendar::DAY_MS
    }
}

/// Twenty thousand customers and two hundred thousand events in the year before 2026-11-24.
impl Default for WorldSpec {
    fn default() -> Self {
        Self {
            seed: 1,
            customers: 20_000,
            events: 200_000,
            now_ms: 1_795_478_400_000,
            days: 365,
            canary: None,
        }
    }
}

/// The shop with everybody it knows.
#[derive(Debug)]
pub struct World {
    spec: WorldSpec,
    population: Population,
}

/// What a stream of chance is for, so that no two share one.
struct Topic;

impl Topic {
    const HOUSEHOLD: u64 = 1;
    const ENTRY: u64 = 2;
    const DEVICE: u64 = 3;
    const VISIT: u64 = 4;
    const PLAN: u64 = 5;
    const USER: u64 = 6;
    const FILE: u64 = 7;
    const HEROINE: u64 = 8;
}

impl World {
    /// Makes everybody; about half a kilobyte a customer.
    pub fn new(mut spec: WorldSpec) -> Self {
        spec.customers = spec.customers.max(1);
        let population = Population::new(&spec);
        Self { spec, population }
    }

    /// What decided this world.
    pub const fn spec(&self) -> &WorldSpec {
        &self.spec
    }

    fn person(&self, nth: usize) -> Option<(&Person, &Household)> {
        let person = self.population.people.get(nth)?;
        Some((person, self.population.households.get(person.household)?))
    }

    /// The marker, when this person carries it.
    fn canary(&self, person: &Person) -> Option<&str> {
        self.spec.canary.as_deref().filter(|_| person.flags.has(Flags::CANARY))
    }

    fn marked(&self, person: &Person, mut text: String) -> String {
        if let Some(canary) = self.canary(person) {
            text.push('-');
            text.push_str(canary);
        }
        text
    }

    /// The id of a person's first or second account at the web shop.
    fn user_id(&self, nth: usize, person: &Person, second: bool) -> String {
        let parts = [self.spec.seed, Topic::USER, wide(nth), u64::from(second)];
        let mut text = String::from("u_");
        hex(&mut text, Chance::of(&parts).draw(), 14);
        self.marked(person, text)
    }

    /// The number of a person's loyalty card: eleven digits, all different.
    fn card(&self, nth: usize, person: &Person) -> String {
        // The stride has no factor in common with the range: no number comes twice.
        let number = (wide(nth) * 6_180_339_889 + self.spec.seed % 1_000_003) % 10_000_000_000;
        self.marked(person, format!("6{number:010}"))
    }

    /// The key of a person's row in the file of the customer-relations desk.
    fn customer_no(&self, nth: usize, person: &Person, twin: bool) -> String {
        self.marked(person, format!("C{:09}", self.row_number(nth, twin)))
    }

    fn row_number(&self, nth: usize, twin: bool) -> u64 {
        let row = wide(nth) * 2 + u64::from(twin);
        (row * 381_966_011 + self.spec.seed % 100_003) % 1_000_000_000
    }
}
