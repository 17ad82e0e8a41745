//! Nanoseconds per call of every kind of value. Run with `cargo bench -p linkage`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads a clock and prints"
)]

use linkage::perfect::{Context, Country, Date, phone, pii, trait_value};
use std::hint::black_box;
use std::time::Instant;

const CALLS: u32 = 20_000;

fn main() {
    let started = Instant::now();
    phone::warm_up();
    println!("{:>9} µs  phone::warm_up, once", started.elapsed().as_micros());
    let context = Context {
        country_default: Country::of_code("DE"),
        today: Date { year: 2026, month: 11, day: 24 },
    };
    for (name, raw) in [
        ("email", "Ada.Lovelace@GMail.com"),
        ("phone", "030 / 90182055"),
        ("firstName", "BOB"),
        ("lastName", "VAN DER BERG"),
        ("name", "Dr. Ada M. Lovelace"),
        ("birthday", "05.03.1984"),
        ("gender", "weiblich"),
        ("country", "Deutschland"),
        ("street", "Hauptstr. 5a"),
        ("postcode", "D-10115"),
        ("city", "frankfurt am main"),
        ("address", "Hauptstr. 5, 10115 Berlin, Germany"),
        ("favouriteColour", "a dark kind of green"),
    ] {
        print_time(name, || {
            drop(black_box(trait_value(black_box(name), black_box(raw), &context)));
        });
    }
    for (name, text) in [
        ("cut: 40 bytes, nothing", "Viewed the autumn collection in the shop"),
        ("cut: 40 bytes, digits", "order 20240115-123456 shipped at 10:30:4"),
        (
            "cut: URL, nothing",
            "https://shop.example/a?utm_source=news&utm_campaign=spring_2024&page=2",
        ),
        (
            "cut: user agent",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36",
        ),
        ("cut: email and phone", "write to ada@x.org or call +49 30 901820"),
    ] {
        print_time(name, || drop(black_box(pii::cut(black_box(text)))));
    }
}

fn print_time(name: &str, mut call: impl FnMut()) {
    for _ in 0..CALLS / 10 {
        call();
    }
    let started = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    println!("{:>9} ns  {name}", started.elapsed().as_nanos() / u128::from(CALLS));
}
