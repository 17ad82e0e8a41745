//! Who comes when, and for what: a short line for each visit, so that a year fits in memory.

use super::calendar::{DAY_MS, HOUR_MS};
use super::chance::{Chance, narrow, wide};
use super::flags::Flags;
use super::{Topic, World};

/// What somebody comes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// A customer on the web, known or not yet.
    Browse,
    /// A visitor who never says who it is.
    Pass,
    /// A session in the app.
    App,
    /// Buying, or bringing back, in a store.
    Till,
    /// Following a link of the newsletter.
    Letter,
    /// The kiosk of a store.
    Kiosk,
    /// The loyalty desk writes a row.
    Card,
    /// Answering, or changing the answer, about consent.
    Choice,
}

/// One visit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// When it begins, milliseconds.
    pub(super) start_ms: i64,
    /// Who comes.
    pub(super) person: usize,
    pub(super) errand: Errand,
    /// How many messages it sends.
    pub(super) steps: usize,
    /// Which visit it is, in the order of planning.
    pub(super) number: u64,
}

/// Every visit of the world by its start; together they send as many messages as were asked for.
pub(super) fn plan(world: &World) -> Vec<Visit> {
    let spec = &world.spec;
    let mut planner = Planner {
        world,
        chance: Chance::of(&[spec.seed, Topic::PLAN]),
        visits: Vec::with_capacity(spec.events / 4),
        left: spec.events,
    };
    planner.appointments();
    planner.walk_ins();
    planner.visits.sort_by_key(|visit| (visit.start_ms, visit.number));
    planner.visits
}

#[derive(Debug)]
struct Planner<'w> {
    world: &'w World,
    chance: Chance,
    visits: Vec<Visit>,
    left: usize,
}

impl Planner<'_> {
    fn add(&mut self, errand: Errand, person: usize, start_ms: i64, steps: usize) {
        let steps = steps.min(self.left);
        if steps > 0 {
            let number = wide(self.visits.len());
            self.left -= steps;
            self.visits.push(Visit { start_ms, person, errand, steps, number });
        }
    }

    /// What happens once: cards, moves, answers. At most a third of all, so that a small world
    /// with many people still has visits.
    fn appointments(&mut self) {
        let (start_ms, now_ms) = (self.world.spec.start_ms(), self.world.spec.now_ms);
        let mut due = Vec::new();
        for (nth, person) in self.world.population.people.iter().enumerate() {
            let household = self.world.population.households.get(person.household);
            if person.flags.has(Flags::CARD) {
                let refreshed = self.chance.between(start_ms, now_ms);
                let joined = person.joined_ms;
                due.push((Errand::Card, nth, if joined < start_ms { refreshed } else { joined }));
                if let Some(moved_ms) = household.and_then(super::Household::moves_ms) {
                    due.push((Errand::Card, nth, moved_ms + 3 * DAY_MS));
                }
            }
            if person.flags.has(Flags::ACCOUNT) && person.stance.speaks() {
                if self.chance.often(450) {
                    due.push((Errand::Choice, nth, person.stance.asked_ms));
                }
                due.push((Errand::Choice, nth, person.stance.changed_ms));
            }
        }
        due.retain(|(_, _, at_ms)| (start_ms..now_ms).contains(at_ms));
        for last in (1..due.len()).rev() {
            due.swap(last, self.chance.index(last + 1));
        }
        due.truncate(self.world.spec.events / 3);
        for (errand, nth, at_ms) in due {
            self.add(errand, nth, at_ms, 1);
        }
    }

    fn walk_ins(&mut self) {
        const ERRANDS: [(Errand, u64, usize, usize); 6] = [
            (Errand::Browse, 44, 3, 12),
            (Errand::Pass, 14, 1, 5),
            (Errand::App, 19, 3, 10),
            (Errand::Till, 16, 1, 3),
            (Errand::Letter, 5, 2, 5),
            (Errand::Kiosk, 2, 2, 5),
        ];
        let weights = ERRANDS.map(|(_, weight, _, _)| weight);
        while self.left > 0 {
            let which = self.chance.weighted(&weights);
            let Some((mut errand, _, least, most)) = ERRANDS.get(which).copied() else { return };
            let mut person = self.anybody();
            if errand == Errand::App {
                let six = [(); 6].map(|()| self.anybody());
                match six.into_iter().find(|nth| self.uses_app(*nth)) {
                    Some(user) => person = user,
                    None => errand = Errand::Browse,
                }
            }
            let steps = least + self.chance.index(most - least);
            let start_ms = self.hour_of_shopping();
            self.add(errand, person, start_ms, steps);
        }
    }

    /// Some come often, many seldom: two draws, the lower rank wins; ranks are scattered so that
    /// neighbours in the list are not alike.
    fn anybody(&mut self) -> usize {
        let people = wide(self.world.population.people.len());
        let rank = self.chance.below(people).min(self.chance.below(people));
        narrow(rank.wrapping_mul(1_000_003) % people)
    }

    fn uses_app(&self, nth: usize) -> bool {
        let person = self.world.population.people.get(nth);
        person.is_some_and(|person| person.flags.has(Flags::APP))
    }

    /// More in the evening and none in the last hours, so that every visit ends before the world.
    fn hour_of_shopping(&mut self) -> i64 {
        const BY_HOUR: [u64; 24] =
            [4, 2, 1, 1, 1, 2, 5, 9, 12, 14, 15, 16, 18, 16, 15, 15, 17, 20, 23, 27, 30, 27, 18, 9];
        let (start_ms, now_ms) = (self.world.spec.start_ms(), self.world.spec.now_ms);
        let day_ms = self.chance.between(start_ms, now_ms).div_euclid(DAY_MS) * DAY_MS;
        let hour = i64::try_from(self.chance.weighted(&BY_HOUR)).unwrap_or_default();
        let at_ms = day_ms + hour * HOUR_MS + self.chance.between(0, HOUR_MS);
        at_ms.clamp(start_ms, now_ms - 2 * HOUR_MS)
    }
}
