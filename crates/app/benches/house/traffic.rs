//! What a web shop sends: 85 % pages and tracks of customers it knows, 10 % identifies of them, 5 %
//! visitors nobody has heard of. Every known customer is as likely as any other, which is harder on
//! caches than real customers are.

use super::server::WRITE_KEY;
use app::load::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// Events in a request.
pub(super) const BATCH_EVENTS: u64 = 50;

pub(super) const GIVEN: [&str; 16] = [
    "Ada", "Ben", "Clara", "David", "Elif", "Fatima", "George", "Hanna", "Igor", "Julia", "Karl",
    "Lena", "Mehmet", "Nora", "Otto", "Priya",
];
pub(super) const FAMILY: [&str; 16] = [
    "Adler", "Brown", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ivanov", "Jones",
    "Kaya", "Larsen", "Meyer", "Novak", "Okafor", "Petit",
];
const PRODUCTS: [&str; 8] =
    ["Wool throw", "Oak stool", "Linen sheet", "Clay vase", "Lamp", "Basket", "Mirror", "Rug"];

/// Makes requests; shared by all connections.
pub(super) struct Traffic {
    /// Customers that exist.
    known: AtomicU64,
    /// Events made so far: each has a message id of its own.
    made: AtomicU64,
    basic: String,
    /// Milliseconds since the Unix epoch at the start; event times stay near it.
    begin_ms: i64,
}

impl Traffic {
    pub(super) fn new(begin_ms: i64) -> Self {
        let basic = format!("Basic {}", STANDARD.encode(format!("{WRITE_KEY}:")));
        Self { known: AtomicU64::new(0), made: AtomicU64::new(0), basic, begin_ms }
    }

    /// Goes on where another run's traffic stopped.
    pub(super) fn resume(begin_ms: i64, known: u64, made: u64) -> Self {
        let (known, made) = (AtomicU64::new(known), AtomicU64::new(made));
        Self { known, made, ..Self::new(begin_ms) }
    }

    /// Events made so far.
    pub(super) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Customers that exist.
    pub(super) fn known(&self) -> u64 {
        self.known.load(Ordering::Relaxed)
    }

    /// The next `count` customers say who they are, for the first time.
    pub(super) fn newcomers(&self, count: u64) -> Request {
        let mut newcomers = self.known.fetch_add(count, Ordering::Relaxed)..;
        self.batch(count, |body, made, _| {
            self.identify(body, made, newcomers.next().unwrap_or_default());
        })
    }

    /// A batch of the usual mix.
    pub(super) fn usual(&self) -> Request {
        let known = self.known().max(1);
        self.batch(BATCH_EVENTS, |body, made, dice| match dice.below(100) {
            0..45 => self.track(body, made, dice.below(known), dice),
            45..85 => self.page(body, made, Some(dice.below(known))),
            85..95 => self.identify(body, made, dice.below(known)),
            _ => self.page(body, made, None),
        })
    }

    fn batch(&self, count: u64, mut event: impl FnMut(&mut String, u64, &mut Dice)) -> Request {
        let first = self.made.fetch_add(count, Ordering::Relaxed);
        let mut dice = Dice(first.wrapping_add(0x9E37_79B9_7F4A_7C15));
        let mut body = String::with_capacity(800 * usize::try_from(count).unwrap_or_default());
        body.push_str(r#"{"batch":["#);
        for made in first..first + count {
            if made > first {
                body.push(',');
            }
            event(&mut body, made, &mut dice);
        }
        body.push_str("]}");
        Request::post("/v1/batch", body)
            .header("Authorization", self.basic.clone())
            .header("Content-Type", "application/json")
    }

    fn identify(&self, body: &mut String, made: u64, who: u64) {
        self.open(body, "identify", made, Some(who));
        let (given, family) = (pick(&GIVEN, who), pick(&FAMILY, who / 16));
        add(
            body,
            format_args!(
                r#","traits":{{"email":"{given}.{family}.{who}@mail.example","firstName":"{given}","lastName":"{family}","plan":"member"}}}}"#
            ),
        );
    }

    fn track(&self, body: &mut String, made: u64, who: u64, dice: &mut Dice) {
        self.open(body, "track", made, Some(who));
        let product = dice.below(8);
        add(
            body,
            format_args!(
                r#","event":"Product Viewed","properties":{{"product_id":"sku-{product}","name":"{}","category":"home","price":{}.95,"currency":"EUR"}}}}"#,
                pick(&PRODUCTS, product),
                dice.below(200)
            ),
        );
    }

    fn page(&self, body: &mut String, made: u64, who: Option<u64>) {
        self.open(body, "page", made, who);
        body.push_str(
            r#","name":"Home","properties":{"title":"Home","url":"https://shop.example/"}}"#,
        );
    }

    /// Everything that events have in common, without the closing brace.
    fn open(&self, body: &mut String, kind: &str, made: u64, who: Option<u64>) {
        let at = collect::time::write(model::Timestamp(
            self.begin_ms.saturating_add(i64::try_from(made / 8).unwrap_or_default()),
        ));
        let at = at.unwrap_or_default();
        add(
            body,
            format_args!(
                r#"{{"type":"{kind}","messageId":"ajs-next-{made:020}","timestamp":"{at}","#
            ),
        );
        match who {
            Some(who) => {
                add(body, format_args!(r#""anonymousId":"visitor-{who}","userId":"u{who}","#));
            }
            None => {
                add(body, format_args!(r#""anonymousId":"stranger-{made}","userId":null,"#));
            }
        }
        // Every page asks; two customers in three say yes.
        let yes = !who.unwrap_or(made).is_multiple_of(3);
        add(
            body,
            format_args!(
                r#""context":{{"page":{{"path":"/","referrer":"https://search.example/","title":"Home","url":"https://shop.example/"}},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36","locale":"en-GB","ip":"2001:db8::1","library":{{"name":"analytics.js","version":"npm:next-1.84.3"}},"consent":{{"categoryPreferences":{{"functional":true,"analytics":{yes},"personalisation":{yes},"marketing":{yes},"advertising":false,"sharing":false}}}}}},"integrations":{{}}"#
            ),
        );
    }
}

fn add(body: &mut String, text: std::fmt::Arguments<'_>) {
    // A String takes whatever is written to it.
    body.write_fmt(text).unwrap_or_default();
}

pub(super) fn pick(words: &[&'static str], nth: u64) -> &'static str {
    let place = usize::try_from(nth).unwrap_or_default() % words.len().max(1);
    words.get(place).copied().unwrap_or_default()
}

/// Small and fast chance (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit.max(1)
    }
}
