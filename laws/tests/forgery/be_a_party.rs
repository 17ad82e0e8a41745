//! Nobody makes a ticket, or a party to a contract, but the gate.

use gate::{Party, Ticket, TicketFor};
use model::RecordId;

fn main() {
    drop(Party { record: RecordId([0; 16]), form_token: String::new() });
    drop(Ticket { record: RecordId([0; 16]), good_for: TicketFor::Contract });
}
