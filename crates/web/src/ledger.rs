//! The transparency log, open to everybody: whoever holds the verifier key can check it without
//! asking us (C2SP tlog-tiles, tlog-checkpoint, tlog-proof).

use crate::answer::Answer;
use crate::asked::Asked;
use crate::edge::Server;
use crate::problem::{Code, Problem, unavailable};
use gate::LedgerError;
use gate::log::Tile;
use schemars::JsonSchema;
use serde::Serialize;

const TEXT: &str = "text/plain; charset=utf-8";

/// That the shorter log is the beginning of the longer one (RFC 9162 §2.1.4).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConsistencyProof")]
pub(crate) struct ConsistencyBody {
    /// Entries of the shorter log.
    from: u64,
    /// Entries of the longer log.
    to: u64,
    /// The hashes, base64.
    proof: Vec<String>,
}

pub(crate) fn checkpoint(server: &Server) -> Answer {
    Answer::text(TEXT, &*server.edge.gate.ledger().checkpoint())
}

pub(crate) fn verifier_key(server: &Server) -> Answer {
    Answer::text(TEXT, format!("{}\n", server.edge.gate.ledger().verifier()))
}

pub(crate) fn tile(server: &Server, asked: &Asked) -> Result<Answer, Problem> {
    let path = format!("tile/{}", asked.text_part("path")?);
    let tile = Tile::parse(&path).ok_or_else(|| {
        Problem::new(Code::BadParameter, "not the path of a tile").at("path: path")
    })?;
    let bytes = server.edge.gate.ledger().tile(&tile).map_err(|error| failed(&error))?;
    let bytes = bytes.ok_or_else(|| {
        Problem::new(Code::NotFound, "the log has not come so far, or this tile is full by now")
    })?;
    // A tile of a given width never changes: later entries have wider tiles of their own.
    Ok(Answer::of("application/octet-stream", bytes).immutable())
}

pub(crate) fn proof(server: &Server, asked: &Asked) -> Result<Answer, Problem> {
    let index = asked.text_part("index")?.parse().map_err(|_| {
        Problem::new(Code::BadParameter, "not the index of an entry").at("path: index")
    })?;
    let proof = server.edge.gate.ledger().inclusion_proof(index);
    Ok(Answer::text(TEXT, proof.map_err(|error| failed(&error))?.to_string()))
}

pub(crate) fn consistency(server: &Server, asked: &Asked) -> Result<Answer, Problem> {
    let ledger = server.edge.gate.ledger();
    let from = asked.count("from").unwrap_or_default();
    let to = asked.count("to").unwrap_or_else(|| ledger.size());
    let proof = ledger.consistency_proof(from, to).map_err(|error| failed(&error))?;
    let proof = proof.iter().map(ToString::to_string).collect();
    Ok(Answer::json(&ConsistencyBody { from, to, proof }))
}

fn failed(error: &LedgerError) -> Problem {
    if let LedgerError::Outside { .. } = error {
        Problem::new(Code::NotFound, error.to_string())
    } else {
        unavailable("reading the ledger", error)
    }
}
