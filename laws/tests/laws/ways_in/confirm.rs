//! A yes that the law of a place wants confirmed counts when whoever reads the address says that it was
//! meant, and not before.

use super::served;
use laws::brand::{batch, event};
use laws::client::Client;
use laws::house::{PRIVACY, WEB};
use laws::post::PostOffice;
use serde_json::json;

#[test]
fn a_yes_to_mail_counts_once_it_was_confirmed_by_mail() {
    let office = PostOffice::opened();
    let (mut served, store) = served(&office);
    let ada = served.comes_in("ada");
    let more = json!({ "userId": "user-ada", "traits": { "address": { "country": "DE" } } });
    let moved = event("identify", "moved", "2026-11-21T10:00:00Z", &more);
    Client::new(served.running.address).sent(WEB, &batch(&[moved]));
    let person = served.person("ada");
    let allowed = |served: &mut super::Served| {
        let path = format!("/api/people/{person}/contract");
        let contract = served.client.read(PRIVACY, "subject_access", &path).json();
        let grants = contract["grants"].as_array().unwrap().clone();
        let email = grants.into_iter().find(|grant| grant["grant"] == "marketing/email").unwrap();
        assert_eq!(email["double_opt_in"], true);
        email["allowed"] == true
    };
    served.says(&ada, "marketing/email", "yes");
    assert!(!allowed(&mut served));
    let letter = office.arrived("ada@post.example", 1).remove(0);
    let ticket = letter.link().split_once("ticket=").unwrap().1.to_owned();
    // Scanners may look as often as they like.
    for _ in 0..3 {
        let page = served.client.call("GET", &format!("/me/confirm?ticket={ticket}"), &[], b"");
        assert_eq!(page.unwrap().status, 200);
    }
    assert!(!allowed(&mut served));
    // A ticket that refuses, or a guess, confirms nothing.
    let shorter: String = ticket.chars().skip(1).collect();
    for guess in ["", "AAAA", &*shorter] {
        assert_eq!(served.form("/me/confirmed", "", &[("ticket", guess)]).status, 401);
    }
    assert_eq!(served.form("/me/confirmed", "", &[("ticket", &ticket)]).status, 200);
    assert!(allowed(&mut served));
    // A no afterwards is not undone by pressing the button of an old letter again.
    served.says(&ada, "marketing/email", "no");
    assert_eq!(served.form("/me/confirmed", "", &[("ticket", &ticket)]).status, 401);
    assert!(!allowed(&mut served));
    super::settled(&served, &store);
    assert_eq!(office.letters().len(), 1, "a no asks nobody");
}
