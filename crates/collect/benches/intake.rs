//! How fast bodies become messages: `cargo bench -p collect --bench intake`.
//!
//! Prints megabytes a second and nanoseconds an event for batches of typical events (about 400 bytes),
//! plain and gzipped, next to what `serde_json` takes to read the same bytes into its own value.
#![expect(clippy::print_stdout, reason = "a bench reports by printing")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use collect::dialect::{IntakeHeaders, IntakePath, read_body};
use flate2::Compression;
use flate2::write::GzEncoder;
use model::Limits;
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

const EVENTS: usize = 500;

/// Long enough to drown the clock's own cost.
const RUN: Duration = Duration::from_millis(500);

const ROUNDS: usize = 3;

fn main() {
    let plain = batch();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let zipped = encoder.write_all(&plain).and_then(|()| encoder.finish()).unwrap_or_default();
    println!("batch of {EVENTS} events, {} bytes each", plain.len() / EVENTS);
    let headers = IntakeHeaders::default();
    let read = |body: &[u8]| {
        let read = read_body(body, &headers, &IntakePath::Batch, &Limits::DEFAULT);
        read.map_or(0, |read| read.items.iter().filter(|item| item.is_ok()).count())
    };
    assert_eq!(read(&plain), EVENTS);
    assert_eq!(read(&zipped), EVENTS);
    for _ in 0..ROUNDS {
        report("serde_json::Value", plain.len(), || {
            usize::from(serde_json::from_slice::<serde_json::Value>(black_box(&plain)).is_ok())
        });
        report("read_body", plain.len(), || read(black_box(&plain)));
        report("read_body, gzip", plain.len(), || read(black_box(&zipped)));
    }
}

fn report(name: &str, bytes: usize, mut run: impl FnMut() -> usize) {
    let start = Instant::now();
    let mut runs = 0_u32;
    while start.elapsed() < RUN {
        black_box(run());
        runs += 1;
    }
    let each = start.elapsed() / runs;
    let megabytes = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6;
    let event = each / u32::try_from(EVENTS).unwrap_or(1);
    println!(
        "{name:18} {:7.1} MB/s {:6} ns/event",
        megabytes / each.as_secs_f64(),
        event.as_nanos()
    );
}

fn batch() -> Vec<u8> {
    let events: Vec<String> = (0..EVENTS).map(event).collect();
    format!(
        r#"{{"batch":[{}],"sentAt":"2026-11-24T02:00:01.000Z","writeKey":"K"}}"#,
        events.join(",")
    )
    .into_bytes()
}

fn event(nth: usize) -> String {
    format!(
        r#"{{"type":"track","event":"Product Viewed","anonymousId":"9f3c{nth:04}-77aa","userId":null,"#
    ) + &format!(
        r#""messageId":"ajs-next-1795485600{nth:03}-5b0c7c3e","timestamp":"2026-11-24T02:00:00.{:03}Z","#,
        nth % 1_000
    ) + r#""properties":{"product_id":"507f1f77","sku":"G-32","price":18.99,"quantity":1,"currency":"EUR"},"#
        + r#""context":{"page":{"path":"/p/507f1f77","title":"A lamp"},"locale":"de-DE"},"integrations":{}}"#
}
