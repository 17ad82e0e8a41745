//! The guide's commands are run as they stand there.

use super::Desk;
use laws::process::program;
use std::fs;
use std::process::Command;

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/linkage.md");

#[test]
fn the_commands_of_the_guide_work() {
    let desk = Desk::new();
    let guide = fs::read_to_string(GUIDE).unwrap();
    let blocks = |kind: &'static str| {
        guide.split(kind).skip(1).map(|rest| rest.split("\n```").next().unwrap())
    };
    let answers = blocks("```csv\n").next().unwrap();
    desk.put("answers.csv", answers);
    desk.put("settings.toml", blocks("```toml\n").next().unwrap());
    let half = desk.text("customers.csv");
    desk.put("shop.csv", &half.lines().take(500).collect::<Vec<_>>().join("\n"));
    let (head, rows) = half.split_once('\n').unwrap();
    desk.put(
        "till.csv",
        &format!("{head}\n{}", rows.lines().skip(499).collect::<Vec<_>>().join("\n")),
    );
    let dir = program().parent().unwrap().display();
    let path = format!("{dir}:{}", std::env::var("PATH").unwrap());
    let mut ran = 0;
    for block in blocks("```sh\n") {
        for line in block.lines().filter(|line| line.starts_with("bonafide ")) {
            let done = Command::new("sh")
                .args(["-ec", line])
                .env("PATH", &path)
                .current_dir(&desk.0)
                .output();
            let done = done.unwrap();
            assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
            ran += 1;
        }
    }
    assert!(ran >= 10, "{ran}");
}
