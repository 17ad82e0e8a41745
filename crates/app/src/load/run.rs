//! Many requests over several connections: as fast as answers come, or at a rate.

use super::connection::{Connection, LoadError, Response};
use super::request::Request;
use super::tally::Tally;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// How often a request that is put off is sent again; with waits of a second that is two minutes.
const PUT_OFF_MAX: u32 = 120;

/// Where to send, how wide, and by which stopwatch.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// The server.
    pub address: SocketAddr,
    /// Connections at once.
    pub connections: usize,
    /// Milliseconds of a clock that never goes back.
    pub clock_ms: &'a (dyn Fn() -> f64 + Sync),
}

impl std::fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { address, connections, .. } = self;
        f.debug_struct("Plan")
            .field("address", address)
            .field("connections", connections)
            .finish_non_exhaustive()
    }
}

/// Hears each successful answer with what its request was tagged with.
pub type Answered<'a, T> = &'a (dyn Fn(T, &Response) + Sync);

/// Sends what `next` gives until it gives nothing: each connection sends, waits for the answer and
/// sends again. A wait is from sending to the answer, being put off included.
///
/// # Errors
///
/// When a connection fails; answers other than success are counted, not errors.
pub fn flat_out<T>(
    plan: Plan<'_>,
    next: &(dyn Fn() -> Option<(Request, T)> + Sync),
    heard: Answered<'_, T>,
) -> Result<Tally, LoadError> {
    each_connection(plan, &|connection, tally| {
        while let Some((request, tag)) = next() {
            let start = (plan.clock_ms)();
            if let Some(answer) = ask(connection, &request, tally)? {
                tally.answered((plan.clock_ms)() - start);
                heard(tag, &answer);
            }
        }
        Ok(())
    })
}

/// Sends `count` requests at `per_second`, whether or not earlier ones are answered, as far as the
/// connections reach. A wait is from when the request was due, so that a server that stalls is not
/// spared the requests it held up.
///
/// # Errors
///
/// As [`flat_out`].
pub fn at_rate<T>(
    plan: Plan<'_>,
    per_second: f64,
    count: u64,
    next: &(dyn Fn(u64) -> (Request, T) + Sync),
    heard: Answered<'_, T>,
) -> Result<Tally, LoadError> {
    let (begin, taken) = ((plan.clock_ms)(), AtomicU64::new(0));
    each_connection(plan, &|connection, tally| {
        loop {
            let nth = taken.fetch_add(1, Ordering::Relaxed);
            if nth >= count {
                return Ok(());
            }
            let (request, tag) = next(nth);
            #[expect(clippy::cast_precision_loss, reason = "far fewer requests than 2^53")]
            let due = begin + nth as f64 * 1e3 / per_second;
            let early_ms = due - (plan.clock_ms)();
            if early_ms > 0.0 {
                thread::sleep(Duration::from_secs_f64(early_ms / 1e3));
            }
            if let Some(answer) = ask(connection, &request, tally)? {
                tally.answered((plan.clock_ms)() - due);
                heard(tag, &answer);
            }
        }
    })
}

/// Sends until it is not put off any more. Gives nothing when it failed, which is counted.
fn ask(
    connection: &mut Connection,
    request: &Request,
    tally: &mut Tally,
) -> Result<Option<Response>, LoadError> {
    for _ in 0..PUT_OFF_MAX {
        let answer = connection.send(request)?;
        match (answer.status, answer.retry_after_s) {
            (200..300, _) => return Ok(Some(answer)),
            (429 | 503, Some(seconds)) => {
                tally.put_off += 1;
                thread::sleep(Duration::from_secs(seconds));
            }
            (status, _) => {
                tally.failed(|| format!("{} answered {status}: {}", request.line(), answer.text()));
                return Ok(None);
            }
        }
    }
    tally.failed(|| format!("{} was put off {PUT_OFF_MAX} times", request.line()));
    Ok(None)
}

type Work<'a> = &'a (dyn Fn(&mut Connection, &mut Tally) -> Result<(), LoadError> + Sync);

fn each_connection(plan: Plan<'_>, work: Work<'_>) -> Result<Tally, LoadError> {
    let begin = (plan.clock_ms)();
    let mut total = Tally::default();
    thread::scope(|scope| {
        let one = || {
            let (mut connection, mut tally) = (Connection::new(plan.address), Tally::default());
            work(&mut connection, &mut tally).map(|()| tally)
        };
        let threads: Vec<_> = (0..plan.connections.max(1)).map(|_| scope.spawn(one)).collect();
        for thread in threads {
            match thread.join() {
                Ok(tally) => total.add(tally?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(())
    })
    .map(|()| {
        total.finish((plan.clock_ms)() - begin);
        total
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::monotonic;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;

    /// Answers every request; every tenth is put off for no time, every hundredth fails.
    fn server() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicU32::new(0));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, asked) = (stream.unwrap(), Arc::clone(&asked));
                thread::spawn(move || {
                    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                    while let Some(Ok(line)) = lines.next() {
                        if !line.is_empty() {
                            continue;
                        }
                        let nth = asked.fetch_add(1, Ordering::Relaxed) + 1;
                        let (status, more) = match nth {
                            nth if nth % 100 == 0 => ("400 No", ""),
                            nth if nth % 10 == 0 => ("429 Later", "Retry-After: 0\r\n"),
                            _ => ("200 OK", ""),
                        };
                        let answer =
                            format!("HTTP/1.1 {status}\r\n{more}Content-Length: 0\r\n\r\n");
                        stream.write_all(answer.as_bytes()).unwrap();
                    }
                });
            }
        });
        address
    }

    #[test]
    fn every_request_is_sent_until_it_is_answered() {
        let clock = monotonic();
        let plan = Plan { address: server(), connections: 4, clock_ms: &clock };
        let (left, heard) = (AtomicU64::new(1_000), AtomicU64::new(0));
        let next = || {
            let before =
                left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
            before.ok().map(|nth| (Request::get("/"), nth))
        };
        let hear = |tag: u64, _: &Response| {
            heard.fetch_add(tag, Ordering::Relaxed);
        };
        let tally = flat_out(plan, &next, &hear).unwrap();
        assert_eq!(tally.answered + tally.failed, 1_000);
        assert!(tally.failed > 0 && tally.put_off > 0 && tally.first_failure.is_some());
        assert!(tally.wait_ms(0.5) > 0.0 && tally.per_second() > 0.0);
        assert!(heard.into_inner() > 0);
    }

    #[test]
    fn a_rate_is_kept() {
        let clock = monotonic();
        let plan = Plan { address: server(), connections: 2, clock_ms: &clock };
        let tally = at_rate(plan, 200.0, 60, &|_| (Request::get("/"), ()), &|(), _| {}).unwrap();
        assert_eq!(tally.answered + tally.failed, 60);
        assert!(tally.took_ms >= 295.0, "{}", tally.took_ms);
    }
}
