//! By the brand's own word: a token that it signs, as the guide shows it.

use super::visitor;
use crate::centre::Served;
use laws::house::Home;
use serde_json::{Value, json};
use std::process::Command;

/// The guide's example: the code block after the sentence that names it.
fn example() -> String {
    let guide = include_str!("../../../../docs/guide/customer.md");
    let code = guide.split("```js\n").nth(1).unwrap();
    code.split("```").next().unwrap().to_owned()
}

/// A brand with a key, that signs as the guide says.
struct Brand {
    dir: tempfile::TempDir,
    public: String,
}

impl Brand {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("sign.mjs"), example()).unwrap();
        let program = "const { generateKeyPairSync } = require('node:crypto');
            const { publicKey, privateKey } = generateKeyPairSync('ed25519');
            require('node:fs').writeFileSync('brand.pem',
                privateKey.export({ type: 'pkcs8', format: 'pem' }));
            console.log(publicKey.export({ format: 'jwk' }).x);";
        let made = Command::new("node").args(["-e", program]).current_dir(dir.path()).output();
        let public = String::from_utf8(made.unwrap().stdout).unwrap().trim().to_owned();
        Self { dir, public }
    }

    /// A token of the guide's program, with other claims and another head where a test wants them.
    fn signs(&self, now_ms: i64, claims: &Value, head: &Value) -> String {
        let signed = Command::new("node")
            .arg("sign.mjs")
            .args([&now_ms.to_string(), &claims.to_string(), &head.to_string()])
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
        String::from_utf8(signed.stdout).unwrap().trim().to_owned()
    }
}

#[test]
fn the_brands_word_is_taken_once_while_it_is_fresh() {
    let (brand, stranger) = (Brand::new(), Brand::new());
    let more = format!("\n[[brand_key]]\nname = \"shop\"\npublic_key = \"{}\"\n", brand.public);
    let dir = tempfile::tempdir().unwrap();
    let mut served = Served::over(Home::configured(dir, Some(store::Store::memory()), &more));
    let now = laws::house::NOW_MS;
    let ada = json!({ "source": "web", "user": "user-ada" });
    let none = json!({});
    let spends = |served: &mut Served, token: &str| served.form("/me/in", "", &[("token", token)]);

    let token = brand.signs(now, &ada, &none);
    for _ in 0..3 {
        let path = format!("/me/in?token={token}");
        assert_eq!(served.client.call("GET", &path, &[], b"").unwrap().status, 200);
    }
    let entered = spends(&mut served, &token);
    let visit = visitor(&entered);
    assert!(served.page("/me/data", &visit).text().contains("ada@post.example"));
    assert_eq!(spends(&mut served, &token).status, 401, "replayed");
    let person = json!({ "person": served.person("bob"), "source": null, "user": null });
    let entered = spends(&mut served, &brand.signs(now, &person, &none));
    let visit = visitor(&entered);
    assert!(served.page("/me/data", &visit).text().contains("bob@post.example"));

    let nobody = json!({ "source": "web", "user": "user-nobody" });
    let elsewhere = json!({ "source": "elsewhere", "user": "user-ada" });
    let foreign = json!({ "source": "web", "user": "user-ada", "aud": "other.example/ledger" });
    for (signer, at, claims, head) in [
        (&stranger, now, &ada, &none),
        (&brand, now - 10 * 60_000, &ada, &none),
        (&brand, now + 60 * 60_000, &ada, &none),
        (&brand, now, &nobody, &none),
        (&brand, now, &elsewhere, &none),
        (&brand, now, &foreign, &none),
        (&brand, now, &ada, &json!({ "alg": "none" })),
        (&brand, now, &ada, &json!({ "alg": "HS256" })),
        (&brand, now, &ada, &json!({ "kid": "other" })),
    ] {
        let token = signer.signs(at, claims, head);
        assert_eq!(spends(&mut served, &token).status, 401, "{at} {claims} {head}");
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert_eq!(spends(&mut served, &unsigned).status, 401, "{claims}");
    }
    // Two who try at once: one comes in; and what was taken stays taken when visits are many.
    let token = brand.signs(now, &ada, &none);
    let address = served.running.address;
    let tries: Vec<u16> = std::thread::scope(|scope| {
        let try_it = || {
            let form = [("Content-Type", "application/x-www-form-urlencoded")];
            let body = format!("token={token}");
            let mut client = laws::client::Client::new(address);
            client.call("POST", "/me/in", &form, body.as_bytes()).unwrap().status
        };
        let tries: Vec<_> = (0..8).map(|_| scope.spawn(try_it)).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(tries.iter().filter(|status| **status == 303).count(), 1, "{tries:?}");
    for _ in 0..40 {
        served.comes_in("ada");
    }
    assert_eq!(spends(&mut served, &token).status, 401);
}
