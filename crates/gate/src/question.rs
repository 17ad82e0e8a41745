//! What can be asked, and by whom: each question is put into words in one place.

use crate::contract::Contract;
use crate::fold::Allowed;
use crate::gate::Gate;
use crate::outcome::Refusal;
use crate::permit::{Housemate, Permit, PersonUse, Repair, SubjectAccess, Use, UseKind};
use crate::rights::{Request, RequestKind, Step};
use crate::service::Caller;
use crate::subject::Subject;
use model::{Category, Grant, PersonId, Purpose, RecordId};

/// One question about one person.
pub(crate) struct Ask {
    pub(crate) service: String,
    pub(crate) authorised: bool,
    pub(crate) person: PersonId,
    pub(crate) grant: Grant,
    pub(crate) kind: UseKind,
    /// A quarantined item stands under no contract.
    pub(crate) item: bool,
    /// Of what the purpose opens, this only.
    pub(crate) only: Option<Category>,
    /// Who asks about themselves holds a session of this record, which must be the person's.
    pub(crate) own: Option<RecordId>,
}

/// The name under which customers stand in their own use logs.
pub const CUSTOMER: &str = "customer";

/// The name under which they stand in the use log of somebody they are thought to live with.
pub const HOUSEMATE: &str = "housemate";

impl Ask {
    fn of(caller: &Caller, person: PersonId, grant: &Grant, kind: UseKind) -> Self {
        Self {
            service: caller.name().to_owned(),
            authorised: caller.may(kind, grant.purpose),
            person,
            grant: grant.clone(),
            kind,
            item: false,
            only: None,
            own: None,
        }
    }

    /// A question about oneself, by whoever holds a session of a record.
    fn own(record: RecordId, person: PersonId, purpose: Purpose) -> Self {
        Self {
            service: CUSTOMER.to_owned(),
            authorised: true,
            person,
            grant: Grant::whole(purpose),
            kind: UseKind::SubjectAccess,
            item: false,
            only: None,
            own: Some(record),
        }
    }

    /// What the person allows, as far as it is for whoever asks to know.
    pub(crate) fn allowed<'a>(&self, contract: Option<&'a Contract>) -> Option<&'a Allowed> {
        let holds = |contract: &&Contract| {
            self.own.is_none_or(|record| contract.records.binary_search(&record).is_ok())
        };
        contract.filter(holds).map(|contract| &contract.allowed)
    }
}

impl Gate {
    /// Asks to use one person's data for one purpose. Returns only after the answer, yes or no, is
    /// durably in the ledger. Concurrent asks share one commit.
    ///
    /// # Errors
    ///
    /// Every [`Refusal`]; `LedgerUnavailable` when the answer could not be recorded.
    pub fn ask<U: PersonUse>(
        &self,
        caller: &Caller,
        person: PersonId,
        grant: &Grant,
    ) -> Result<Permit<U>, Refusal> {
        self.ask_as(person, Ask::of(caller, person, grant, U::KIND))
    }

    /// Asks to see one's own data. Whoever is there can ask about nobody else: the person must hold the
    /// record of the session when the use is recorded.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub fn ask_own(
        &self,
        subject: &Subject,
        person: PersonId,
    ) -> Result<Permit<SubjectAccess>, Refusal> {
        self.ask_as(person, Ask::own(subject.record(), person, Purpose::SubjectAccess))
    }

    /// Asks to see what one has agreed to: for a purpose that opens no data, and inside this room only.
    pub(crate) fn ask_for_mask(
        &self,
        record: RecordId,
        person: PersonId,
    ) -> Result<Permit<SubjectAccess>, Refusal> {
        self.ask_as(person, Ask::own(record, person, Purpose::Operations))
    }

    /// Asks to tell a customer who is there of somebody they live with, whom the room of people knows.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub fn ask_housemate(
        &self,
        _: &Subject,
        other: PersonId,
    ) -> Result<Permit<Housemate>, Refusal> {
        let ask = Ask {
            service: HOUSEMATE.to_owned(),
            authorised: true,
            person: other,
            grant: Grant::whole(Purpose::HouseholdLinking),
            kind: Housemate::KIND,
            item: false,
            only: Some(Category::Name),
            own: None,
        };
        self.ask_as(other, ask)
    }

    /// Asks to erase who asked for it, by a request that is verified and has waited long enough.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`]; `Stale` when the request may not be carried out.
    pub fn ask_requested(
        &self,
        request: &Request,
        person: PersonId,
    ) -> Result<Permit<SubjectAccess>, Refusal> {
        let erasure = request.kind == RequestKind::Erasure;
        if !erasure || request.may(Step::CarryOut, self.clock.now()).is_err() {
            return Err(Refusal::Stale);
        }
        self.ask_as(person, Ask::own(request.record, person, Purpose::SubjectAccess))
    }

    /// Asks to open one quarantined item in order to repair it.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub fn ask_item(&self, caller: &Caller, item: RecordId) -> Result<Permit<Repair>, Refusal> {
        let grant = Grant::whole(Purpose::Operations);
        let person = item.into();
        self.ask_as(person, Ask { item: true, ..Ask::of(caller, person, &grant, UseKind::Repair) })
    }
}
