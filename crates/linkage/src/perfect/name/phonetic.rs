//! A key that names of like sound share.

use crate::perfect::match_form;

/// The longest key, in characters.
pub const KEY_MAX: usize = 12;

/// Cologne phonetics (H. J. Postel, IBM-Nachrichten 19, 1969) over the folded name.
///
/// It was chosen because it is short, has no exceptions to maintain, drops vowels (so that
/// transliterations meet: Mohammed, Muhammad) and, unlike Soundex, does not keep the first letter
/// (Catherine, Katherine). Two things were added: silent beginnings of English (`kn`, `wr`, `ps`)
/// and `y` as a vowel everywhere. Names without Latin letters give their first folded characters.
pub fn phonetic(name: &str) -> String {
    let folded = match_form(name);
    let letters: Vec<char> = folded.chars().filter(char::is_ascii_lowercase).collect();
    if letters.is_empty() {
        return folded.chars().filter(|letter| !letter.is_ascii()).take(KEY_MAX).collect();
    }
    let silent =
        matches!(letters.as_slice(), ['k' | 'g', 'n', ..] | ['w', 'r', ..] | ['p', 's', ..]);
    let mut codes = Vec::with_capacity(letters.len() + 2);
    let heard = letters.get(usize::from(silent)..).unwrap_or_default();
    for (at, letter) in heard.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| heard.get(at)).copied();
        code(*letter, before, heard.get(at + 1).copied(), &mut codes);
    }
    codes.dedup();
    let first = codes.first().copied();
    let rest = codes.iter().skip(1).copied().filter(|code| *code != '0');
    first.into_iter().chain(rest).take(KEY_MAX).collect()
}

fn code(letter: char, before: Option<char>, after: Option<char>, codes: &mut Vec<char>) {
    let follows = |letters: &str| after.is_some_and(|after| letters.contains(after));
    let preceded = |letters: &str| before.is_some_and(|before| letters.contains(before));
    let code = match letter {
        'a' | 'e' | 'i' | 'j' | 'o' | 'u' | 'y' => '0',
        'p' if follows("h") => '3',
        'b' | 'p' => '1',
        'd' | 't' if follows("csz") => '8',
        'd' | 't' => '2',
        'f' | 'v' | 'w' => '3',
        'g' | 'k' | 'q' => '4',
        'c' if before.is_none() && follows("ahkloqrux") => '4',
        'c' if before.is_some() && !preceded("sz") && follows("ahkoqux") => '4',
        'c' | 's' | 'z' => '8',
        'x' if preceded("ckq") => '8',
        'x' => {
            codes.push('4');
            '8'
        }
        'l' => '5',
        'm' | 'n' => '6',
        'r' => '7',
        // H is not heard.
        _ => return,
    };
    codes.push(code);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_like_sound_share_a_key() {
        for names in [
            &["Müller", "Mueller", "Miller", "MULLER", "Möller"][..],
            &["Meyer", "Meier", "Maier", "Mayer"],
            &["Schmidt", "Schmitt", "Schmid"],
            &["Stephen", "Steven", "Stefan", "Stéphane"],
            &["Catherine", "Katherine", "Kathryn", "Katrin"],
            &["Mohammed", "Muhammad", "Mohamed"],
            &["González", "Gonsales", "Gonzales"],
            &["Knight", "Nyght"],
            &["Wright", "Right"],
            &["Sørensen", "Sorensen"],
            &["Łukasz", "Lukas"],
            &["Çelik", "Celik"],
        ] {
            let keys: Vec<String> = names.iter().map(|name| phonetic(name)).collect();
            assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{names:?} {keys:?}");
        }
        assert_eq!(phonetic("Wikipedia"), "3412");
        assert_eq!(phonetic("Breschnew"), "17863");
        assert_eq!(phonetic("山田"), "山田");
        assert_eq!(phonetic(""), "");
        assert_ne!(phonetic("Smith"), phonetic("Jones"));
    }
}
