//! scratch
#[path = "../tests/support/mod.rs"]
mod support;
use linkage::block::*;
use linkage::compare::*;
use linkage::engine::*;
use linkage::evaluate::*;
use std::time::Instant;
fn main() {
    let sets: &[(&str, &[&str])] = &[
        ("febrl3", &["febrl_3.csv"]),
        ("febrl4", &["febrl_4a.csv", "febrl_4b.csv"]),
        ("fake", &["fake_1000.csv"]),
        ("hist", &["historical_50k.parquet"]),
        ("people", &["people_10k.csv"]),
    ];
    let only = std::env::args().nth(1).unwrap_or_default();
    let verbose = std::env::args().nth(2).unwrap_or_default();
    let settings = Settings::default();
    for (name, files) in sets {
        if !only.is_empty() && only != "all" && only != *name {
            continue;
        }
        let t0 = Instant::now();
        let mut set = support::labelled(files);
        let t1 = Instant::now();
        let (out, model) = if files.len() == 2 {
            pair(&mut set.records, set.first, &settings)
        } else {
            dedupe(&mut set.records, &settings)
        };
        let t2 = Instant::now();
        let q = pairwise(&out.people, &set.people);
        let b = b_cubed(&out.people, &set.people);
        let blocks = Blocks::of(&set.records, 2);
        let mut cand = Vec::new();
        blocks.pairs(0..blocks.len(), |a, b| cand.push((a, b)));
        let recall = blocking_recall(cand.iter().copied(), &set.people);
        println!(
            "{name}: P {:.4} R {:.4} F1 {:.4}  B3 {:.4}  blockrecall {:.4} cand {} edges {} within-hh {:.3}  read {:?} link {:?} shares {:?}",
            q.precision,
            q.recall,
            q.f1,
            b.f1,
            recall,
            cand.len(),
            out.pairs.len(),
            wrong_within(&out.people, &set.people, &set.households),
            t1 - t0,
            t2 - t1,
            model.shares.map(|s| (s * 1000.0).round() / 1000.0)
        );
        if *name == "people" {
            let homes = linkage::household::households(&set.records, &out.people, &[]);
            let h = pairwise(&homes, &set.households);
            println!("   households P {:.4} R {:.4} F1 {:.4}", h.precision, h.recall, h.f1);
            let homes = linkage::household::households(
                &set.records,
                &{
                    let mut f = std::collections::HashMap::new();
                    set.people
                        .iter()
                        .zip(0u32..)
                        .map(|(p, i)| *f.entry(*p).or_insert(i))
                        .collect::<Vec<u32>>()
                },
                &[],
            );
            if verbose.contains('h') {
                let mut seen = 0;
                for a in 0..set.people.len() {
                    for b in a + 1..set.people.len() {
                        let (t, f) = (set.households[a] == set.households[b], homes[a] == homes[b]);
                        if t != f && (a * 31 + b * 17) % 97 == 0 && seen < 60 {
                            seen += 1;
                            println!(
                                "{} \n   {}\n   {}",
                                if t { "missed" } else { "wrong" },
                                set.raw[a].join("|"),
                                set.raw[b].join("|")
                            );
                        }
                    }
                }
            }
            let h = pairwise(&homes, &set.households);
            println!(
                "   households with true people P {:.4} R {:.4} F1 {:.4}",
                h.precision, h.recall, h.f1
            );
        }
        let best = sweep(&out, &set.people);
        println!("   pairs: best F1 {:.4} at {:.2}; at 0: {:.4}", best.0, best.1, best.2);
        if verbose.contains('S') {
            std::fs::write("src/model/people.json", model.to_json()).unwrap();
        }
        if verbose.contains('m') {
            for c in Comparison::ALL {
                let n = c.levels().len();
                let f = |k: usize| {
                    model.levels[k][*c as usize][..n]
                        .iter()
                        .map(|x| format!("{x:.3}"))
                        .collect::<Vec<_>>()
                        .join(" ")
                };
                println!(
                    "   {:14} M {:40} H {:40} N {} c {:.2}",
                    c.word(),
                    f(0),
                    f(1),
                    f(2),
                    model.centres[*c as usize]
                );
            }
        }
        if verbose.contains('e') {
            let mut shown = 0;
            let mut wrong = Vec::new();
            let n = set.people.len();
            let mut by: std::collections::HashMap<u32, Vec<u32>> = Default::default();
            for i in 0..n {
                by.entry(set.people[i]).or_default().push(i as u32);
            }
            for m in by.values() {
                for (i, a) in m.iter().enumerate() {
                    for b in &m[i + 1..] {
                        if out.people[*a as usize] != out.people[*b as usize] {
                            wrong.push((0, *a, *b));
                        }
                    }
                }
            }
            let mut by: std::collections::HashMap<u32, Vec<u32>> = Default::default();
            for i in 0..n {
                by.entry(out.people[i]).or_default().push(i as u32);
            }
            for m in by.values() {
                for (i, a) in m.iter().enumerate() {
                    for b in &m[i + 1..] {
                        if set.people[*a as usize] != set.people[*b as usize] {
                            wrong.push((1, *a, *b));
                        }
                    }
                }
            }
            wrong.sort_by_key(|w| (w.1 as u64 * 2654435761 % 1000003, w.2));
            let scorer = linkage::model::Scorer::new(&model);
            for kind in [0, 1] {
                println!(
                    "--- {}: {}",
                    if kind == 0 { "missed" } else { "wrong" },
                    wrong.iter().filter(|w| w.0 == kind).count()
                );
                shown = 0;
                for (k, a, b) in &wrong {
                    if *k != kind || shown > 25 {
                        continue;
                    }
                    shown += 1;
                    let (x, y) = (&set.records.rows[*a as usize], &set.records.rows[*b as usize]);
                    let p = compare(&set.records.pool, x, y);
                    let s = scorer.score(&set.records.pool, x, y, p);
                    let lv: Vec<String> = Comparison::ALL
                        .iter()
                        .filter_map(|c| {
                            p.level(*c).map(|l| format!("{}={}", c.word(), c.levels()[l]))
                        })
                        .collect();
                    let c = cand.iter().any(|q| *q == (*a, *b));
                    println!(
                        "w {:.2} hh {:.2} cand {c} | {}\n    {}\n    {}",
                        s.weight,
                        s.neighbour,
                        lv.join(" "),
                        set.raw[*a as usize].join("|"),
                        set.raw[*b as usize].join("|")
                    );
                }
            }
            let _ = shown;
        }
        if verbose.contains('b') {
            for (r, f) in RULES.iter().zip(&out.found) {
                println!("   {:20} {:?}", r.word(), f);
            }
        }
    }
}
fn sweep(out: &Output, truth: &[u32]) -> (f64, f32, f64) {
    let mut pairs: Vec<(f32, bool)> =
        out.pairs.iter().map(|p| (p.weight, truth[p.a as usize] == truth[p.b as usize])).collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut sizes = std::collections::HashMap::new();
    for t in truth {
        *sizes.entry(t).or_insert(0u64) += 1;
    }
    let real: u64 = sizes.values().map(|s| s * (s - 1) / 2).sum();
    let (mut tp, mut best, mut at0) = (0u64, (0.0, 0.0), 0.0);
    for (i, (w, t)) in pairs.iter().enumerate() {
        tp += *t as u64;
        let f = 2.0 * tp as f64 / (i as f64 + 1.0 + real as f64);
        if f > best.0 {
            best = (f, *w);
        }
        if *w >= 0.0 {
            at0 = f;
        }
    }
    (best.0, best.1, at0)
}
