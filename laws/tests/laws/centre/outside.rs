//! What a customer keeps, checked by another hand: the crates `tlog_tiles` and `signed_note`, which know
//! C2SP's formats and nothing of this house, and an HMAC from its RFC.

use super::Served;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::Purpose;
use serde_json::Value;
use sha2::{Digest, Sha256};
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint, Hash, check_record, record_hash};

#[test]
fn a_verifier_by_another_hand_accepts_what_is_kept() {
    let mut served = Served::new();
    let visitor = served.comes_in("ada");
    served.says(&visitor, "marketing", "no");
    let contract = served.page("/me", &visitor).text();
    let entry = contract.split("/me/receipt.json?entry=").nth(1).unwrap();
    let entry = entry.split('"').next().unwrap();
    let receipt = served.page(&format!("/me/receipt.json?entry={entry}"), &visitor).json();
    let evidence = &receipt["bonafide:evidence"];
    // A signal's leaf says so, yes or no, and the purpose, by numbers; see `docs/design/gate.md`.
    let signal = [3, 0, Purpose::Marketing as u8];
    let vkey = served.client.call("GET", "/api/ledger/vkey", &[], b"").unwrap().text();
    assert_eq!(proven(evidence, signal, &vkey), Ok(entry.parse().unwrap()));

    let sure = [("token", &*visitor.token), ("sure", "yes")];
    let erased = served.form("/me/erase", &visitor.cookie, &sure).text();
    let certificate = erased.split("<pre tabindex=\"0\">").nth(1).unwrap();
    let certificate = certificate.split("</pre>").next().unwrap().replace("&quot;", "\"");
    let certificate: Value = serde_json::from_str(&certificate).unwrap();
    let erasure = [4, 0, Purpose::Operations as u8];
    for evidence in certificate["bonafide:evidence"].as_array().unwrap() {
        proven(evidence, erasure, &vkey).unwrap();
        assert_eq!(proven(evidence, signal, &vkey), Err("the tree has no such leaf"));
        let mut later = evidence.clone();
        later["at_ms"] = Value::from(evidence["at_ms"].as_i64().unwrap() + 1);
        assert_eq!(proven(&later, erasure, &vkey), Err("the tree has no such leaf"));
    }
    let other = Sha256::digest(b"another log");
    let forged = vkey.rsplit_once('+').map(|(name, _)| {
        let key = STANDARD.encode([&[1], other.as_slice()].concat());
        format!("{name}+{key}")
    });
    assert_eq!(proven(evidence, signal, &forged.unwrap()), Err("not a key"));
}

/// The entry that evidence proves.
fn proven(
    evidence: &Value,
    [kind, detail, purpose]: [u8; 3],
    vkey: &str,
) -> Result<u64, &'static str> {
    let bytes = |name: &str| STANDARD.decode(evidence[name].as_str().unwrap()).unwrap();
    let mut leaf = b"bf1".to_vec();
    leaf.extend([kind, detail, purpose]);
    leaf.extend(evidence["at_ms"].as_i64().unwrap().to_be_bytes());
    leaf.extend(hmac_sha256(&bytes("key"), &bytes("row")));

    // C2SP tlog-proof: a header, the entry, hashes, an empty line, the checkpoint.
    let proof = evidence["proof"].as_str().unwrap();
    let (head, checkpoint) = proof.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("c2sp.org/tlog-proof@v1"));
    let index = lines.next().unwrap().strip_prefix("index ").unwrap().parse().unwrap();
    let path: Vec<Hash> = lines.map(|line| Hash::parse_hash(line).unwrap()).collect();

    let verifier = StandardVerifier::new(vkey.trim()).map_err(|_| "not a key")?;
    let note = Note::from_bytes(checkpoint.as_bytes()).unwrap();
    let known = VerifierList::new(vec![Box::new(verifier)]);
    note.verify(&known).map_err(|_| "signed by somebody else")?;
    let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
    let (size, root) = (checkpoint.size(), *checkpoint.hash());
    check_record(&path, size, root, index, record_hash(&leaf))
        .map_err(|_| "the tree has no such leaf")?;
    Ok(index)
}

/// HMAC-SHA-256 (RFC 2104) with a key of at most one block.
fn hmac_sha256(key: &[u8], text: &[u8]) -> [u8; 32] {
    let padded = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}
