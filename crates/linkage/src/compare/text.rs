//! Similarity of short texts: Jaro–Winkler (Winkler 1990) and the restricted Damerau–Levenshtein
//! distance ("optimal string alignment"), bounded, on one byte a letter, at most 63 of them.

const LETTERS_MAX: usize = 64;

/// Jaro–Winkler similarity from 0 to 1, with prefix weight 0.1 up to four letters. Letters beyond
/// the 63rd are not looked at. Symmetric: letters are matched greedily, which depends on who comes first,
/// so the shorter text does, of equal ones the lesser.
pub fn jaro_winkler(a: &[u8], b: &[u8]) -> f32 {
    let (a, b) = (head(a), head(b));
    let (a, b) = if (a.len(), a) <= (b.len(), b) { (a, b) } else { (b, a) };
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let jaro = jaro(a, b);
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count();
    #[expect(clippy::cast_precision_loss, reason = "at most four")]
    let prefix = prefix as f32;
    jaro + prefix * 0.1 * (1.0 - jaro)
}

/// A bound that [`jaro_winkler`] does not exceed, from lengths, the common start, and how many kinds of
/// letters each has that the other lacks.
#[expect(clippy::cast_precision_loss, reason = "counts below 64")]
pub(super) fn jaro_winkler_most(a: &[u8], b: &[u8], lacking: (u32, u32)) -> f32 {
    let most = (a.len().saturating_sub(lacking.0 as usize))
        .min(b.len().saturating_sub(lacking.1 as usize));
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count() as f32;
    let most = most as f32;
    let jaro = (most / a.len().max(1) as f32 + most / b.len().max(1) as f32 + 1.0) / 3.0;
    jaro + prefix * 0.1 * (1.0 - jaro)
}

fn head(text: &[u8]) -> &[u8] {
    text.get(..LETTERS_MAX - 1).unwrap_or(text)
}

#[expect(clippy::cast_precision_loss, reason = "counts below 64")]
fn jaro(a: &[u8], b: &[u8]) -> f32 {
    let window = (a.len().max(b.len()) / 2).saturating_sub(1);
    let (mut of_a, mut of_b) = (0_u64, 0_u64);
    for (place, letter) in a.iter().enumerate() {
        let start = place.saturating_sub(window);
        let end = (place + window + 1).min(b.len());
        let near = b.get(start..end).unwrap_or_default();
        for (other, candidate) in (start..end).zip(near) {
            if candidate == letter && of_b & (1 << other) == 0 {
                of_a |= 1 << place;
                of_b |= 1 << other;
                break;
            }
        }
    }
    let matches = of_a.count_ones();
    if matches == 0 {
        return 0.0;
    }
    let mut moved = 0_u32;
    let mut rest = of_b;
    for (place, letter) in a.iter().enumerate() {
        if of_a & (1 << place) != 0 {
            let other = rest.trailing_zeros() as usize;
            rest &= rest.wrapping_sub(1);
            moved += u32::from(b.get(other) != Some(letter));
        }
    }
    let found = matches as f32;
    let transposed = (moved / 2) as f32;
    (found / a.len() as f32 + found / b.len() as f32 + (found - transposed) / found) / 3.0
}

/// The least number of insertions, deletions, substitutions and swaps of neighbours that make `a`
/// of `b`, or nothing when it is more than `most`.
pub fn distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let (a, b) = (head(a), head(b));
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    // A common start and end cost nothing.
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(start..).unwrap_or_default(), b.get(start..).unwrap_or_default());
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let a = a.get(..a.len() - end).unwrap_or_default();
    let b = b.get(..b.len() - end).unwrap_or_default();
    if a.is_empty() || b.is_empty() {
        let left = a.len().max(b.len());
        return (left <= most).then_some(left);
    }
    if most <= 1 {
        return (most == 1 && is_one_edit(a, b)).then_some(1);
    }
    table(a, b, most)
}

/// Whether one edit is between two texts whose ends differ: a letter for a letter, or a swap of two.
fn is_one_edit(a: &[u8], b: &[u8]) -> bool {
    match (a, b) {
        ([_], [_]) => true,
        ([first, second], [other, last]) => first == last && second == other,
        _ => false,
    }
}

/// Three rows of the table, as a swap looks back by two.
fn table(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let mut before = [0_u8; LETTERS_MAX + 1];
    let mut last = [0_u8; LETTERS_MAX + 1];
    let mut row = [0_u8; LETTERS_MAX + 1];
    for (cell, value) in last.iter_mut().zip(0_u8..) {
        *cell = value;
    }
    let at = |cells: &[u8; LETTERS_MAX + 1], place: usize| cells.get(place).copied().unwrap_or(255);
    for (i, x) in a.iter().enumerate() {
        let mut left = u8::try_from(i + 1).unwrap_or(255);
        let mut lowest = left;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (j, y) in b.iter().enumerate() {
            let mut cost =
                (at(&last, j) + u8::from(x != y)).min(at(&last, j + 1) + 1).min(left + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = cost;
            }
            left = cost;
            lowest = lowest.min(cost);
        }
        if usize::from(lowest) > most {
            return None;
        }
        before = last;
        last = row;
    }
    let total = usize::from(at(&last, b.len()));
    (total <= most).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jaro_winkler_is_as_published() {
        for (a, b, value) in [
            ("martha", "marhta", 0.9611),
            ("dwayne", "duane", 0.84),
            ("dixon", "dicksonx", 0.8133),
            ("same", "same", 1.0),
            ("abc", "xyz", 0.0),
        ] {
            let found = jaro_winkler(a.as_bytes(), b.as_bytes());
            assert!((found - value).abs() < 0.001, "{a} {b} {found}");
        }
    }

    #[test]
    fn a_slip_of_the_finger_is_one_edit() {
        for (a, b, edits) in [
            ("smith", "smiht", 1),
            ("smith", "smth", 1),
            ("smith", "smithe", 1),
            ("smith", "smyth", 1),
            ("smith", "smith", 0),
            ("ca", "abc", 3),
            ("", "ab", 2),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes(), 3), Some(edits), "{a} {b}");
        }
        assert_eq!(distance(b"smith", b"jones", 2), None);
    }
}
