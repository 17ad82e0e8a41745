//! What customers keep: their data as files, receipts, certificates.

use super::Served;
use laws::house::PRIVACY;
use model::IdentifierKind;
use std::sync::Arc;

#[test]
fn who_takes_everything_and_leaves_is_gone() {
    let mut served = Served::new();
    let visitor = served.comes_in("ada");
    let second = served.comes_in("ada");
    let all = served.page("/me/data.json", &visitor).json();
    assert!(all.to_string().contains("ada@post.example"), "{all}");
    assert!(!all.to_string().contains("bob@"), "{all}");
    let table = served.page("/me/data.csv", &visitor);
    assert!(table.header("content-disposition").unwrap().starts_with("attachment"));
    assert!(table.text().contains("\"email\",\"ada@post.example\""), "{}", table.text());
    let unsure = served.form("/me/erase", &visitor.cookie, &[("token", &visitor.token)]);
    assert_eq!(unsure.status, 400);
    let sure = [("token", &*visitor.token), ("sure", "yes")];
    let erased = served.form("/me/erase", &visitor.cookie, &sure);
    assert_eq!(erased.status, 200, "{}", erased.text());
    let proof = erased.text().split("/api/ledger/proof/").nth(1).unwrap().to_owned();
    let entry = proof.split('"').next().unwrap();
    let path = format!("/api/ledger/proof/{entry}");
    assert_eq!(served.client.call("GET", &path, &[], b"").unwrap().status, 200);
    for gone in [&visitor, &second] {
        assert_eq!(served.page("/me", gone).status, 401);
    }
    let house = Arc::clone(&served.running.house);
    let blind = house.intake.identifier(IdentifierKind::Email, "ada@post.example").unwrap();
    assert!(house.people.lookup(blind).unwrap().is_empty());
    assert_eq!(laws::house::examine(&house), [""; 0]);
}

/// What a customer keeps can be checked offline, and cannot be changed.
#[test]
fn receipts_and_certificates_prove_themselves() {
    let mut served = Served::new();
    let visitor = served.comes_in("ada");
    served.says(&visitor, "marketing", "no");
    let contract = served.page("/me", &visitor).text();
    let entry = contract.split("/me/receipt.json?entry=").nth(1).unwrap();
    let entry = entry.split('"').next().unwrap().to_owned();
    let receipt = served.page(&format!("/me/receipt.json?entry={entry}"), &visitor);
    assert_eq!(receipt.status, 200, "{}", receipt.text());
    let said = receipt.json();
    assert_eq!(said["@type"], "dpv:ConsentReceipt");
    assert_eq!(said["dpv:hasConsentStatus"]["@type"], "dpv:ConsentWithdrawn");
    assert!(said["dpv:hasNotice"]["bonafide:text"]["what"].is_string(), "{said}");
    // The same over the interface; nobody else's, and of no other entry.
    let (ada, bob) = (served.person("ada"), served.person("bob"));
    let path = |person: &str| format!("/api/subjects/{person}/receipts/{entry}");
    let again = served.client.read(PRIVACY, "subject_access", &path(&ada));
    assert_eq!(again.json()["bonafide:evidence"]["row"], said["bonafide:evidence"]["row"]);
    assert_eq!(served.client.read(PRIVACY, "subject_access", &path(&bob)).status, 404);
    assert_eq!(served.page("/me/receipt.json?entry=0", &visitor).status, 400);
    let sure = [("token", &*visitor.token), ("sure", "yes")];
    let erased = served.form("/me/erase", &visitor.cookie, &sure).text();
    let certificate = erased.split("<pre tabindex=\"0\">").nth(1).unwrap();
    let certificate = certificate.split("</pre>").next().unwrap().replace("&quot;", "\"");

    let key = served.client.call("GET", "/api/ledger/vkey", &[], b"").unwrap().text();
    let dir = tempfile::tempdir().unwrap();
    let verify = |text: &str| {
        let (file, vkey) = (dir.path().join("kept.json"), dir.path().join("log.vkey"));
        std::fs::write(&file, text).unwrap();
        std::fs::write(&vkey, &key).unwrap();
        let mut program = std::process::Command::new(laws::process::program());
        program.args(["contract", "verify"]).arg(file).arg("--key").arg(vkey);
        let done = program.output().unwrap();
        let all = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8(all).unwrap())
    };
    let (good, told) = verify(&receipt.text());
    assert!(good && told.contains("no to marketing was said at"), "{told}");
    let (good, told) = verify(&certificate);
    assert!(good && told.contains("was erased at"), "{told}");
    for (from, to) in [
        ("dpv:ConsentWithdrawn", "dpv:ConsentGiven"),
        ("\"bonafide:grant\":\"marketing\"", "\"bonafide:grant\":\"analytics\""),
        ("preference_centre", "api"),
        ("\"at_ms\":1", "\"at_ms\":2"),
        ("dpv:ConsentReceipt", "bonafide:ErasureCertificate"),
    ] {
        let forged = receipt.text().replacen(from, to, 1);
        assert_ne!(forged, receipt.text(), "{from}");
        let (good, told) = verify(&forged);
        assert!(!good, "{from}: {told}");
    }
}
