//! What a service puts into a message: links that are good for the contract and for refusing only. Asking
//! for them is asking to contact the person, for the purpose of the message.

use crate::answer::Answer;
use crate::asked::Asked;
use crate::edge::Server;
use crate::problem::{Code, Problem, unavailable};
use action::unsubscribe_headers;
use gate::{Caller, Contact, TICKET_MS, TicketFor};
use model::RecordId;
use schemars::JsonSchema;
use serde::Serialize;

/// What one message to one person carries.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MessageLinks")]
pub(crate) struct MessageBody {
    /// The ledger entry of this contact.
    entry: u64,
    /// Where the person sees what is agreed, and may refuse: below the public address.
    contract: String,
    /// Where the person, or a mail program, refuses this purpose: below the public address.
    unsubscribe: String,
    /// The headers by which a mail program refuses with one click (RFC 8058), where `mail.base_url` says
    /// what the public address is. Sign both with DKIM.
    headers: Vec<HeaderBody>,
}

/// One header.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Header")]
struct HeaderBody {
    /// Its name.
    name: &'static str,
    /// Its value.
    value: String,
}

/// The links of one message to one person who allows its purpose.
#[expect(clippy::disallowed_methods, reason = "the answer to who may write to this person")]
pub(crate) fn links(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let (gate, grant) = (&server.edge.gate, asked.grant()?);
    let person = server.locate(asked.person()?)?;
    let permit = server.ask::<Contact>(caller, person, grant);
    let permit = permit.map_err(|refusal| server.refused(refusal, grant))?;
    let entry = permit.entry();
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let opening = gate.spend(permit, &view)?;
    let ticket = |good_for| {
        let ticket = gate.ticket(&opening, RecordId::from(person), good_for, TICKET_MS);
        let ticket = ticket.map_err(|error| unavailable("making a ticket", &error))?;
        ticket.ok_or_else(|| Problem::new(Code::UnknownPerson, "nobody is there any more"))
    };
    let unknown = || Problem::new(Code::UnknownGrant, "no such grant");
    let bit = gate.grants().bit(grant).ok_or_else(unknown)?;
    let (refusal, contract) = (ticket(TicketFor::Refusal(bit))?, ticket(TicketFor::Contract)?);
    let base = server.edge.action.base_url();
    let headers = base.into_iter().flat_map(|base| unsubscribe_headers(base, &refusal));
    let body = MessageBody {
        entry,
        contract: format!("/me/in?message={}", contract.reveal()),
        headers: headers.map(|(name, value)| HeaderBody { name, value }).collect(),
        unsubscribe: format!("/me/unsubscribe/{}", refusal.reveal()),
    };
    Ok(Answer::json(&body))
}
