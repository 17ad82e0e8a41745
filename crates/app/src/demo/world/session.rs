//! One visit as it happens: who sits at which device, with which clock, and what is sent when.

use super::calendar::{DAY_MS, HOUR_MS, MINUTE_MS};
use super::chance::{Chance, hex, wide};
use super::consent::{Choices, Stance};
use super::flags::Flags;
use super::places::COUNTRIES;
use super::plan::{Errand, Visit};
use super::population::{Household, Person};
use super::shop::{BROWSERS, REFERRERS};
use super::wire::{Event, Lane};
use super::{Topic, World, broken, browse, counter};
use std::cmp::Ordering;

/// One message on its way.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) arrives_ms: i64,
    /// Breaks ties of arrival by the order of making.
    pub(super) serial: u64,
    pub(super) lane: Lane,
    /// How far the clock of the device is ahead, milliseconds.
    pub(super) skew_ms: i64,
    pub(super) json: String,
    /// The records it touches.
    pub(super) labels: Vec<Label>,
}

impl Ord for Message {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.arrives_ms, self.serial).cmp(&(other.arrives_ms, other.serial))
    }
}

impl PartialOrd for Message {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Message {}

/// The truth about one record.
#[derive(Clone, Debug)]
pub(super) struct Label {
    /// `user`, `anonymous` or `row`.
    pub(super) kind: &'static str,
    /// The source's own id.
    pub(super) key: String,
    /// Whose it is; a stranger's is numbered by the visit.
    pub(super) person: Result<usize, u64>,
    pub(super) flags: Flags,
}

/// A visit in progress.
#[derive(Debug)]
pub(super) struct Session<'w> {
    pub(super) world: &'w World,
    pub(super) person: &'w Person,
    pub(super) household: &'w Household,
    pub(super) nth: usize,
    pub(super) errand: Errand,
    pub(super) chance: Chance,
    pub(super) lane: Lane,
    /// True time, milliseconds.
    pub(super) at_ms: i64,
    pub(super) skew_ms: i64,
    pub(super) anonymous: String,
    pub(super) user: String,
    pub(super) agent: &'static str,
    pub(super) referrer: &'static str,
    pub(super) store: &'static str,
    pub(super) choices: Option<Choices>,
    labels: Vec<Label>,
    ip: String,
    start_ms: i64,
}

/// Adds exactly as many messages to `out` as the visit has steps.
pub(super) fn play(world: &World, visit: &Visit, out: &mut Vec<Message>) {
    let Some((person, household)) = world.person(visit.person) else { return };
    let chance = Chance::of(&[world.spec.seed, Topic::VISIT, visit.number]);
    let mut session = Session {
        world,
        person,
        household,
        nth: visit.person,
        errand: visit.errand,
        chance,
        lane: Lane::Web,
        at_ms: visit.start_ms,
        skew_ms: 0,
        anonymous: String::new(),
        user: String::new(),
        agent: "",
        referrer: "",
        store: "",
        choices: person.stance.at(visit.start_ms),
        labels: Vec::new(),
        ip: String::with_capacity(28),
        start_ms: visit.start_ms,
    };
    session.sit_down(visit.number);
    for step in 0..visit.steps {
        if step > 0 && session.chance.often(11) {
            session.repeat(out);
        } else if session.chance.often(3) {
            let json = broken::event(&mut session);
            session.send(out, json);
        } else {
            match visit.errand {
                Errand::Browse | Errand::Pass | Errand::Letter | Errand::Kiosk | Errand::App => {
                    browse::step(&mut session, step, out);
                }
                Errand::Till => counter::sale(&mut session, step, out),
                Errand::Card => counter::card(&mut session, out),
                Errand::Choice => counter::choice(&mut session, out),
            }
        }
        session.at_ms += session.chance.between(2_500, 95_000);
    }
}

impl Session<'_> {
    /// Chooses the device and all that follows from it.
    fn sit_down(&mut self, visit: u64) {
        let seed = self.world.spec.seed;
        let nth = wide(self.nth);
        let home = wide(self.person.household);
        let mut flags = self.person.flags;
        self.lane = match self.errand {
            Errand::App => Lane::App,
            Errand::Till => Lane::Till,
            Errand::Card => Lane::Card,
            Errand::Browse | Errand::Letter | Errand::Choice if flags.has(Flags::GPC) => {
                Lane::WebPrivate
            }
            Errand::Browse | Errand::Letter | Errand::Choice | Errand::Pass | Errand::Kiosk => {
                Lane::Web
            }
        };
        // What the id of a device is made of: kind, owner, which one, and which cookie.
        let mut device = [seed, Topic::DEVICE, 0, nth, 0, 0];
        let cookie = self.at_ms.div_euclid(120 * DAY_MS).unsigned_abs();
        let second = u64::from(self.chance.often(250));
        let tablet = self.household.tablet && self.chance.often(300);
        let [_, _, kind, owner, which, life] = &mut device;
        match self.errand {
            Errand::Pass => (*kind, *owner) = (1, visit),
            Errand::Kiosk => {
                (*kind, *owner) = (2, self.chance.below(12));
                flags |= Flags::SHARED_DEVICE.with(Flags::KIOSK);
                self.store = super::places::store(*owner);
            }
            Errand::App => *kind = 3,
            Errand::Browse | Errand::Letter | Errand::Choice if tablet => {
                (*kind, *owner) = (4, home);
                flags |= Flags::SHARED_DEVICE;
            }
            Errand::Browse | Errand::Letter | Errand::Choice | Errand::Till | Errand::Card => {
                *which = second;
                *life = if flags.has(Flags::FORGETS) { cookie } else { 0 };
            }
        }
        let mut own = Chance::of(&device);
        self.anonymous = own.uuid();
        self.agent = if self.errand == Errand::App {
            own.pick(&["iOS", "Android"])
        } else {
            own.pick(&BROWSERS)
        };
        if flags.has(Flags::SKEWED) && !flags.has(Flags::SHARED_DEVICE) {
            self.skew_ms = match own.below(20) {
                0 => -56 * 365 * DAY_MS,
                1 => 400 * DAY_MS,
                2..10 => own.between(2 * MINUTE_MS, 26 * HOUR_MS),
                _ => -own.between(2 * MINUTE_MS, 26 * HOUR_MS),
            };
        }
        self.referrer = self.chance.pick(&REFERRERS);
        self.ip.push_str("2001:db8:");
        hex(&mut self.ip, Chance::of(&[seed, Topic::DEVICE, 9, home]).draw(), 4);
        self.ip.push_str("::1");
        self.know(visit, flags);
    }

    /// Sets what the software behind the device knows before anybody says anything.
    fn know(&mut self, visit: u64, flags: Flags) {
        let stranger = self.errand == Errand::Pass;
        if stranger {
            self.choices = Stance::passing(&mut self.chance);
            self.skew_ms = 0;
            self.lane = Lane::Web;
        } else {
            self.anonymous = self.world.marked(self.person, std::mem::take(&mut self.anonymous));
        }
        match self.lane {
            Lane::Till | Lane::Card => {
                self.anonymous.clear();
                self.skew_ms = 0;
            }
            Lane::Web | Lane::WebPrivate | Lane::App => {
                let person = if stranger { Err(visit) } else { Ok(self.nth) };
                let flags = if stranger { Flags::STRANGER } else { flags };
                let shows = Flags::GPC.with(Flags::SKEWED).with(Flags::CANARY);
                let shared = Flags::SHARED_DEVICE.with(Flags::KIOSK).with(Flags::STRANGER);
                let flags = flags.only(shows.with(shared));
                let key = self.anonymous.clone();
                self.labels.push(Label { kind: "anonymous", key, person, flags });
            }
        }
    }

    /// Notes that from now on the messages also touch this record.
    pub(super) fn label(&mut self, kind: &'static str, key: &str, flags: Flags) {
        if !self.labels.iter().any(|label| label.kind == kind && label.key == key) {
            self.labels.push(Label { kind, key: key.to_owned(), person: Ok(self.nth), flags });
        }
    }

    /// Language of the device.
    pub(super) fn locale(&self) -> &'static str {
        COUNTRIES.get(self.household.home(self.at_ms).country).map_or("en-GB", |place| place.locale)
    }

    /// By the clock of the device, milliseconds.
    pub(super) fn shown_ms(&self) -> i64 {
        self.at_ms + self.skew_ms
    }

    /// A message id as the software of the source makes them.
    pub(super) fn message_id(&mut self) -> String {
        match self.lane {
            Lane::Web | Lane::WebPrivate => {
                format!("ajs-next-{}-{}", self.shown_ms().max(0), self.chance.uuid())
            }
            Lane::App | Lane::Till => self.chance.uuid(),
            Lane::Card => self.chance.nanoid(),
        }
    }

    /// Writes and sends an event; the session adds who, where and when.
    pub(super) fn say(&mut self, out: &mut Vec<Message>, event: &Event<'_>) {
        let message_id = self.message_id();
        let json = Event {
            kind: event.kind,
            name: event.name,
            properties: event.properties,
            traits: event.traits,
            url: event.url,
            at_ms: self.shown_ms(),
            message_id: &message_id,
            anonymous: &self.anonymous,
            user: &self.user,
            referrer: self.referrer,
            agent: self.agent,
            locale: self.locale(),
            ip: &self.ip,
            store: self.store,
            choices: self.choices,
        }
        .written(self.lane);
        self.send(out, json);
    }

    /// Sends what is written; most arrives within seconds, some much later.
    fn send(&mut self, out: &mut Vec<Message>, json: String) {
        let delay_ms = match (self.lane, self.chance.below(1_000)) {
            (Lane::App, 0..50) => self.chance.between(HOUR_MS, 3 * DAY_MS),
            (Lane::App, 50..53) => self.chance.between(3 * DAY_MS, 20 * DAY_MS),
            (Lane::Web | Lane::WebPrivate, 0..6) => self.chance.between(MINUTE_MS, 20 * MINUTE_MS),
            (Lane::Till, 0..40) => self.chance.between(HOUR_MS, 12 * HOUR_MS),
            _ => self.chance.between(40, 9_000),
        };
        let latest_ms = self.world.spec.now_ms.max(self.start_ms);
        out.push(Message {
            arrives_ms: (self.at_ms + delay_ms).min(latest_ms),
            serial: 0,
            lane: self.lane,
            skew_ms: self.skew_ms,
            json,
            labels: self.labels.clone(),
        });
    }

    /// Sends the last message again, as clients do that missed the answer.
    fn repeat(&mut self, out: &mut Vec<Message>) {
        if let Some(mut again) = out.last().cloned() {
            let latest_ms = self.world.spec.now_ms.max(self.start_ms);
            let later_ms = self.chance.between(200, 10 * MINUTE_MS);
            again.arrives_ms = (again.arrives_ms + later_ms).min(latest_ms);
            out.push(again);
        }
    }
}
