//! One customer's story, told over HTTP step by step: what is asked, what is answered, and what to
//! notice. An answer that is not as the story goes ends the demo with an error, so the story is a
//! test as well.

use super::answers::{Erased, Problem, Profile, Taken, Uses};
use super::brand::{self, key};
use super::proof;
use super::tell::Voice;
use super::world::{Heroine, Step};
use crate::chance::SystemClock;
use crate::load::{Connection, Request, Response};
use anyhow::{Context, Result, bail};
use model::Clock;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::net::SocketAddr;

/// Values of a profile that are shown.
const VALUES_SHOWN: usize = 6;

/// Lines of the use log that are shown.
const USES_SHOWN: usize = 12;

/// When the events of a step happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// When they are dated, some days ago.
    AsDated,
    /// Just now: without a `sentAt` moved to now, the server takes the client's clock to be behind.
    Now,
}

/// Who tells, and to whom it happens.
struct Teller<'a> {
    voice: Voice,
    connection: Connection,
    heroine: &'a Heroine,
    told: usize,
}

/// Tells the story. What it leaves behind is that nobody remembers her.
///
/// # Errors
///
/// When the server does not answer as the story goes.
pub(super) fn tell(heroine: &Heroine, address: SocketAddr, voice: Voice) -> Result<()> {
    voice
        .headline(&format!("One customer's story: {} {}", heroine.given_name, heroine.family_name));
    let mut teller = Teller { voice, connection: Connection::new(address), heroine, told: 0 };
    let [visit, look, sign_in, buy, allow, withdraw] = heroine.steps.as_slice() else {
        bail!("the story has {} steps instead of six", heroine.steps.len());
    };
    let person = teller.arrives(visit, look)?;
    teller.signs_in(sign_in, &person)?;
    teller.shows_her_card(buy, &person)?;
    teller.is_asked_about(&person)?;
    teller.allows(allow, &person)?;
    teller.withdraws(withdraw, &person)?;
    teller.reads_her_log(&person)?;
    teller.is_forgotten(&person)?;
    teller.title("whoever wants may check the ledger");
    proof::check(&mut teller.connection, voice)
}

impl Teller<'_> {
    fn title(&mut self, title: &str) {
        self.told += 1;
        self.voice.line(&format!("\n  {}. {title}", self.told));
    }

    /// Sends a request, shows it, and insists on the status.
    fn ask<A: DeserializeOwned>(
        &mut self,
        request: &Request,
        shown: &str,
        status: u16,
    ) -> Result<A> {
        let answer: Response = self.connection.send(request)?;
        self.voice.exchange(shown, answer.status);
        if answer.status != status {
            bail!("{shown} was answered {}, not {status}: {}", answer.status, answer.text());
        }
        serde_json::from_slice(&answer.body)
            .with_context(|| format!("{shown}: the answer is not as documented"))
    }

    fn sends(&mut self, step: &Step, when: When) -> Result<()> {
        let body = match when {
            When::AsDated => brand::sent_at(&step.body, SystemClock.now()),
            When::Now => step.body.clone(),
        };
        let request = brand::request(step.source, step.dialect, false, body);
        let events = if step.events == 1 { "event" } else { "events" };
        let shown = format!("POST /v1/batch   {} sends {} {events}", step.source, step.events);
        let taken: Taken = self.ask(&request, &shown, 200)?;
        match taken.events.first() {
            None => Ok(()),
            Some(event) => bail!("{shown}: not all were stored but {}", event.status),
        }
    }

    /// Reads as a service for a purpose.
    fn reads<A: DeserializeOwned>(
        &mut self,
        path: &str,
        of: (&str, &str),
        status: u16,
    ) -> Result<A> {
        let (key, purpose) = of;
        let request = named(Request::get(path), key, purpose);
        self.ask(&request, &format!("GET {}   for {purpose}", short(path)), status)
    }

    fn looks_up<A: DeserializeOwned>(&mut self, kind: &str, value: &str, status: u16) -> Result<A> {
        let body = json!({ "type": kind, "value": value }).to_string();
        let request = Request::post("/api/people/lookup", body);
        let request = named(request, key::CONCIERGE, "service_provision");
        let shown = format!("POST /api/people/lookup {kind}   for service_provision");
        self.ask(&request, &shown, status)
    }

    fn arrives(&mut self, visit: &Step, look: &Step) -> Result<String> {
        self.title("somebody visits the web shop and looks around");
        self.sends(visit, When::AsDated)?;
        self.sends(look, When::AsDated)?;
        let profile: Profile = self.looks_up("anonymous_id", self.heroine.anonymous_id, 200)?;
        self.voice.detail(&format!("person {}", profile.person));
        self.shows_records(&profile);
        self.voice.notice(
            "Nobody knows who it is: a person without a name is a person. The id in the answer is \
             a keyed hash; the cookie itself is stored nowhere in the clear.",
        );
        Ok(profile.person)
    }

    fn signs_in(&mut self, sign_in: &Step, person: &str) -> Result<()> {
        self.title("she signs in");
        self.sends(sign_in, When::AsDated)?;
        let profile: Profile =
            self.reads(&of(person), (key::CONCIERGE, "service_provision"), 200)?;
        self.shows_records(&profile);
        self.shows_values(&profile);
        let account = profile.records.iter().find(|record| record.kind == "user");
        let account = account.context("her account is no record of hers")?;
        let redirected: Profile =
            self.reads(&of(&account.id), (key::CONCIERGE, "service_provision"), 200)?;
        same(&redirected.person, person)?;
        self.voice.notice(
            "The visitor and the account are one person, and it kept the visitor's id: her \
             history came along. The account's own id leads there too. This was so when the \
             server said 200.",
        );
        Ok(())
    }

    fn shows_her_card(&mut self, buy: &Step, person: &str) -> Result<()> {
        self.title("she buys a throw in London, with her loyalty card");
        self.sends(buy, When::AsDated)?;
        let profile: Profile = self.looks_up("loyalty", self.heroine.loyalty_number, 200)?;
        same(&profile.person, person)?;
        self.shows_records(&profile);
        self.voice.notice(
            "The till knows a card and an email, the shop an account and the same email: a third \
             record, the same person. Each fact stays on the record it came on, so the link can be \
             cut again without losing anything.",
        );
        Ok(())
    }

    fn is_asked_about(&mut self, person: &str) -> Result<()> {
        self.title("the newsletter wants to write to her");
        let problem: Problem = self.reads(&of(person), (key::NEWSLETTER, "marketing"), 403)?;
        self.voice.detail(&format!("missing grant: {}", problem.grant));
        self.voice.detail(&format!("remedy: {}", problem.remedy));
        self.voice.notice(
            "She allowed analytics and personalisation, not marketing. Nothing was read. The \
             refusal names the grant and stands in her log and in the ledger.",
        );
        Ok(())
    }

    fn allows(&mut self, allow: &Step, person: &str) -> Result<()> {
        self.title("she changes her preferences: newsletters, yes");
        self.sends(allow, When::Now)?;
        let profile: Profile = self.reads(&of(person), (key::NEWSLETTER, "marketing"), 200)?;
        self.shows_values(&profile);
        self.voice.detail(&format!(
            "{} values stay sealed; ledger entry {}",
            profile.sealed, profile.entry
        ));
        self.voice.notice(
            "Marketing opens names, contact, purchases and preferences, each with the source it is \
             from. Her birth date and her address are not what it is for. The entry was on \
             disk before the first value was opened.",
        );
        Ok(())
    }

    fn withdraws(&mut self, withdraw: &Step, person: &str) -> Result<()> {
        self.title("she thinks better of it");
        self.sends(withdraw, When::Now)?;
        let problem: Problem = self.reads(&of(person), (key::NEWSLETTER, "marketing"), 403)?;
        self.voice.detail(&format!("missing grant: {}", problem.grant));
        self.voice.notice("The withdrawal was acknowledged, so the next use obeys it.");
        Ok(())
    }

    fn reads_her_log(&mut self, person: &str) -> Result<()> {
        self.title("she asks what was done with her data");
        let path = format!("{}/uses", of(person));
        let log: Uses = self.reads(&path, (key::PRIVACY_DESK, "subject_access"), 200)?;
        for line in log.uses.iter().take(USES_SHOWN) {
            self.voice.detail(&format!(
                "entry {:>7}  {:<14} {:<18} {}",
                line.entry, line.service, line.purpose, line.outcome
            ));
        }
        let outcomes =
            |outcome: &str| log.uses.iter().filter(|line| line.outcome == outcome).count();
        if outcomes("not_granted") < 2 || outcomes("permitted") < 4 {
            bail!("her log does not list what was done and what was refused");
        }
        self.voice.notice(
            "Every look and every refusal of this story, newest first, with who, why and the entry \
             of the ledger that commits to it. That she looked is in it as well.",
        );
        Ok(())
    }

    fn is_forgotten(&mut self, person: &str) -> Result<()> {
        self.title("she asks to be forgotten");
        let path = format!("/api/subjects/{person}");
        let request = Request::delete(&path).header("Authorization", bearer(key::PRIVACY_DESK));
        let erased: Erased = self.ask(&request, &format!("DELETE {}", short(&path)), 200)?;
        self.voice.detail(&format!(
            "{} records, {} rows and every key of theirs; ledger entry {}",
            erased.records, erased.rows, erased.entry
        ));
        for (kind, value) in
            [("email", self.heroine.email), ("loyalty", self.heroine.loyalty_number)]
        {
            let _: Problem = self.looks_up(kind, value, 404)?;
        }
        self.voice.notice(
            "Her keys are destroyed and those beside them renewed, so a backup from before cannot \
             bring her back. What the ledger says of her nobody can connect with her any more.",
        );
        Ok(())
    }

    fn shows_records(&self, profile: &Profile) {
        for record in &profile.records {
            self.voice.detail(&format!(
                "record {}  {} {}, events: {}",
                record.id, record.source, record.kind, record.events
            ));
        }
    }

    fn shows_values(&self, profile: &Profile) {
        for said in profile.values.iter().take(VALUES_SHOWN) {
            self.voice.detail(&format!(
                "{:<16} {:<32} {} by {}",
                said.name, said.value, said.category, said.source
            ));
        }
        let more = profile.values.len().saturating_sub(VALUES_SHOWN);
        if more > 0 {
            self.voice.detail(&format!("and {more} more"));
        }
    }
}

fn bearer(key: &str) -> String {
    format!("Bearer {key}")
}

fn named(request: Request, key: &str, purpose: &str) -> Request {
    request.header("Authorization", bearer(key)).header("Bonafide-Purpose", purpose)
}

fn of(person: &str) -> String {
    format!("/api/people/{person}")
}

/// A path with its id shortened, for one line of a terminal.
fn short(path: &str) -> String {
    let steps = path.split('/').map(|step| match step.get(..8) {
        Some(start) if step.len() == 32 => format!("{start}…"),
        _ => step.to_owned(),
    });
    steps.collect::<Vec<_>>().join("/")
}

fn same(found: &str, person: &str) -> Result<()> {
    if found == person {
        return Ok(());
    }
    bail!("the records are of two people, {found} and {person}")
}
