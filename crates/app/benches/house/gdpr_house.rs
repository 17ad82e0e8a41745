//! The side of `GDPRbench` that is ours: a real house in this process.

use super::gdpr::Hand;
use super::gdpr_mix::{Operation, PAGE};
use super::server::{CONFIG, DESK_KEY, READ_KEY};
use super::traffic::{FAMILY, GIVEN, pick};
use anyhow::{Context, Result, anyhow, bail};
use app::chance::{SystemClock, SystemRng};
use app::config::Config;
use collect::dialect::{IntakeHeaders, IntakePath, read_body};
use collect::{Source, Turned};
use gate::{Caller, Manner, Method, Refusal, Signal, SubjectAccess, View};
use model::{Clock, Grant, IdentifierKind, PersonId, Purpose, Sensitive};
use people::PeopleError;
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// Customers of a request while records are made.
const FILL: usize = 250;

/// How often something is asked again when the customer changed under it.
const ATTEMPTS_MAX: usize = 16;

/// Lines of evidence that a customer is shown.
const SIGNALS_MAX: usize = 500;

pub(super) struct House {
    rooms: app::house::House,
    source: Arc<Source>,
    /// Messages sent so far: each has an id of its own.
    sent: AtomicU64,
    _dir: TempDir,
}

/// A thread that uses it.
pub(super) struct OurHand<'a> {
    house: &'a House,
    /// Serves customers.
    concierge: Caller,
    /// Answers customers about their own data.
    desk: Caller,
}

impl House {
    pub(super) fn open() -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("bonafide-bench-").tempdir()?;
        let mut config = Config::parse(&format!("[store]\nengine = \"embedded\"\n{CONFIG}"))?;
        config.server.data_dir = dir.path().join("data");
        let house = app::house::House::open(&config, Arc::new(SystemClock), Arc::new(SystemRng))?;
        let source = house.intake.sources().get("web").context("no source")?;
        Ok(Self { rooms: house, source, sent: AtomicU64::new(0), _dir: dir })
    }

    pub(super) fn fill(&self, records: u64) -> Result<()> {
        let all: Vec<u64> = (0..records).collect();
        for some in all.chunks(FILL) {
            self.send(&some.iter().map(|who| self.newcomer(*who)).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    pub(super) fn hand(&self) -> Result<OurHand<'_>> {
        let caller = |key: &str| {
            let caller = self.rooms.services.authenticate(&Sensitive::new(key.to_owned()));
            caller.context("an unknown key")
        };
        Ok(OurHand { house: self, concierge: caller(READ_KEY)?, desk: caller(DESK_KEY)? })
    }

    pub(super) fn close(self) -> Result<()> {
        self.rooms.close()
    }

    fn newcomer(&self, who: u64) -> Value {
        let yes = !who.is_multiple_of(3);
        let consent = json!({ "categoryPreferences": {
            "functional": true, "analytics": yes, "personalisation": yes, "marketing": yes,
            "advertising": false, "sharing": false,
        } });
        let mut event = self.says(who, pick(&FAMILY, who / 16));
        if let Some(event) = event.as_object_mut() {
            event.insert("context".to_owned(), json!({ "consent": consent }));
        }
        event
    }

    /// A customer says who they are.
    fn says(&self, who: u64, family: &str) -> Value {
        let message = self.sent.fetch_add(1, Ordering::Relaxed);
        let given = pick(&GIVEN, who);
        json!({
            "type": "identify",
            "messageId": format!("gdpr-{message:020}"),
            "timestamp": collect::time::write(SystemClock.now()).unwrap_or_default(),
            "userId": format!("u{who}"),
            "traits": {
                "email": format!("{given}.{who}@mail.example"),
                "firstName": given,
                "lastName": family,
                "plan": "member",
            },
        })
    }

    /// Sends events, and waits until they are on disk.
    fn send(&self, events: &[Value]) -> Result<()> {
        let body = json!({ "batch": events }).to_string();
        let headers = IntakeHeaders::read(None, std::iter::empty());
        loop {
            let read =
                read_body(body.as_bytes(), &headers, &IntakePath::Batch, &self.source.limits);
            let read = read.map_err(|_| anyhow!("an unreadable request"))?;
            let (reply, replied) = mpsc::channel();
            let waiting = Box::new(move |verdicts| drop(reply.send(verdicts)));
            match self.rooms.intake.take(&self.source, "/v1/batch", read.items, waiting) {
                Ok(()) => {
                    replied.recv()?.map_err(anyhow::Error::msg)?;
                    return Ok(());
                }
                Err(Turned::Overloaded { .. }) => thread::sleep(Duration::from_millis(1)),
                Err(turned) => bail!("turned away: {turned:?}"),
            }
        }
    }

    fn find(&self, who: u64) -> Result<Option<PersonId>> {
        let account = format!("u{who}");
        let blind = self.rooms.intake.identifier(IdentifierKind::UserId, &account);
        let found = self.rooms.people.lookup(blind.context("no account")?)?;
        Ok(found.first().copied())
    }
}

/// Whether something is to be asked again, or its customer is gone.
fn again(error: &PeopleError) -> bool {
    error.is_conflict() || matches!(error, PeopleError::Refused(Refusal::Stale))
}

const fn gone(error: &PeopleError) -> bool {
    matches!(error, PeopleError::Unknown | PeopleError::Refused(Refusal::UnknownPerson))
}

impl OurHand<'_> {
    /// Does something to a person until it is done, or nobody is there.
    fn until_done(
        &self,
        who: u64,
        act: impl Fn(PersonId) -> Result<(), PeopleError>,
    ) -> Result<bool> {
        for _ in 0..ATTEMPTS_MAX {
            let Some(person) = self.house.find(who)? else { return Ok(false) };
            match act(person) {
                Ok(()) => return Ok(true),
                Err(error) if again(&error) => {}
                Err(error) if gone(&error) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        bail!("changed {ATTEMPTS_MAX} times")
    }

    fn own(&self, person: PersonId) -> Result<gate::Permit<SubjectAccess>, PeopleError> {
        let grant = Grant::whole(Purpose::SubjectAccess);
        Ok(self.house.rooms.gate.ask::<SubjectAccess>(&self.desk, person, &grant)?)
    }

    fn read_metadata(&self, person: PersonId) -> Result<(), PeopleError> {
        let gate = &self.house.rooms.gate;
        let permit = self.own(person)?;
        let view = self.house.rooms.people.view()?;
        let opening = gate.spend(permit, &view)?;
        black_box(gate.contracts(&view, &[person])?);
        black_box(gate.signals_of(&view, opening.records(), SIGNALS_MAX)?);
        Ok(())
    }

    fn read_by_purpose(&self, after: u64) -> Result<bool> {
        let house = &self.house.rooms;
        let grant = Grant::whole(Purpose::Personalisation);
        let mut place = [0; 16];
        for (byte, of) in
            place.iter_mut().zip(after.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes())
        {
            *byte = of;
        }
        let after = Some(PersonId(place));
        let permit = house.gate.ask_page::<View>(&self.concierge, &grant, after, PAGE)?;
        let trust = |source| house.intake.trust(source);
        let page = house.people.cohort_profiles(&permit, after, PAGE, &trust)?;
        Ok(!black_box(page).is_empty())
    }
}

impl Hand for OurHand<'_> {
    fn carry_out(&mut self, operation: &Operation) -> Result<bool> {
        let (house, people) = (&self.house.rooms, &self.house.rooms.people);
        let trust = |source| house.intake.trust(source);
        match *operation {
            Operation::Create(who) => {
                self.house.send(&[self.house.newcomer(who)])?;
                Ok(true)
            }
            Operation::ReadByKey(who) => self.until_done(who, |person| {
                let grant = Grant::whole(Purpose::ServiceProvision);
                let permit = house.gate.ask::<View>(&self.concierge, person, &grant)?;
                people.profile(permit, &trust).map(|profile| drop(black_box(profile)))
            }),
            Operation::ReadByPurpose(after) => self.read_by_purpose(after),
            Operation::ReadOwn(who) => self.until_done(who, |person| {
                let permit = self.own(person)?;
                people.profile(permit, &trust).map(|profile| drop(black_box(profile)))
            }),
            Operation::ReadMetadata(who) => {
                self.until_done(who, |person| self.read_metadata(person))
            }
            Operation::UpdateData(who) => {
                if self.house.find(who)?.is_none() {
                    return Ok(false);
                }
                self.house.send(&[self.house.says(who, "Married")])?;
                Ok(true)
            }
            Operation::UpdateMetadata(who, purpose, allowed) => {
                let bit = house.gate.grants().bit(&purpose.parse()?).context("no such grant")?;
                let at = SystemClock.now();
                let signal = Signal::here(bit, allowed, at);
                self.until_done(who, |person| {
                    people.say(&self.desk, person, &[signal], Manner::by(Method::Api))
                })
            }
            Operation::Delete(who) => self.until_done(who, |person| {
                people.erase(self.own(person)?).map(|erased| drop(black_box(erased)))
            }),
        }
    }
}
