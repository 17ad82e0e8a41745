//! Permits are minted by the gate alone: what tries to forge one does not compile, and one from
//! another gate opens nothing.

use gate::View;
use laws::brand::{batch, customer, play};
use laws::house::{Home, NEWSLETTER, NOW_MS};
use model::{Grant, IdentifierKind, Purpose};

/// Each file in `forgery/` must fail to compile, for the reason written in its `.stderr`.
#[test]
fn permits_cannot_be_forged() {
    trybuild::TestCases::new().compile_fail("tests/forgery/*.rs");
}

fn home_of_ada() -> Home {
    let home = Home::memory();
    let body = batch(&[customer("ada", Some(true))]);
    let sent = laws::brand::Sent { source: "web", gpc: false, received_ms: NOW_MS, body };
    play(&home.house, &home.clock, &[sent], 1);
    home
}

/// A gate over a throw-away store says yes to everything; its permits open nothing here.
#[test]
#[should_panic(expected = "a permit minted by another gate")]
fn a_permit_from_another_gate_opens_nothing() {
    let (home, sandbox) = (home_of_ada(), home_of_ada());
    let ada = sandbox.find(IdentifierKind::Email, "ada@post.example")[0];
    let grant = Grant::whole(Purpose::Marketing);
    let permit = sandbox.house.gate.ask::<View>(&sandbox.caller(NEWSLETTER), ada, &grant).unwrap();
    drop(home.house.people.profile(permit, &|_| 0));
}
