//! The tree against RFC 6962's definitions, written down as plainly as the RFC does.

use super::*;
use proptest::prelude::*;
use std::convert::Infallible;

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| Hash::leaf(&n.to_be_bytes())).collect()
}

/// MTH of RFC 6962 §2.1, over leaf hashes.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::EMPTY,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(plain_split(leaves.len()));
            Hash::node(&mth(left), &mth(right))
        }
    }
}

fn plain_split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// PATH of RFC 6962 §2.1.1.
fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return vec![];
    }
    let k = plain_split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut below, beside) =
        if m < k { (path(m, left), mth(right)) } else { (path(m - k, right), mth(left)) };
    below.push(beside);
    below
}

/// SUBPROOF of RFC 6962 §2.1.2.
fn subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { vec![] } else { vec![mth(leaves)] };
    }
    let k = plain_split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut below, beside) = if m <= k {
        (subproof(m, left, whole), mth(right))
    } else {
        (subproof(m - k, right, false), mth(left))
    };
    below.push(beside);
    below
}

fn nodes(leaves: &[Hash]) -> impl FnMut(u32, u64) -> Result<Hash, Infallible> {
    move |height, index| {
        let from = usize::try_from(index << height).unwrap();
        Ok(mth(&leaves[from..from + (1 << height)]))
    }
}

#[test]
fn known_roots_come_out() {
    // The eight leaves that Certificate Transparency's own test suites share.
    let cases = [
        ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
        ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
        ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        (
            "606162636465666768696a6b6c6d6e6f",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ),
    ];
    let mut tree = Frontier::default();
    assert_eq!(tree.root(), Hash::EMPTY);
    assert_eq!(Hash::over(&[]), Hash::EMPTY);
    for (leaf, root) in cases {
        tree.push(Hash::leaf(&unhex(leaf)), |_, _| {});
        assert_eq!(tree.root().0.to_vec(), unhex(root), "after {} leaves", tree.size());
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[test]
fn the_growing_tree_is_the_defined_one_at_every_size() {
    let leaves = leaves(600);
    let mut tree = Frontier::default();
    for size in 0..=600 {
        let defined = mth(&leaves[..size]);
        assert_eq!(tree.root(), defined, "size {size}");
        assert_eq!(root_at(size as u64, &mut nodes(&leaves)), Ok(defined), "size {size}");
        if size < 600 {
            let mut heard = Vec::new();
            tree.push(leaves[size], |height, hash| heard.push((height, hash)));
            for (height, hash) in heard {
                let end = size + 1;
                assert_eq!(hash, mth(&leaves[end - (1 << height)..end]), "height {height}");
            }
        }
    }
}

/// Both proofs of one pair are those of the RFC, hold, and hold for nothing else.
fn check(leaves: &[Hash], from: usize) {
    let size = leaves.len();
    let (m, n) = (from as u64, size as u64);
    let root = mth(leaves);
    let old = mth(&leaves[..from]);
    if from < size {
        let proof = prove_inclusion(m, n, &mut nodes(leaves)).unwrap();
        assert_eq!(proof, path(from, leaves));
        assert!(inclusion_holds(leaves[from], m, n, &proof, root));
        assert!(!inclusion_holds(Hash::EMPTY, m, n, &proof, root));
        assert!(!inclusion_holds(leaves[from], m, n, &proof, Hash::EMPTY));
        assert!(!inclusion_holds(leaves[from], m ^ 1, n, &proof, root) || size == 1);
        assert!(!inclusion_holds(leaves[from], n, n, &proof, root));
        assert!(!inclusion_holds(leaves[from], m, n, &[&proof[..], &[root]].concat(), root));
        if let Some((_, short)) = proof.split_last() {
            assert!(!inclusion_holds(leaves[from], m, n, short, root));
        }
    }
    let proof = prove_consistency(m, n, &mut nodes(leaves)).unwrap();
    if from > 0 {
        assert_eq!(proof, subproof(from, leaves, true));
    }
    assert!(consistency_holds((m, old), (n, root), &proof));
    assert!(!consistency_holds((m, old), (n, root), &[&proof[..], &[root]].concat()));
    if from != 0 && from != size {
        assert!(!consistency_holds((m, root), (n, root), &proof));
        assert!(!consistency_holds((m, old), (n, old), &proof));
        assert!(!consistency_holds((n, root), (m, old), &proof));
        for place in 0..proof.len() {
            let mut altered = proof.clone();
            altered[place].0[7] ^= 1;
            assert!(!consistency_holds((m, old), (n, root), &altered));
        }
    }
}

#[test]
fn proofs_are_the_defined_ones_for_every_pair_of_small_sizes() {
    let leaves = leaves(70);
    for size in 1..=70 {
        for from in 0..=size {
            check(&leaves[..size], from);
        }
    }
}

#[test]
fn proofs_are_the_defined_ones_at_every_size_to_six_hundred() {
    let leaves = leaves(600);
    for size in 71..=600 {
        for from in [0, 1, size / 3, size / 2 + 1, size - 1, size] {
            check(&leaves[..size], from);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn proofs_are_the_defined_ones_in_larger_trees(size in 600_usize..20_000, part in 0.0..1.0) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss,
            clippy::cast_precision_loss, reason = "a place somewhere in the tree")]
        let from = (size as f64 * part) as usize;
        let leaves = leaves(size as u64);
        let mut tree = Frontier::default();
        for leaf in &leaves {
            tree.push(*leaf, |_, _| {});
        }
        prop_assert_eq!(tree.root(), mth(&leaves));
        check(&leaves, from);
    }
}

#[test]
fn sizes_at_the_end_of_numbers_are_refused_not_panicked_on() {
    let h = Hash::EMPTY;
    for (m, n) in [(0, u64::MAX), (u64::MAX - 1, u64::MAX), (1 << 63, u64::MAX), (1, 2)] {
        assert!(!inclusion_holds(h, m, n, &[h; 64], h));
        assert!(!inclusion_holds(h, m, n, &[], h));
        assert!(!consistency_holds((m, h), (n, h), &[h; 70]));
    }
}
