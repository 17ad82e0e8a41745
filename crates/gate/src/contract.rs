//! What a person has agreed to: signals on records, folded to one mask.
//!
//! A [`Register`] is the fold of one record's signals; a person's [`Contract`] is the fold of its
//! records' [`Grounds`]. Both folds are joins (commutative, associative, idempotent), so neither the
//! order of arrival nor repetition matters, and unmerging is folding again.

use crate::fold::Allowed;
use crate::wishes::Wishes;
use model::{Bit, Jurisdiction, PersonId, RecordId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Table;

/// Contracts by person.
pub(crate) const CONTRACTS: Table<PersonId, (), Contract> = store::table!("contracts", 2);

/// How a signal reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A consent object on an event.
    Event,
    /// The reserved event that says preferences were changed.
    PreferenceEvent,
    /// The `Sec-GPC: 1` header.
    Gpc,
    /// A column of an imported file.
    Import,
    /// The API, by a service.
    Api,
    /// The customer, in the preference centre.
    PreferenceCentre,
    /// The customer, through a message that asked whether they meant it.
    Confirmation,
    /// Whoever has a message: by its link, or a mail program by one click (RFC 8058).
    OneClick,
}

/// Who said something, and where, which decides what can take it back.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// The customer, to a page's consent tool, which repeats it with every event from wherever that page
    /// keeps it.
    #[default]
    Page,
    /// The customer, to this house itself: in the preference centre or through the API.
    House,
    /// Whoever holds parental responsibility for a child, through the API.
    Guardian,
}

/// How sure it is that the customer said it. Later ones are surer.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Somebody did, on a device.
    #[default]
    Anonymous,
    /// The customer was signed in.
    SignedIn,
    /// The customer was signed in, and said it again through the contact point it is about.
    Confirmed,
}

/// One thing a customer said, on one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signal {
    /// About which grant.
    pub bit: Bit,
    /// Yes or no.
    pub allowed: bool,
    /// When it was said (not when it arrived).
    pub at: Timestamp,
    /// How sure it is.
    pub standing: Standing,
    /// Who said it, and where.
    pub voice: Voice,
}

/// The fold of one record's signals: of each grant the latest yes and the latest no of each voice and
/// standing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register(Vec<Signal>);

impl Register {
    /// Whether nothing was ever said.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was last said about each grant, by bit and voice.
    pub fn signals(&self) -> &[Signal] {
        &self.0
    }

    /// What holds about a grant: of the customer, either the noes that stand or the yeses said after all
    /// of them; and the same of a guardian. The later one holds, at one instant the no; but no page can
    /// repeat away a no that was said to this house.
    pub fn of(&self, bit: Bit) -> impl Iterator<Item = &Signal> + Clone {
        let from = self.0.partition_point(|signal| signal.bit < bit);
        let rest = self.0.get(from..).unwrap_or_default();
        let to = rest.partition_point(|signal| signal.bit == bit);
        let said = rest.get(..to).unwrap_or_default();
        let last = |voice, allowed| {
            let of = said.iter().filter(move |at| at.voice == voice && at.allowed == allowed);
            of.map(|signal| signal.at).max()
        };
        let own = Holds::own(
            (last(Voice::House, true), last(Voice::House, false)),
            (last(Voice::Page, true), last(Voice::Page, false)),
        );
        let guardian = (last(Voice::Guardian, true), last(Voice::Guardian, false));
        let guardian = Holds { allows: guardian.0 > guardian.1, last_no: guardian.1, stands: None };
        said.iter().filter(move |signal| match signal.voice {
            Voice::Guardian => guardian.has(signal),
            Voice::Page | Voice::House => own.has(signal),
        })
    }

    /// Whether a yes was said to this house signed in, that nothing has taken back and nobody has confirmed.
    pub fn awaits(&self, bit: Bit) -> bool {
        let mut standing = self.of(bit).filter(|signal| signal.voice == Voice::House).peekable();
        standing.peek().is_some()
            && standing
                .clone()
                .all(|signal| signal.allowed && signal.standing < Standing::Confirmed)
            && standing.any(|signal| signal.standing == Standing::SignedIn)
    }

    /// Takes a signal in. Gives whether its voice says something else now, or is surer of a yes than it
    /// was, which is when the evidence is worth a row of its own.
    pub fn take(&mut self, signal: Signal) -> bool {
        let before = self.verdict(&signal);
        match self.0.binary_search_by_key(&signal.place(), Signal::place) {
            Err(place) => self.0.insert(place, signal),
            Ok(place) => {
                if let Some(known) = self.0.get_mut(place) {
                    known.at = known.at.max(signal.at);
                }
            }
        }
        self.verdict(&signal) != before
    }

    /// The last word of a signal's voice about its grant, and the surest yes there was.
    fn verdict(&self, like: &Signal) -> Option<(bool, Standing)> {
        let said = self.0.iter().filter(|at| at.bit == like.bit && at.voice == like.voice);
        let last = said.clone().map(|signal| (signal.at, !signal.allowed)).max()?;
        let yes = said.filter(|signal| signal.allowed).map(|signal| signal.standing).max();
        Some((!last.1, yes.unwrap_or_default()))
    }
}

/// What holds of one who speaks.
#[derive(Clone, Copy)]
struct Holds {
    allows: bool,
    /// The last no, which yeses have to come after.
    last_no: Option<Timestamp>,
    /// The voice whose no stands, where it is only one.
    stands: Option<Voice>,
}

impl Holds {
    /// Of the customer, by the last yes and no said here, and on a page.
    fn own(
        here: (Option<Timestamp>, Option<Timestamp>),
        page: (Option<Timestamp>, Option<Timestamp>),
    ) -> Self {
        let no_here = here.1.is_some() && here.1 >= here.0;
        let no_on_page = page.1.is_some() && page.1 >= page.0;
        let allows = !no_here && here.0.max(page.0.filter(|_| !no_on_page)) > page.1;
        let stands = match (no_here, no_on_page) {
            (true, false) => Some(Voice::House),
            (false, true) => Some(Voice::Page),
            (true, true) | (false, false) => None,
        };
        Self { allows, last_no: here.1.max(page.1), stands }
    }

    fn has(&self, signal: &Signal) -> bool {
        if self.allows {
            signal.allowed && Some(signal.at) > self.last_no
        } else {
            !signal.allowed && self.stands.is_none_or(|voice| voice == signal.voice)
        }
    }
}

impl Signal {
    /// Said to this house by a customer who is signed in.
    pub const fn here(bit: Bit, allowed: bool, at: Timestamp) -> Self {
        Self { bit, allowed, at, standing: Standing::SignedIn, voice: Voice::House }
    }

    /// Its place in a register.
    const fn place(&self) -> (Bit, Voice, bool, Standing) {
        (self.bit, self.voice, self.allowed, self.standing)
    }
}

/// Something said at a time: the latest holds, at one instant the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dated<T> {
    /// When it was said.
    pub at: Timestamp,
    /// What was said.
    pub value: T,
}

/// What one record says that decides what may be done with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// What was said about grants.
    pub register: Register,
    /// Under whose law its source's customers live when nothing else is said.
    pub source: Jurisdiction,
    /// Where the customer lives, as an address says.
    pub lives: Option<Dated<Option<Jurisdiction>>>,
    /// The customer's age in whole years on the day it was said; nothing for an adult.
    pub age: Option<Dated<Option<u8>>>,
    /// Whether the customer wants it kept only (GDPR Art. 18), and since when.
    pub restricted: Option<Dated<bool>>,
    /// How the customer wants to be written to.
    pub wishes: Option<Dated<Wishes>>,
}

impl Grounds {
    /// Of a record that has said nothing yet.
    pub fn new(source: Jurisdiction) -> Self {
        let register = Register::default();
        Self { register, source, lives: None, age: None, restricted: None, wishes: None }
    }

    /// Under whose law the customer is, as far as this record knows.
    pub fn place(&self) -> Jurisdiction {
        self.lives.and_then(|lives| lives.value).unwrap_or(self.source)
    }

    /// Takes in where the customer lives; gives whether that is another place than before.
    pub fn take_place(&mut self, lives: Dated<Option<Jurisdiction>>) -> bool {
        let before = self.place();
        self.lives = self.lives.max(Some(lives));
        self.place() != before
    }

    /// Takes in how old the customer is; gives whether that says anything new.
    pub fn take_age(&mut self, age: Dated<Option<u8>>) -> bool {
        let before = self.minor();
        self.age = self.age.max(Some(age));
        self.minor() != before
    }

    /// Takes in that a restriction begins or ends; gives whether that says anything new.
    pub fn take_restriction(&mut self, restricted: Dated<bool>) -> bool {
        let before = self.restricted_since();
        self.restricted = self.restricted.max(Some(restricted));
        self.restricted_since() != before
    }

    /// Since when it may only be kept, if so.
    pub fn restricted_since(&self) -> Option<Timestamp> {
        self.restricted.filter(|restricted| restricted.value).map(|restricted| restricted.at)
    }

    /// Takes in how the customer wants to be written to.
    pub fn take_wishes(&mut self, wishes: Dated<Wishes>) {
        self.wishes = self.wishes.take().max(Some(wishes));
    }

    /// How old a child was, and when.
    pub fn minor(&self) -> Option<Dated<u8>> {
        self.age.and_then(|age| Some(Dated { at: age.at, value: age.value? }))
    }
}

/// A person's records and what they together allow. Kept by the gate so that a permit's reach
/// comes from the gate's own table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// What is allowed, and when.
    pub allowed: Allowed,
    /// Under whose law the person is: the places its records know, ascending.
    pub places: Vec<Jurisdiction>,
    /// Whether a record says that it is a child's, or was when that was said.
    pub minor: bool,
    /// Since when the person's data may only be kept (GDPR Art. 18), while that is so.
    pub restricted: Option<Timestamp>,
    /// How the person wants to be written to, as was said last.
    pub wishes: Wishes,
    /// The person's records, ascending.
    pub records: Vec<RecordId>,
    /// The person's number in cohort bitmaps.
    pub ordinal: u32,
}
