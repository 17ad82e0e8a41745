//! A real Chromium, driven by the W3C's protocol `WebDriver`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use laws::client::Client;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

const NEEDS: &str = "install chromium and chromium-driver, as `cargo xtask test` does";

/// A Chromium of its own, with an empty profile, that can reach this machine and nothing else.
pub(crate) struct Browser {
    driver: Child,
    client: Client,
    session: String,
}

/// A request that a page made.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) url: String,
    pub(crate) preflight: bool,
}

impl Browser {
    /// Starts one with its profile in `dir`.
    pub(crate) fn start(dir: &Path) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver does not start: {error}: {NEEDS}"));
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
        });
        let port: u16 = port.unwrap_or_else(|| panic!("chromedriver names no port: {NEEDS}"));
        thread::spawn(move || lines.for_each(drop));
        let client = Client::new(SocketAddr::from(([127, 0, 0, 1], port)));
        let mut browser = Self { driver, client, session: String::new() };
        let wanted = json!({ "capabilities": { "alwaysMatch": wishes(dir) } });
        let session = browser.call("POST", "/session", &wanted);
        browser.session = format!("/session/{}", session["sessionId"].as_str().unwrap());
        let limits = json!({ "script": 30_000, "pageLoad": 30_000 });
        browser.command("/timeouts", &limits);
        browser
    }

    /// Tells the browser to object to the sale and sharing of data, as one does that has the setting:
    /// in a header, and in what scripts can ask.
    pub(crate) fn objects(&mut self) {
        self.devtools("Network.enable", &json!({}));
        self.devtools("Network.setExtraHTTPHeaders", &json!({ "headers": { "Sec-GPC": "1" } }));
        let source = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })";
        let source = json!({ "source": source });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &source);
    }

    pub(crate) fn open(&mut self, url: &str) {
        self.command("/url", &json!({ "url": url }));
    }

    /// What a function of the page comes to, once its promise is kept.
    pub(crate) fn told(&mut self, function: &str, argument: &Value) -> Value {
        let script = format!(
            "const done = arguments[1];
            Promise.resolve({function}(arguments[0])).then(
                (value) => done({{ value }}), (error) => done({{ error: String(error) }}));"
        );
        let told = self.command("/execute/async", &json!({ "script": script, "args": [argument] }));
        assert!(told.get("error").is_none(), "{function}: {told}: {:?}", self.console());
        told["value"].clone()
    }

    /// What a script comes to that runs in the page.
    pub(crate) fn run(&mut self, script: &str) -> Value {
        self.command("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Gives the window a size, in pixels of CSS.
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// A picture of the whole page (PNG).
    pub(crate) fn picture(&mut self) -> Vec<u8> {
        let whole = json!({ "captureBeyondViewport": true });
        let shot = self.devtools("Page.captureScreenshot", &whole);
        BASE64.decode(shot["data"].as_str().unwrap()).unwrap()
    }

    /// Everything that was asked for since the last call.
    pub(crate) fn asked(&mut self) -> Vec<Asked> {
        let log = self.command("/se/log", &json!({ "type": "performance" }));
        let entries = log.as_array().unwrap().iter();
        let messages = entries.map(|entry| {
            let message = entry["message"].as_str().unwrap();
            serde_json::from_str::<Value>(message).unwrap()["message"].clone()
        });
        messages
            .filter(|message| message["method"] == "Network.requestWillBeSent")
            .map(|message| {
                let params = &message["params"];
                let url = params["request"]["url"].as_str().unwrap().to_owned();
                Asked { url, preflight: params["request"]["method"] == "OPTIONS" }
            })
            .collect()
    }

    /// What the page said to its console.
    pub(crate) fn console(&mut self) -> Vec<String> {
        let log = self.command("/se/log", &json!({ "type": "browser" }));
        let lines = log.as_array().unwrap().iter();
        lines.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    fn devtools(&mut self, command: &str, params: &Value) -> Value {
        self.command("/goog/cdp/execute", &json!({ "cmd": command, "params": params }))
    }

    fn command(&mut self, path: &str, body: &Value) -> Value {
        self.call("POST", &format!("{}{path}", self.session), body)
    }

    fn call(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let headers = [("Content-Type", "application/json")];
        let answer = self.client.call(method, path, &headers, body.to_string().as_bytes());
        let answer = answer.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(answer.status, 200, "{path}: {}: {NEEDS}", answer.text());
        answer.json()["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Whether it ends well is nobody's concern any more; that it ends is.
        drop(self.client.call("DELETE", &self.session, &[], b""));
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

fn wishes(dir: &Path) -> Value {
    let profile = format!("--user-data-dir={}", dir.display());
    let arguments = [
        "--headless=new",
        // The sandbox wants rights that root in a container does not have.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-proxy-server",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        &profile,
        "about:blank",
    ];
    json!({
        "goog:chromeOptions": { "args": arguments },
        "goog:loggingPrefs": { "performance": "ALL", "browser": "ALL" },
    })
}
