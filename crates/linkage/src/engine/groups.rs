//! Sets that grow together (union–find); the least member stands for its set.

/// Disjoint sets of the numbers below a bound.
pub(crate) struct Groups(Vec<u32>);

impl Groups {
    /// Each number by itself.
    pub(crate) fn new(len: usize) -> Self {
        Self((0..).take(len).collect())
    }

    /// The least member of the number's set.
    pub(crate) fn root(&mut self, mut member: u32) -> u32 {
        loop {
            let parent = self.0.get(member as usize).copied().unwrap_or(member);
            if parent == member {
                return member;
            }
            let above = self.0.get(parent as usize).copied().unwrap_or(parent);
            if let Some(known) = self.0.get_mut(member as usize) {
                *known = above;
            }
            member = parent;
        }
    }

    /// Makes two sets one.
    pub(crate) fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(parent) = self.0.get_mut(a.max(b) as usize) {
            *parent = a.min(b);
        }
    }
}
