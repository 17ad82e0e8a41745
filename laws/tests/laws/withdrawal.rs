//! An acknowledged withdrawal is honoured by every later use.

use laws::brand::{batch, customer};
use laws::client::Client;
use laws::house::{Home, NEWSLETTER, PRIVACY, WEB};
use model::IdentifierKind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

const ROUNDS: usize = 25;
const READERS: usize = 4;

#[test]
fn after_a_withdrawal_is_acknowledged_no_read_succeeds() {
    let Home { house, dir: _dir, .. } = Home::memory();
    let running = app::command::start(house, "127.0.0.1:0").unwrap();
    for round in 0..laws::rounds(ROUNDS) {
        let name = format!("ada{round}");
        Client::new(running.address).sent(WEB, &batch(&[customer(&name, Some(true))]));
        let email = format!("{name}@post.example");
        let blind = running.house.intake.identifier(IdentifierKind::Email, &email).unwrap();
        let person = running.house.people.lookup(blind).unwrap()[0];
        let (withdrawn, done) = (AtomicBool::new(false), AtomicBool::new(false));
        let (before, after) = (AtomicUsize::new(0), AtomicUsize::new(0));
        // Noted and not asserted: a reader that panicked would be waited for without end.
        let wrong = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for reader in 0..READERS {
                let (withdrawn, done, before, after) = (&withdrawn, &done, &before, &after);
                let wrong = &wrong;
                let paths = [
                    format!("/api/people/{person}"),
                    format!("/api/people/{person}/timeline"),
                    "/api/people?limit=500".to_owned(),
                    format!("/api/people/lookup?type=email&value={name}%40post.example"),
                ];
                let (address, path) = (running.address, paths[reader % paths.len()].clone());
                let email = email.clone();
                scope.spawn(move || {
                    let mut client = Client::new(address);
                    while !done.load(Ordering::SeqCst) {
                        let late = withdrawn.load(Ordering::SeqCst);
                        let answer = client.read(NEWSLETTER, "marketing", &path);
                        let shown = answer.status == 200
                            && (!path.contains('?')
                                || path.contains("lookup")
                                || answer.text().contains(&email));
                        if late && shown {
                            wrong.lock().unwrap().push(path.clone());
                        }
                        let counter = if late { after } else { before };
                        counter.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            while before.load(Ordering::SeqCst) < READERS * 2 {
                thread::yield_now();
            }
            let path = format!("/api/contracts/{person}/signals");
            let no = r#"{"grant":"marketing","allowed":false,"signed_in":false}"#;
            let answer = Client::new(running.address).change(PRIVACY, "POST", &path, no);
            assert_eq!(answer.status, 200, "{}", answer.text());
            withdrawn.store(true, Ordering::SeqCst);
            while after.load(Ordering::SeqCst) < READERS * 4 {
                thread::yield_now();
            }
            done.store(true, Ordering::SeqCst);
        });
        assert_eq!(*wrong.lock().unwrap(), [""; 0], "round {round}: answered after a withdrawal");
    }
    assert_eq!(laws::house::examine(&running.house), [""; 0]);
}
