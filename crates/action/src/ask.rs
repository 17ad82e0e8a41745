//! Asking to be let in by an address: limits, the knock, and codes. Asking does the same work for an address
//! that is nobody's; whose it is a turn finds out later.

use crate::limits::{
    ASKS_PER_BROWSER_MAX, ASKS_PER_DAY_MAX, ASKS_PER_HOUR_MAX, ASKS_PER_MINUTE_MAX, CLOSED_MS,
    CLOSED_MS_MAX, CONFLICTS_MAX,
};
use crate::outbox::{ASKS, ASKS_OF, AskRow, HOUSE, HouseRow, QUEUE, QueuedRow};
use crate::{Action, ActionError};
use gate::{KNOCK_MS, Language, Tried};
use model::{Blind, Sensitive, Timestamp};
use store::{Batch, StoreError, limits};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What came of asking.
#[derive(Debug)]
pub enum Asked {
    /// It was taken, whether or not anything will come of it; what the browser holds from now on.
    Taken(Sensitive<String>),
    /// Too many ask at once.
    Busy,
}

impl AskRow {
    /// Whether the address may be asked for now.
    fn is_open(&self, now: Timestamp) -> bool {
        let since = |ms: i64| self.asked.iter().filter(|at| at.0 > now.0 - ms).count();
        self.open_from.is_none_or(|from| now >= from)
            && since(HOUR_MS) < ASKS_PER_HOUR_MAX
            && since(DAY_MS) < ASKS_PER_DAY_MAX
    }

    fn asked(&mut self, now: Timestamp) {
        self.asked.retain(|at| at.0 > now.0 - DAY_MS);
        self.asked.push(now);
    }

    fn failed(&mut self, now: Timestamp) {
        let wait = CLOSED_MS.saturating_mul(1 << self.failures.min(16)).min(CLOSED_MS_MAX);
        self.open_from = Some(now.plus_ms(wait));
        self.failures = self.failures.saturating_add(1);
    }

    /// Whether nothing of it matters any more.
    fn is_old(&self, now: Timestamp) -> bool {
        let newest = self.asked.iter().chain(&self.open_from).max();
        newest.is_none_or(|at| at.0 < now.0 - DAY_MS)
    }
}

impl Action {
    /// Takes that a browser asks to be let in by an address, given the address's pseudonym and what the
    /// browser holds from asking before. The answer and the work are the same for an address of nobody.
    ///
    /// # Errors
    ///
    /// [`ActionError::Off`] when no letters are sent; what the store says.
    pub fn ask(
        &self,
        about: Blind,
        held: &Sensitive<String>,
        language: Language,
    ) -> Result<Asked, ActionError> {
        if !self.mails() {
            return Err(ActionError::Off);
        }
        for _ in 0..CONFLICTS_MAX {
            match self.try_ask(about, held, language) {
                Err(ActionError::Store(StoreError::Conflict)) => {}
                done => return done,
            }
        }
        Ok(Asked::Busy)
    }

    fn try_ask(
        &self,
        about: Blind,
        held: &Sensitive<String>,
        language: Language,
    ) -> Result<Asked, ActionError> {
        let (store, gate) = (&self.parts.store, &self.parts.gate);
        let now = gate.now();
        let view = store.read()?;
        let house = view.get(&HOUSE, &(), &())?;
        let minute = now.0.div_euclid(MINUTE_MS);
        let asks = house.as_ref().filter(|row| row.value.minute == minute);
        let asks = asks.map_or(0, |row| row.value.asks);
        if asks >= ASKS_PER_MINUTE_MAX {
            return Ok(Asked::Busy);
        }
        let row = view.get(&ASKS, &about, &())?;
        drop(view);
        let mut batch = Batch::default();
        batch.check(&HOUSE, &(), &(), house.map(|row| row.version));
        batch.put(&HOUSE, &(), &(), &HouseRow { minute, asks: asks + 1 });
        batch.check(&ASKS, &about, &(), row.as_ref().map(|row| row.version));
        let mut row = row.map(|row| row.value).unwrap_or_default();
        let knock = gate.stage_knock(&mut batch, about, held)?;
        if row.is_open(now) && knock.serial <= ASKS_PER_BROWSER_MAX {
            row.asked(now);
            let ends = now.plus_ms(KNOCK_MS);
            let queued = QueuedRow { about, language, ends };
            batch.put(&QUEUE, &(), &(now, knock.place), &queued);
        }
        batch.put(&ASKS, &about, &(), &row);
        store.commit(batch)?;
        Ok(Asked::Taken(knock.held))
    }

    /// Tries a code in the browser that asked; gives a session when it is right. An address whose codes
    /// were tried to the last is closed for a while, for longer each time.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn try_code(
        &self,
        held: &Sensitive<String>,
        code: &Sensitive<String>,
    ) -> Result<Option<Sensitive<String>>, ActionError> {
        let about = match self.parts.gate.try_code(held, code)? {
            Tried::In(session) => return Ok(Some(session)),
            Tried::Wrong | Tried::Closed => return Ok(None),
            Tried::Last(about) => about,
        };
        for _ in 0..CONFLICTS_MAX {
            let row = self.parts.store.read()?.get(&ASKS, &about, &())?;
            let mut batch = Batch::default();
            batch.check(&ASKS, &about, &(), row.as_ref().map(|row| row.version));
            let mut row = row.map(|row| row.value).unwrap_or_default();
            row.failed(self.parts.gate.now());
            batch.put(&ASKS, &about, &(), &row);
            match self.parts.store.commit(batch) {
                Ok(()) => return Ok(None),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Forgets what limits need no longer. Gives how many rows went.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn sweep(&self) -> Result<usize, ActionError> {
        let now = self.parts.gate.now();
        let knocks = self.parts.gate.sweep_knocks()?;
        let view = self.parts.store.read()?;
        let mut batch = Batch::default();
        for (about, (), row) in view.scan(&ASKS, None, limits::PAGE_MAX)? {
            if row.value.is_old(now) {
                batch.check(&ASKS, &about, &(), Some(row.version));
                batch.delete(&ASKS, &about, &());
            }
        }
        for (record, about, _) in view.scan(&ASKS_OF, None, limits::PAGE_MAX)? {
            if view.get(&ASKS, &about, &())?.is_none() {
                batch.delete(&ASKS_OF, &record, &about);
            }
        }
        drop(view);
        let gone = batch.len();
        match self.parts.store.commit(batch) {
            // Somebody asked meanwhile: the next sweep looks again.
            Ok(()) | Err(StoreError::Conflict) => Ok(knocks + gone),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_for_so_often_and_no_more() {
        let (mut row, mut taken) = (AskRow::default(), Vec::new());
        // Every ten minutes for two days.
        for turn in 0..2 * 24 * 6 {
            let now = Timestamp(turn * 10 * MINUTE_MS);
            if row.is_open(now) {
                row.asked(now);
                taken.push(now.0);
            }
        }
        let most = |ms: i64| {
            let within = |at: &i64| taken.iter().filter(|to| (*at..at + ms).contains(*to)).count();
            taken.iter().map(within).max().unwrap()
        };
        assert_eq!((most(HOUR_MS), most(DAY_MS)), (ASKS_PER_HOUR_MAX, ASKS_PER_DAY_MAX));
    }

    #[test]
    fn who_guesses_waits_twice_as_long_each_time() {
        let mut row = AskRow::default();
        let waits: Vec<i64> = (0..9)
            .map(|_| {
                row.failed(Timestamp(0));
                row.open_from.unwrap().0 / MINUTE_MS
            })
            .collect();
        assert_eq!(waits, [15, 30, 60, 120, 240, 480, 960, 1_440, 1_440]);
        assert!(!row.is_open(Timestamp(1_439 * MINUTE_MS)));
        assert!(row.is_open(Timestamp(1_440 * MINUTE_MS)));
        assert!(!row.is_old(Timestamp(1_441 * MINUTE_MS)));
        assert!(row.is_old(Timestamp(2_881 * MINUTE_MS)));
    }
}
