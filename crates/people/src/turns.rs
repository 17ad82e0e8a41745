//! Taking turns: who comes while another works waits, and one of those who wait works for all of them.

use parking_lot::{Condvar, Mutex};
use std::fmt;
use std::sync::Arc;

/// Tasks that are worked in groups, `T` each, with an answer `A` for each.
pub(crate) struct Turns<T, A> {
    queue: Mutex<Queue<T, A>>,
}

struct Queue<T, A> {
    waiting: Vec<Arc<Waiting<T, A>>>,
    /// Whether somebody is working for a group.
    led: bool,
}

struct Waiting<T, A> {
    task: T,
    slot: Mutex<Slot<A>>,
    wake: Condvar,
}

/// What whoever waits is waiting for: the answer, or the lead.
enum Slot<A> {
    Empty,
    Lead,
    Answer(A),
    /// Whoever led gave no answer: a bug there ended it.
    Lost,
}

/// The lead over one group. Dropping it leaves nobody of the group waiting, and hands the lead to the
/// first of those who came meanwhile.
struct Lead<'a, T, A> {
    turns: &'a Turns<T, A>,
    group: Vec<Arc<Waiting<T, A>>>,
}

impl<T, A> Drop for Lead<'_, T, A> {
    fn drop(&mut self) {
        for waiting in &self.group {
            let mut slot = waiting.slot.lock();
            if !matches!(*slot, Slot::Answer(_)) {
                *slot = Slot::Lost;
            }
            waiting.wake.notify_one();
        }
        let mut queue = self.turns.queue.lock();
        if let Some(next) = queue.waiting.first() {
            *next.slot.lock() = Slot::Lead;
            next.wake.notify_one();
        } else {
            queue.led = false;
        }
    }
}

impl<T, A> Waiting<T, A> {
    /// Waits for an answer or for the lead; gives whether it is the lead.
    fn is_to_lead(&self) -> bool {
        let mut slot = self.slot.lock();
        while matches!(*slot, Slot::Empty) {
            self.wake.wait(&mut slot);
        }
        matches!(*slot, Slot::Lead)
    }
}

impl<T, A> Turns<T, A> {
    /// Gives the answer to a task: `work` is called for a group of at most `group_max` tasks in the order
    /// in which they came, this one among them, here or by whoever else has the lead; it gives an answer
    /// for each. Nothing when whoever led gave none.
    pub(crate) fn answer(
        &self,
        task: T,
        group_max: usize,
        work: impl FnOnce(&[&T]) -> Vec<A>,
    ) -> Option<A> {
        let waiting =
            Arc::new(Waiting { task, slot: Mutex::new(Slot::Empty), wake: Condvar::new() });
        let first = {
            let mut queue = self.queue.lock();
            queue.waiting.push(Arc::clone(&waiting));
            !std::mem::replace(&mut queue.led, true)
        };
        if first || waiting.is_to_lead() {
            let lead = Lead { turns: self, group: self.next_group(group_max) };
            let tasks: Vec<&T> = lead.group.iter().map(|waiting| &waiting.task).collect();
            for (waiting, answer) in lead.group.iter().zip(work(&tasks)) {
                *waiting.slot.lock() = Slot::Answer(answer);
            }
        }
        match std::mem::replace(&mut *waiting.slot.lock(), Slot::Lost) {
            Slot::Answer(answer) => Some(answer),
            Slot::Empty | Slot::Lead | Slot::Lost => None,
        }
    }

    /// Who waits, from the first on: whoever gets the lead is the first.
    fn next_group(&self, group_max: usize) -> Vec<Arc<Waiting<T, A>>> {
        let waiting = &mut self.queue.lock().waiting;
        let count = waiting.len().min(group_max);
        waiting.drain(..count).collect()
    }
}

impl<T, A> Default for Turns<T, A> {
    fn default() -> Self {
        Self { queue: Mutex::new(Queue { waiting: Vec::new(), led: false }) }
    }
}

impl<T, A> fmt::Debug for Turns<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turns").field("waiting", &self.queue.lock().waiting.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Barrier;
    use std::thread;
    use std::time::Duration;

    const TASKS: usize = 10;

    /// One works, and all others wait, until it is told to go on. Gives what each got, and the groups.
    fn one_and_then(
        group_max: usize,
        first: fn() -> Vec<usize>,
    ) -> (Vec<Option<usize>>, Vec<usize>) {
        let turns = Turns::<usize, usize>::default();
        let (begun, go_on) = (Barrier::new(2), Barrier::new(2));
        let sizes = parking_lot::Mutex::new(Vec::new());
        let mut got = Vec::new();
        thread::scope(|scope| {
            let leads = scope.spawn(|| {
                let work = |_: &[&usize]| {
                    begun.wait();
                    go_on.wait();
                    first()
                };
                catch_unwind(AssertUnwindSafe(|| turns.answer(0, group_max, work))).unwrap_or(None)
            });
            begun.wait();
            let others: Vec<_> = (1..TASKS)
                .map(|task| {
                    let (turns, sizes) = (&turns, &sizes);
                    scope.spawn(move || {
                        turns.answer(task, group_max, |tasks| {
                            sizes.lock().push(tasks.len());
                            tasks.iter().map(|task| **task * 10).collect()
                        })
                    })
                })
                .collect();
            while turns.queue.lock().waiting.len() < TASKS - 1 {
                thread::sleep(Duration::from_millis(1));
            }
            go_on.wait();
            got.push(leads.join().unwrap());
            got.extend(others.into_iter().map(|other| other.join().unwrap()));
        });
        assert!(!turns.queue.lock().led, "nobody leads when nobody waits");
        (got, sizes.into_inner())
    }

    #[test]
    fn those_who_wait_are_answered_by_one_each_with_its_own() {
        let (got, groups) = one_and_then(100, || vec![0]);
        assert_eq!(got, (0..TASKS).map(|task| Some(task * 10)).collect::<Vec<_>>());
        assert_eq!(groups, [TASKS - 1]);
    }

    #[test]
    fn a_group_is_never_larger_than_allowed() {
        let (got, groups) = one_and_then(4, || vec![0]);
        assert_eq!(got, (0..TASKS).map(|task| Some(task * 10)).collect::<Vec<_>>());
        assert_eq!(groups, [4, 4, 1]);
    }

    #[test]
    fn one_who_fails_leaves_nobody_waiting() {
        for fails in [Vec::new as fn() -> Vec<usize>, || panic!("a bug")] {
            let (got, groups) = one_and_then(100, fails);
            assert_eq!(got.first(), Some(&None));
            assert_eq!(got.iter().flatten().count(), TASKS - 1);
            assert_eq!(groups, [TASKS - 1]);
        }
    }
}
