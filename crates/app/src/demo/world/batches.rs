//! Messages put together into request bodies, in the order in which they arrive.

use super::World;
use super::calendar::push_instant;
use super::session::Message;
use super::stream::Stream;
use super::wire::{Dialect, Lane};

/// How long a request is on its way, milliseconds.
const TRAVEL_MS: i64 = 40;

/// One request body of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The source: `web`, `app`, `till` or `loyalty`.
    pub source: &'static str,
    /// What the software of the source speaks.
    pub dialect: Dialect,
    /// Whether the request carries `Sec-GPC: 1`.
    pub gpc: bool,
    /// When the request arrives, milliseconds since the Unix epoch. A server whose clock says
    /// otherwise corrects every event time by the difference.
    pub received_ms: i64,
    /// `{"batch":[…],"sentAt":"…"}`.
    pub body: String,
    /// How many events are in it.
    pub events: usize,
}

/// Batches in the order of arrival.
#[derive(Debug)]
pub struct Batches<'w> {
    stream: Stream<'w>,
    lanes: [Open; Lane::ALL.len()],
    events_per_batch: usize,
    /// When the stream is through: the next lane to empty.
    emptied: usize,
    last_ms: i64,
}

/// A batch that is not full yet. The clock differences of the messages wait for its sending.
#[derive(Debug, Default)]
struct Open {
    messages: Vec<Message>,
}

impl World {
    /// Every event, in requests of `events_per_batch` (the last ones of each source smaller).
    pub fn batches(&self, events_per_batch: usize) -> Batches<'_> {
        Batches {
            stream: Stream::new(self),
            lanes: Default::default(),
            events_per_batch: events_per_batch.max(1),
            emptied: 0,
            last_ms: self.spec.start_ms(),
        }
    }
}

impl Iterator for Batches<'_> {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        for message in self.stream.by_ref() {
            let lane = message.lane;
            self.last_ms = message.arrives_ms;
            let Some(open) = self.lanes.get_mut(lane.number()) else { continue };
            open.messages.push(message);
            if open.messages.len() >= self.events_per_batch {
                return Some(open.sent(lane, self.last_ms));
            }
        }
        while let Some(lane) = Lane::ALL.get(self.emptied) {
            self.emptied += 1;
            let open = self.lanes.get_mut(lane.number())?;
            if !open.messages.is_empty() {
                return Some(open.sent(*lane, self.last_ms));
            }
        }
        None
    }
}

impl Open {
    fn sent(&mut self, lane: Lane, received_ms: i64) -> Batch {
        let size: usize = self.messages.iter().map(|message| message.json.len() + 48).sum();
        let mut body = String::with_capacity(size + 64);
        body.push_str(r#"{"batch":["#);
        let events = self.messages.len();
        for (nth, message) in self.messages.drain(..).enumerate() {
            if nth > 0 {
                body.push(',');
            }
            write_sent(&mut body, &message, received_ms);
        }
        body.push_str(r#"],"sentAt":""#);
        push_instant(&mut body, received_ms - TRAVEL_MS);
        body.push_str("\"}");
        Batch {
            source: lane.source(),
            dialect: lane.dialect(),
            gpc: lane == Lane::WebPrivate,
            received_ms,
            body,
            events,
        }
    }
}

/// Writes a message as it is sent at `received_ms`. A device whose clock is wrong says so by a
/// `sentAt` of its own, wrong by as much as its other times, as the correction expects.
pub(super) fn write_sent(out: &mut String, message: &Message, received_ms: i64) {
    match message.json.strip_suffix('}') {
        Some(open) if message.skew_ms != 0 => {
            out.push_str(open);
            out.push_str(r#","sentAt":""#);
            push_instant(out, received_ms - TRAVEL_MS + message.skew_ms);
            out.push_str("\"}");
        }
        _ => out.push_str(&message.json),
    }
}
