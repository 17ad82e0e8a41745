//! All messages in the order of their arrival, made as they are needed.

use super::World;
use super::plan::{self, Visit};
use super::session::{self, Message};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Messages by arrival. Only the messages of visits that have begun are in memory.
#[derive(Debug)]
pub(super) struct Stream<'w> {
    world: &'w World,
    visits: std::iter::Peekable<std::vec::IntoIter<Visit>>,
    waiting: BinaryHeap<Reverse<Message>>,
    fresh: Vec<Message>,
    serial: u64,
}

impl<'w> Stream<'w> {
    /// The messages of a world.
    pub(super) fn new(world: &'w World) -> Self {
        Self {
            world,
            visits: plan::plan(world).into_iter().peekable(),
            waiting: BinaryHeap::new(),
            fresh: Vec::new(),
            serial: 0,
        }
    }

    fn begin_visits(&mut self) {
        // INVARIANT: no message arrives before its visit starts, so what waits longest is next.
        while let Some(visit) = self.visits.next_if(|visit| {
            self.waiting.peek().is_none_or(|first| visit.start_ms <= first.0.arrives_ms)
        }) {
            session::play(self.world, &visit, &mut self.fresh);
            for mut message in self.fresh.drain(..) {
                message.serial = self.serial;
                self.serial += 1;
                self.waiting.push(Reverse(message));
            }
        }
    }
}

impl Iterator for Stream<'_> {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        self.begin_visits();
        self.waiting.pop().map(|message| message.0)
    }
}
