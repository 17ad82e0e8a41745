//! Turns of the post: whose the addresses are that were asked for, and the letters that are due.
//!
//! A letter is claimed before it is sent, so that two servers do not send it both; whoever dies between the
//! mail server's yes and the end of the row lets it be sent once more, with the same name.

use crate::letter::{Letter, Says};
use crate::limits::{
    ANSWERS_MAX, CONFIRM_MS, LETTERS_MAX, NOT_ME_MS, NOTICE_MS, NOTICES_MAX, WAITING_MAX,
};
use crate::mail::Failure;
use crate::outbox::{ASKS_OF, MailRow, OUTBOX, QUEUE, What, due, has_room};
use crate::{Action, ActionError, Mail};
use gate::{Contact, Language, Opening, Refusal, TicketFor};
use model::{Bit, Grant, PersonId, Purpose, RecordId, Timestamp};
use people::{Address, PeopleError};
use std::collections::BTreeSet;
use store::{Batch, StoreError};

/// What a turn came to. Counts only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Letters that the mail server took.
    pub sent: usize,
    /// Letters that were too late, tried too often, or for nobody any more.
    pub dropped: usize,
    /// Letters that are tried again.
    pub failed: usize,
}

/// One letter that is being sent.
struct Due {
    record: RecordId,
    name: [u8; 16],
    row: MailRow,
}

/// What is to be said to whom, and to whom else.
struct Written {
    says: Says,
    to: Address,
    language: Language,
    /// The other addresses that are told about it.
    notices: Vec<MailRow>,
}

impl Action {
    /// One turn: answers asks, and sends what is due. Blocks while the mail server answers.
    ///
    /// # Errors
    ///
    /// What the store or the gate says. What the mail server says is not an error: the letters wait.
    pub fn turn(&self) -> Result<Turn, ActionError> {
        let Some(mail) = &self.parts.mail else { return Ok(Turn::default()) };
        self.answer()?;
        let mut turn = Turn::default();
        let now = self.parts.gate.now();
        let due = due(&self.parts.store.read()?, now, WAITING_MAX)?;
        for (record, name, row) in due.into_iter().take(LETTERS_MAX) {
            let over = row.value.is_over(now);
            let claimed = row.value.claimed(now);
            let mut batch = Batch::default();
            batch.check(&OUTBOX, &record, &name, Some(row.version));
            if over {
                batch.delete(&OUTBOX, &record, &name);
            } else {
                batch.put(&OUTBOX, &record, &name, &claimed);
            }
            match self.parts.store.commit(batch) {
                Ok(()) => {}
                // Another server has it, or it was erased.
                Err(StoreError::Conflict) => continue,
                Err(error) => return Err(error.into()),
            }
            if over {
                turn.dropped += 1;
                continue;
            }
            let due = Due { record, name, row: claimed };
            match self.send(mail, &due)? {
                Ok(()) => turn.sent += 1,
                Err(Failure::Never) => turn.dropped += 1,
                Err(Failure::Later) => turn.failed += 1,
                Err(Failure::Server) => {
                    turn.failed += 1;
                    break;
                }
            }
        }
        Ok(turn)
    }

    /// Looks whose the addresses are that were asked for. An ask for nobody's ends here.
    fn answer(&self) -> Result<(), ActionError> {
        let (store, now) = (&self.parts.store, self.parts.gate.now());
        let queued = store.read()?.range(&QUEUE, &(), None, ANSWERS_MAX)?;
        for ((at, knock), row) in queued {
            let mut batch = Batch::default();
            batch.check(&QUEUE, &(), &(at, knock), Some(row.version));
            batch.delete(&QUEUE, &(), &(at, knock));
            let (about, ends) = (row.value.about, row.value.ends);
            let bearer = self.parts.people.bearer(about, &*self.parts.trusted)?;
            if let Some(record) = bearer.filter(|_| now < ends)
                && has_room(&store.read()?, record)?
            {
                let letter = MailRow::new(What::SignIn(about), row.value.language, now, ends);
                batch.put(&OUTBOX, &record, &knock, &letter);
                batch.put(&ASKS_OF, &record, &about, &());
            }
            match store.commit(batch) {
                // Another server has answered it.
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn send(&self, mail: &Mail, due: &Due) -> Result<Result<(), Failure>, ActionError> {
        let Due { record, name, row } = due;
        let now = self.parts.gate.now();
        let written = match self.write(mail, due) {
            Ok(written) => written,
            // Erased or moved meanwhile: there is nobody to write to, or it is tried again.
            Err(ActionError::People(
                PeopleError::Unknown
                | PeopleError::Refused(Refusal::UnknownPerson | Refusal::NotGranted(_)),
            )) => None,
            Err(ActionError::People(PeopleError::Refused(Refusal::Stale))) => {
                return Ok(Err(Failure::Later));
            }
            Err(error) => return Err(error),
        };
        let Some(Written { says, to, language, notices }) = written else {
            self.end(*record, *name, &[])?;
            return Ok(Err(Failure::Never));
        };
        let notice = &*self.parts.notice;
        let letter = Letter { mail, notice, language, name: *name, at: row.made, says };
        let sent = letter.to(&to.address).map_or(Err(Failure::Never), |letter| {
            // What is late is not sent, however long it took to write.
            if now < row.ends { mail.send(&letter) } else { Err(Failure::Never) }
        });
        match sent {
            Ok(()) => self.end(*record, *name, &notices)?,
            Err(Failure::Never) => self.end(*record, *name, &[])?,
            Err(Failure::Later | Failure::Server) => {}
        }
        Ok(sent)
    }

    /// Opens the addresses and writes the letter; nothing when there is nobody to write to.
    fn write(&self, mail: &Mail, due: &Due) -> Result<Option<Written>, ActionError> {
        let (gate, people) = (&self.parts.gate, &self.parts.people);
        let person = people.locate(PersonId::from(due.record))?;
        // Letters are answers to the customer: they go out while the data may only be kept, too.
        let grant = Grant::whole(Purpose::SubjectAccess);
        let permit = gate.ask::<Contact>(&self.parts.caller, person, &grant)?;
        let (opening, addresses) = people.addresses(permit)?;
        if opening.records().binary_search(&due.record).is_err() {
            return Ok(None);
        }
        match due.row.what {
            What::SignIn(about) => self.sign_in(mail, due, &opening, addresses, about),
            What::Notice(about) => {
                let to = addresses.into_iter().find(|address| address.blind == about);
                let ticket = gate.ticket(&opening, due.record, TicketFor::NotMe, NOT_ME_MS)?;
                let (Some(to), Some(not_me)) = (to, ticket) else { return Ok(None) };
                let language = due.row.language;
                Ok(Some(Written { says: Says::Notice { not_me }, to, language, notices: vec![] }))
            }
            What::Confirmation(bit) => {
                let good_for = TicketFor::Confirmation(bit);
                let ticket = gate.ticket(&opening, due.record, good_for, CONFIRM_MS)?;
                let (Some(to), Some(ticket)) = (addresses.into_iter().next(), ticket) else {
                    return Ok(None);
                };
                let language = due.row.language;
                Ok(Some(Written { says: Says::Confirm { ticket }, to, language, notices: vec![] }))
            }
            What::Receipt(entry) => {
                let text = (self.parts.receipts)(opening.records(), entry);
                let (Some(to), Some(text)) = (addresses.into_iter().next(), text) else {
                    return Ok(None);
                };
                let language = due.row.language;
                Ok(Some(Written { says: Says::Receipt { text }, to, language, notices: vec![] }))
            }
        }
    }

    fn sign_in(
        &self,
        mail: &Mail,
        due: &Due,
        opening: &Opening<Contact>,
        addresses: Vec<Address>,
        about: model::Blind,
    ) -> Result<Option<Written>, ActionError> {
        let now = self.parts.gate.now();
        let (asked, mut others): (Vec<_>, Vec<_>) =
            addresses.into_iter().partition(|address| address.blind == about);
        let mut told = BTreeSet::new();
        others.retain(|address| told.insert(address.blind));
        // The address must still be what the record says that led here.
        let to = asked.into_iter().find(|address| address.record == due.record);
        let Some(to) = to else { return Ok(None) };
        let answered = self.parts.gate.answer_knock(opening, due.record, due.name)?;
        let Some(answered) = answered else { return Ok(None) };
        // Whoever asked chose the language of their own letter, but not of the others'.
        let notice = |address: &Address| {
            let what = What::Notice(address.blind);
            MailRow::new(what, mail.language(), now, now.plus_ms(NOTICE_MS))
        };
        let notices = others.iter().take(NOTICES_MAX).map(notice).collect();
        let says = Says::SignIn { link: answered.link, code: answered.code };
        Ok(Some(Written { says, to, language: due.row.language, notices }))
    }

    /// Ends a letter, and lets others follow it.
    fn end(
        &self,
        record: RecordId,
        name: [u8; 16],
        notices: &[MailRow],
    ) -> Result<(), ActionError> {
        let mut batch = Batch::default();
        batch.delete(&OUTBOX, &record, &name);
        for notice in notices {
            batch.put(&OUTBOX, &record, &self.new_name(), notice);
        }
        Ok(self.parts.store.commit(batch)?)
    }

    /// Puts a receipt into the outbox, for the address that the person said last.
    ///
    /// # Errors
    ///
    /// [`ActionError::Off`] when no letters are sent or too many wait; what the store says.
    pub fn mail_receipt(
        &self,
        record: RecordId,
        entry: u64,
        language: Language,
    ) -> Result<(), ActionError> {
        self.post(record, What::Receipt(entry), language)
    }

    /// Asks a customer who said yes to a grant whether they meant it, at the address that was said last.
    ///
    /// # Errors
    ///
    /// As [`Self::mail_receipt`].
    pub fn mail_confirmation(
        &self,
        record: RecordId,
        bit: Bit,
        language: Language,
    ) -> Result<(), ActionError> {
        self.post(record, What::Confirmation(bit), language)
    }

    fn post(&self, record: RecordId, what: What, language: Language) -> Result<(), ActionError> {
        let now: Timestamp = self.parts.gate.now();
        if !self.mails() || !has_room(&self.parts.store.read()?, record)? {
            return Err(ActionError::Off);
        }
        let letter = MailRow::new(what, language, now, now.plus_ms(NOTICE_MS));
        let mut batch = Batch::default();
        batch.put(&OUTBOX, &record, &self.new_name(), &letter);
        Ok(self.parts.store.commit(batch)?)
    }

    fn new_name(&self) -> [u8; 16] {
        let mut name = [0; 16];
        self.parts.rng.fill(&mut name);
        name
    }
}
