//! Chance from a seed (`SplitMix64`, Steele et al. 2014). It is for simulation and never for keys.

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of numbers that its seed decides.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// A stream of its own for each list of parts, such as seed, person and field, so that one
    /// decision more in one place changes nothing in another.
    pub(super) fn of(parts: &[u64]) -> Self {
        Self(parts.iter().fold(GOLDEN, |state, part| scramble(state ^ part).wrapping_add(GOLDEN)))
    }

    /// Sixty-four even bits.
    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        scramble(self.0)
    }

    /// An even number below `end`; nought when `end` is.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        u64::try_from((u128::from(self.draw()) * u128::from(end)) >> 64).unwrap_or_default()
    }

    /// An even index below `end`.
    pub(super) fn index(&mut self, end: usize) -> usize {
        narrow(self.below(wide(end)))
    }

    /// An even number from `low` to just below `high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(u64::try_from(high - low).unwrap_or_default()).cast_signed()
    }

    /// True as often as `per_mille` of a thousand.
    pub(super) fn often(&mut self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    /// One of `from`, all alike.
    pub(super) fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        from.get(self.index(from.len())).copied().unwrap_or_default()
    }

    /// One of `from`, the first ones more often, as with names.
    pub(super) fn favour<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let (one, other) = (self.index(from.len()), self.index(from.len()));
        from.get(one.min(other)).copied().unwrap_or_default()
    }

    /// An index as often as its weight.
    pub(super) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        0
    }

    /// A random UUID (RFC 9562, version 4).
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.draw(), self.draw());
        let mut text = String::with_capacity(36);
        hex(&mut text, high >> 32, 8);
        text.push('-');
        hex(&mut text, high >> 16, 4);
        text.push('-');
        hex(&mut text, (high & 0xfff) | 0x4000, 4);
        text.push('-');
        hex(&mut text, ((low >> 48) & 0x3fff) | 0x8000, 4);
        text.push('-');
        hex(&mut text, low, 12);
        text
    }

    /// Twenty-one characters as nanoid draws them.
    pub(super) fn nanoid(&mut self) -> String {
        const LETTERS: &[u8; 64] =
            b"useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict";
        (0..21).map(|_| char::from(self.pick(LETTERS))).collect()
    }
}

/// Writes the lowest `digits` hexadecimal digits of `value`.
pub(super) fn hex(out: &mut String, value: u64, digits: u32) {
    for place in (0..digits).rev() {
        let digit = u32::try_from(value >> (place * 4) & 15).unwrap_or_default();
        out.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
}

/// A count as a wide number.
pub(super) fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// A wide number as a count.
pub(super) fn narrow(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn scramble(mut state: u64) -> u64 {
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_and_another_differs() {
        let run = |seed| {
            let mut chance = Chance::of(&[seed, 3]);
            (0..9).map(|_| chance.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn weights_are_kept() {
        let mut chance = Chance::of(&[5]);
        let mut seen = [0_u32; 3];
        (0..10_000).for_each(|_| seen[chance.weighted(&[1, 0, 3])] += 1);
        assert_eq!(seen[1], 0);
        assert!((2_300..2_700).contains(&seen[0]), "{seen:?}");
    }

    #[test]
    fn a_uuid_looks_like_one() {
        let text = Chance::of(&[9]).uuid();
        assert_eq!(text.len(), 36);
        assert_eq!(text.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&text.as_bytes()[19]));
    }
}
