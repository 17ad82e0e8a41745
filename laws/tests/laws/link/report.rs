//! The report stands by itself, says what it holds, and runs nothing that a record brought.

use super::Desk;

/// A value that would run, and one that would leave its attribute.
const HOSTILE: &[&str] =
    &["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</script><b>"];

fn report(desk: &Desk, words: &str) -> String {
    desk.link(&format!("{words} --report report.html --quiet"));
    desk.text("report.html")
}

#[test]
fn it_asks_nobody_for_anything() {
    let page = report(&Desk::new(), "evaluate customers.csv --truth entity_id");
    assert!(page.contains("default-src 'none'"));
    for stranger in ["http://", "https://", "src=", "@import", "url(", "fetch(", "XMLHttpRequest"] {
        assert!(!page.contains(stranger), "{stranger}");
    }
}

#[test]
fn it_says_at_its_head_that_it_holds_personal_data() {
    let page = report(&Desk::new(), "dedupe customers.csv");
    let (head, rest) = page.split_once("<main").unwrap();
    assert!(head.contains("This page holds personal data."));
    for id in [
        "columns",
        "scores",
        "thresholds",
        "weights",
        "blocking",
        "sizes",
        "examples",
        "groups",
        "review",
    ] {
        assert!(
            head.contains(&format!("href=\"#{id}\"")) && rest.contains(&format!("id=\"{id}\"")),
            "{id}"
        );
    }
}

#[test]
fn the_same_files_give_the_same_page() {
    let desk = Desk::new();
    let one = report(&desk, "dedupe customers.csv");
    assert_eq!(one, report(&desk, "dedupe customers.csv"));
}

#[test]
fn values_are_shown_and_not_run() {
    let desk = Desk::new();
    let text = desk.text("customers.csv");
    let (head, rows) = text.split_once('\n').unwrap();
    // In ids, in values and in the names of columns.
    let rows = rows.lines().enumerate().map(|(nth, row)| {
        let hostile = HOSTILE[nth % HOSTILE.len()].replace('"', "\"\"");
        let (id, rest) = row.split_once(',').unwrap();
        format!("\"{hostile}{id}\",\"{hostile}\",{rest}")
    });
    let head = head.replacen("unique_id,", "unique_id,\"<i>city</i>\",", 1);
    desk.put("customers.csv", &format!("{head}\n{}", rows.collect::<Vec<_>>().join("\n")));
    let page = report(&desk, "dedupe customers.csv --column <i>city</i>=suburb --column city=city");
    for hostile in HOSTILE.iter().chain(&["<i>city"]) {
        assert!(!page.contains(hostile), "{hostile}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_eq!(page.matches("<script").count(), 2, "the page's own");
}

#[test]
fn truth_is_not_shown_as_evidence() {
    let page = report(&Desk::new(), "evaluate customers.csv --truth entity_id");
    assert!(!page.contains("<th scope=\"row\">entity_id</th>"));
    assert!(page.contains("measured against the truth"));
    assert!(report(&Desk::new(), "dedupe customers.csv").contains("no truth was named"));
}
