//! What the engine for `PostgreSQL` promises about its server.

use crate::house::{Do, ROWS, all, cluster, connect, get, key};
use crate::races::count;
use std::thread;
use std::time::Duration;
use store::{PostgresOptions, Store, StoreError};

fn put(store: &Store) -> Result<(), StoreError> {
    Do::default().put(key(ROWS, b"a", b""), b"v").on(store.engine())
}

#[test]
fn it_is_reached_over_tcp_and_over_a_socket() {
    let database = cluster().database().unwrap();
    put(&connect(&database.url())).unwrap();
    if let Some(url) = database.socket_url() {
        assert_eq!(all(connect(&url).engine(), ROWS).len(), 1);
    }
}

#[test]
fn two_processes_share_a_database() {
    let database = cluster().database().unwrap();
    let stores = [connect(&database.url()), connect(&database.url())];
    thread::scope(|scope| {
        for store in &stores {
            scope.spawn(|| (0..60).for_each(|_| count(store.engine(), b"")));
        }
    });
    let (_, value) = get(stores[0].engine(), &key(ROWS, b"", b"count")).unwrap();
    assert_eq!(value, 120_u64.to_be_bytes());
}

#[test]
fn a_lost_connection_is_made_again() {
    let database = cluster().database().unwrap();
    let store = connect(&database.url());
    put(&store).unwrap();
    let view = store.engine().read().unwrap();
    database.cut_connections().unwrap();
    let lost = view.scan(ROWS, None, 1);
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    drop(view);
    store.alive().unwrap();
    put(&store).unwrap();
    assert_eq!(all(store.engine(), ROWS).len(), 1);
}

#[test]
fn a_server_that_is_not_there_is_said_so() {
    let nowhere = Store::postgres("host=/nowhere dbname=x user=x", &PostgresOptions::new(1));
    assert!(matches!(nowhere, Err(StoreError::Unavailable(_))));
    let unreadable = Store::postgres("postgres://me:secret@[", &PostgresOptions::new(1));
    let why = unreadable.unwrap_err().to_string();
    assert!(!why.contains("secret"), "{why}");
}

#[test]
fn it_waits_for_a_connection_only_so_long() {
    let database = cluster().database().unwrap();
    let options = PostgresOptions {
        connections_max: 1,
        connect_timeout: Duration::from_millis(50),
        ..PostgresOptions::new(1)
    };
    let store = Store::postgres(&database.url(), &options).unwrap();
    let view = store.read().unwrap();
    assert!(matches!(put(&store), Err(StoreError::Unavailable(_))));
    drop(view);
    put(&store).unwrap();
}

#[test]
fn a_newer_format_is_refused() {
    let database = cluster().database().unwrap();
    drop(connect(&database.url()));
    let mut client = postgres::Client::connect(&database.url(), postgres::NoTls).unwrap();
    client.execute("insert into \"#store\" values (2)", &[]).unwrap();
    let refused = Store::postgres(&database.url(), &PostgresOptions::new(1));
    assert!(matches!(refused, Err(StoreError::NewerFormat { found: 2, known: 1, .. })));
}

#[test]
fn a_server_that_only_reads_is_not_alive() {
    let database = cluster().database().unwrap();
    let store = connect(&database.url());
    put(&store).unwrap();
    let name = database.name();
    cluster()
        .run(&format!("alter database {name} set default_transaction_read_only = on"))
        .unwrap();
    database.cut_connections().unwrap();
    assert!(matches!(store.alive(), Err(StoreError::Unavailable(_))));
    assert!(matches!(put(&store), Err(StoreError::Unavailable(_))));
    assert_eq!(all(store.engine(), ROWS).len(), 1);
}
