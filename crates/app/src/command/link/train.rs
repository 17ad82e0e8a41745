//! `link train`: a model, to be pinned.

use super::{Ready, answers, dedupe, out, summary, words};
use crate::command::say;
use anyhow::Result;
use linkage::engine;
use linkage::model::hash;

/// Learns a model and writes it.
pub(super) fn train(words: &words::Train) -> Result<()> {
    dedupe::not_over_inputs(&words.inputs, &[&Some(words.out.clone())])?;
    let mut ready = Ready::of(&words.inputs, &words.how, &[], false)?;
    let answers = match &words.labels {
        Some(path) => answers::read(path, &ready.table)?,
        None => Vec::new(),
    };
    let labels = answers::asserted(&answers, &ready.table);
    let spinner = ready.bars.spinner("comparing, learning");
    let learned = engine::train(&mut ready.table.records, &ready.settings, &labels);
    spinner.finish_and_clear();
    if learned.mistakes_namesakes() {
        say::error(
            "what was learned takes people of one name for one person: the records say too little \
             besides names. Label some pairs (`--labels`), or use `--model shipped`",
        );
    }
    let text = learned.to_json();
    out::whole(&words.out, &text)?;
    let records = summary::grouped(ready.table.ids.len() as u64);
    say::line(&format!("learned from {records} records: {}", words.out.display()));
    say::line(&format!("hash {}", hash(&text)));
    Ok(())
}
