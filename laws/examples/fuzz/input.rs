//! Input from a seed: random bytes, pieces of the corpus, and the corpus changed in many ways.

use laws::chance::Seeded;
use std::sync::Arc;

/// Pieces that readers stumble over.
const PIECES: &[&[u8]] = &[
    b"",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"\xed\xa0\x80",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b",",
    b":",
    b"null",
    b"true",
    b"-0",
    b"1e999",
    b"1e-999",
    b"9223372036854775808",
    b"18446744073709551616",
    b"-9223372036854775809",
    b"NaN",
    b"\n",
    b"\r\n",
    b"=",
    b"%",
    b"%zz",
    b"%00",
    b"@",
    b"+",
    b"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",
    b"\xcc\x80\xcc\x80",
    b"\xe2\x80\xae",
    b"\xc4\xb0",
    b"\xc3\x9f",
    b"\xef\xac\x81",
    b"000000000",
    b"2024-02-30",
    b"99999-12-31T23:59:60Z",
    b"\x1f\x8b\x08\x00",
    b"PAR1",
    b"\xe2\x80\x94 ",
];

/// The longest run of random bytes, and of repetitions.
const RANDOM_MAX: usize = 300;

/// A generator of one input.
pub(crate) struct Input(Arc<Seeded>);

impl Input {
    /// The same seed gives the same input.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Seeded::new(seed.wrapping_mul(0xd134_2543_de82_ef95)))
    }

    /// One input for a target with a corpus.
    pub(crate) fn bytes(&self, corpus: &[&[u8]]) -> Vec<u8> {
        let seed = corpus.get(self.0.below(corpus.len())).copied().unwrap_or_default();
        let mut bytes = match self.0.below(8) {
            0 => self.random(),
            1 => (0..self.0.below(20)).flat_map(|_| self.piece().to_vec()).collect(),
            _ => seed.to_vec(),
        };
        for _ in 0..self.0.below(8) {
            self.change(&mut bytes, corpus);
        }
        bytes
    }

    fn random(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.0.below(RANDOM_MAX)];
        model::Rng::fill(&*self.0, &mut bytes);
        bytes
    }

    fn piece(&self) -> &'static [u8] {
        PIECES.get(self.0.below(PIECES.len())).copied().unwrap_or_default()
    }

    fn change(&self, bytes: &mut Vec<u8>, corpus: &[&[u8]]) {
        let at = self.0.below(bytes.len() + 1);
        let end = at + self.0.below(bytes.len() - at + 1);
        match self.0.below(8) {
            0 => drop(bytes.splice(at..at, self.piece().iter().copied())),
            1 => drop(bytes.splice(at..end, self.piece().iter().copied())),
            2 => drop(bytes.drain(at..end)),
            3 => bytes.truncate(at),
            4 => {
                let part: Vec<u8> = bytes.iter().copied().skip(at).take(end - at).collect();
                let part = part.repeat(1 + self.0.below(RANDOM_MAX / (part.len() + 1) + 1));
                drop(bytes.splice(at..at, part));
            }
            5 => {
                let other = corpus.get(self.0.below(corpus.len())).copied().unwrap_or_default();
                let from = self.0.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend(other.iter().skip(from));
            }
            6 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.0.below(8);
                }
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = self.0.draw().to_le_bytes()[0];
                }
            }
        }
    }
}
