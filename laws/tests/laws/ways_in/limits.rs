//! How often one may ask and guess.

use super::{BASE, asks, served, settled, visitor};
use action::{Asked, limits};
use gate::{CODE_TRIES_MAX, Language};
use laws::house::{Home, NOW_MS};
use laws::post::PostOffice;
use model::{Blind, Sensitive};

const ADA: &str = "ada@post.example";
const HOUR_MS: i64 = 60 * 60_000;

#[test]
fn an_address_is_written_to_so_often_and_no_more() {
    let office = PostOffice::opened();
    let (mut served, store) = served(&office);
    for _ in 0..limits::ASKS_PER_HOUR_MAX + 3 {
        asks(&mut served, ADA);
        settled(&served, &store);
    }
    assert_eq!(office.letters().len(), limits::ASKS_PER_HOUR_MAX);
    for _ in 0..12 {
        served.waits(HOUR_MS + 1);
        for _ in 0..limits::ASKS_PER_HOUR_MAX {
            asks(&mut served, ADA);
            settled(&served, &store);
        }
    }
    assert_eq!(office.letters().len(), limits::ASKS_PER_DAY_MAX);
    served.waits(24 * HOUR_MS);
    asks(&mut served, ADA);
    settled(&served, &store);
    assert_eq!(office.letters().len(), limits::ASKS_PER_DAY_MAX + 1);
}

#[test]
fn one_browser_asks_for_so_many_addresses_and_no_more() {
    let office = PostOffice::opened();
    let (mut served, store) = served(&office);
    let mut held = String::new();
    for turn in 0..limits::ASKS_PER_BROWSER_MAX {
        let address = format!("nobody-{turn}@post.example");
        let answer = served.form("/me/in/mail", &held, &[("address", &address)]);
        held = super::cookie(&answer, super::KNOCK);
    }
    let answer = served.form("/me/in/mail", &held, &[("address", ADA)]);
    assert_eq!(answer.status, 303, "and is not told so");
    settled(&served, &store);
    assert_eq!(office.letters(), []);
    asks(&mut served, ADA);
    office.arrived(ADA, 1);
}

#[test]
fn who_guesses_codes_is_shut_out_for_longer_each_time() {
    let office = PostOffice::opened();
    let (mut served, store) = served(&office);
    let browser = asks(&mut served, ADA);
    let code = office.arrived(ADA, 1).remove(0).code();
    for _ in 0..CODE_TRIES_MAX {
        let wrong = if code == "00000000" { "00000001" } else { "00000000" };
        assert_eq!(served.form("/me/in/code", &browser, &[("code", wrong)]).status, 401);
    }
    assert_eq!(served.form("/me/in/code", &browser, &[("code", &code)]).status, 401);
    office.emptied();
    served.waits(14 * 60_000);
    asks(&mut served, ADA);
    settled(&served, &store);
    assert_eq!(office.letters(), [], "the address is closed");
    served.waits(2 * 60_000);
    let browser = asks(&mut served, ADA);
    let code = office.arrived(ADA, 1).remove(0).code();
    visitor(&served.form("/me/in/code", &browser, &[("code", &code)]));
    // Late is late.
    served.waits(HOUR_MS);
    office.emptied();
    let browser = asks(&mut served, ADA);
    let letter = office.arrived(ADA, 1).remove(0);
    served.waits(15 * 60_000);
    assert_eq!(served.form("/me/in/code", &browser, &[("code", &letter.code())]).status, 401);
    assert_eq!(super::enters(&mut served, &letter.link()).status, 401);
}

/// What was counted before a restart counts after it.
#[test]
fn limits_outlive_a_restart_and_are_forgotten_when_they_are_over() {
    let office = PostOffice::closed();
    let dir = tempfile::tempdir().unwrap();
    let about = Blind([7; 16]);
    let asks = |home: &Home| {
        let nobody = Sensitive::new(String::new());
        home.house.action.ask(about, &nobody, Language::En).unwrap()
    };
    let home = Home::configured(dir, None, &office.configured(BASE));
    let busy = (0..limits::ASKS_PER_MINUTE_MAX).filter(|_| matches!(asks(&home), Asked::Busy));
    assert_eq!(busy.count(), 0);
    assert!(matches!(asks(&home), Asked::Busy));
    let Home { house, dir, .. } = home;
    house.close().unwrap();
    let home = Home::configured(dir, None, &office.configured(BASE));
    assert!(matches!(asks(&home), Asked::Busy), "in the same minute");
    let queued = super::rows(&home.house.store, "action.queue");
    assert_eq!(queued, limits::ASKS_PER_HOUR_MAX);
    home.clock.set(NOW_MS + 60_000);
    assert!(matches!(asks(&home), Asked::Taken(_)));
    assert_eq!(super::rows(&home.house.store, "action.queue"), queued);
    home.clock.set(NOW_MS + 49 * HOUR_MS);
    assert!(home.house.action.sweep().unwrap() > 0);
    for table in ["action.asks", "gate.knocks"] {
        assert_eq!(super::rows(&home.house.store, table), 0, "{table}");
    }
}
