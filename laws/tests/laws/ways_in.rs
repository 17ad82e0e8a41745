//! The ways in to the preference centre: whoever reads what is sent to an address comes in, and nobody
//! learns who has one; what was overheard, repeated, guessed or sent on does not open.

mod brand;
mod limits;
mod mail;
mod message;
mod pages;

use crate::centre::{Served, Visitor};
use laws::client::Answer;
use laws::house::Home;
use laws::post::PostOffice;
use laws::search::each_row;
use std::time::Duration;
use store::Store;

/// The cookie of a browser that asked.
const KNOCK: &str = "__Host-bonafide-knock";

/// The public address of the house, in letters.
const BASE: &str = "http://127.0.0.1:1";

/// A house that mails, over a store in memory, and its post office.
fn served(office: &PostOffice) -> (Served, Store) {
    let store = Store::memory();
    let dir = tempfile::tempdir().unwrap();
    let home = Home::configured(dir, Some(store.clone()), &office.configured(BASE));
    (Served::over(home), store)
}

/// The value of a cookie that an answer sets, as a browser sends it back.
fn cookie(answer: &Answer, name: &str) -> String {
    let set = answer.head.lines().filter_map(|line| line.split_once(": "));
    let mut set = set.filter(|(header, _)| header.eq_ignore_ascii_case("set-cookie"));
    let found = set.find(|(_, value)| value.starts_with(&format!("{name}=")));
    found.unwrap().1.split(';').next().unwrap().to_owned()
}

/// Asks for a link to an address, in a new browser; gives the browser's cookie.
fn asks(served: &mut Served, address: &str) -> String {
    let answer = served.form("/me/in/mail", "", &[("address", address)]);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/me/in?sent=1")));
    cookie(&answer, KNOCK)
}

/// Waits until the post has nothing to do now: nothing asked for, and no letter that is not waiting for its
/// time.
fn settled(served: &Served, store: &Store) {
    // A turn that another thread began may still be sending.
    while rows(store, "action.queue") > 0 || served.running.house.action.turn().unwrap().sent > 0 {}
    std::thread::sleep(Duration::from_millis(200));
}

fn rows(store: &Store, table: &str) -> usize {
    let mut count = 0;
    each_row(store, &mut |of, _| count += usize::from(of == table));
    count
}

/// Spends a link that a letter holds.
fn enters(served: &mut Served, link: &str) -> Answer {
    let secret = link.split_once("link=").unwrap().1.to_owned();
    served.form("/me/in", "", &[("link", &secret)])
}

fn visitor(answer: &Answer) -> Visitor {
    assert_eq!((answer.status, answer.header("location")), (303, Some("/me")));
    Visitor { cookie: cookie(answer, "__Host-bonafide-me"), token: String::new() }
}
