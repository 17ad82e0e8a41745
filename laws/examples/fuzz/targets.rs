//! What is fuzzed: every reader of bytes from outside. A target may refuse its input in any way but
//! by panicking.

use collect::Source;
use collect::dialect::{IntakeHeaders, IntakePath, read_body};
use collect::import::{FileKind, Mapping, Rows};
use collect::{consent, json, time};
use gate::Verifier;
use gate::log::{Checkpoint, Hash, Proof, Tile, tile};
use laws::chance::Seeded;
use linkage::perfect::{
    self, Attribute, Context, Country, Date, RawAddress, attribute, gender, name, phone, pii,
};
use model::{Blind, Category, Limits, PersonId, Purpose, RecordId};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{Seek, Write};
use std::sync::{Arc, OnceLock};

/// One reader.
pub(crate) struct Target {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What good input looks like.
    pub(crate) corpus: &'static [&'static [u8]],
    /// Reads.
    pub(crate) run: fn(&[u8]),
}

const EVENTS: &[&[u8]] = &[
    br#"{"batch":[{"type":"identify","messageId":"m1","userId":"u1","anonymousId":"a1","timestamp":"2026-11-20T10:00:00.123Z","traits":{"email":"ada@post.example","firstName":"Ada","address":{"street":"14 Lantern Row","city":"Bristol","postalCode":"BS1 4QT"}},"context":{"consent":{"categoryPreferences":{"marketing":true}},"ip":"2001:db8::1"}}],"sentAt":"2026-11-20T10:00:01Z","writeKey":"k"}"#,
    br#"{"type":"track","event":"Order Completed","userId":7,"properties":{"total":89.0,"products":[{"sku":"a"}]},"originalTimestamp":"2026-11-20T12:00:00+02:00","context":{"consentManagement":{"allowedConsentIds":["a"],"deniedConsentIds":["b"],"resolutionStrategy":"and"}}}"#,
    br#"[{"type":"alias","userId":"u2","previousId":"u1"},{"type":"page","anonymousId":"a","name":"Home","properties":{"url":"https://shop.example/?email=ada%40post.example"}}]"#,
    br#"{"batch":[{"type":"group","groupId":"g","userId":"u","traits":{"name":"x"}},42,null,"x",[]],"context":{"gpp":"DBAA","tcf":"CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"}}"#,
];

const TEXTS: &[&[u8]] = &[
    b"Dr. Ada Lovelace-King Jr.",
    b"van der Berg, Jan",
    "Gràcia Núñez".as_bytes(),
    "山田 太郎".as_bytes(),
    b"ada.lovelace+news@googlemail.com",
    b"+44 7700 900942 ext. 7",
    b"(020) 7946 0018",
    b"14b Lantern Row, Flat 3, Bristol BS1 4QT, UK",
    b"1600 Amphitheatre Pkwy",
    "Straße des 17. Juni 135, 10623 Berlin".as_bytes(),
    b"31/12/1985",
    b"1986-04-17",
    b"April 17, 1986",
    b"19860417",
    b"n/a",
    b"test@test.com",
    b"female",
    b"Germany",
    b"DE89370400440532013000",
    b"call me at 07700 900942 or write ada@post.example, card 4111 1111 1111 1111, from 192.0.2.7",
    b"https://shop.example/?email=ada%40post.example&phone=%2B447700900942#x",
];

const TIMES: &[&[u8]] = &[
    b"2026-11-20T10:00:00Z",
    b"2026-11-20T10:00:00.123456789+05:30",
    b"2026-11-20 10:00:00",
    b"1795168800000",
    b"1795168800",
    b"20 Nov 2026 10:00:00 GMT",
    b"2026-W47-5",
];

const CSV: &[&[u8]] = &[
    b"customer_no,first_name,email,updated_at\r\nC1,Ada,\"a,b\"\"c\",2026-01-01\r\nC2,Bob,,\r\n",
    b"id;name\n1;Ada\n2;\xe4\xf6\xfc\n",
    b"a\tb\n1\t2\n",
    b"\xef\xbb\xbfid,id,,x\n1,2,3,4,5\n1\n",
];

const NDJSON: &[&[u8]] =
    &[b"{\"id\":1,\"name\":\"Ada\",\"n\":{\"a\":[1,null]}}\n{\"id\":2}\n\n[]\n", b"{\"id\":\"1\"}"];

const TOML: &[&[u8]] = &[
    b"source = 'crm'\nkey = ['customer_no']\ntimestamp = 'updated_at'\nignore = ['x']\n[columns]\nemail = { trait = 'email' }\n[consent.marketing_email]\npurposes = ['marketing']\nyes = ['y']\n",
    b"slug = 'web'\nkind = 'web'\nwrite_keys = ['k']\nconsent_map = { a = ['marketing'] }\n[limits]\nevent_max = 1000\n[plan.traits.email]\ncategory = 'contact'\n[plan.events.X.fields.a]\ntype = 'text'\n",
];

const LEDGER: &[&[u8]] = &[
    b"bonafide.localhost/ledger\n12\nSlVTVCBBIEhBU0ggT0YgVEhJUlRZIFRXTyBCWVRFUyE=\n\n\xe2\x80\x94 bonafide.localhost/ledger AAAAAAAA\n",
    b"c2sp.org/tlog-proof@v1\nindex 3\nSlVTVCBBIEhBU0ggT0YgVEhJUlRZIFRXTyBCWVRFUyE=\n\nlog\n4\nSlVTVCBBIEhBU0ggT0YgVEhJUlRZIFRXTyBCWVRFUyE=\n\n\xe2\x80\x94 log AAAA\n",
    b"bonafide.localhost/ledger+33d7b496+AeHZzxqB2B4xX9zv1dYx8mQ0mZ8m4cPpP1m8m0m8m0m8",
    b"tile/0/x001/x234/067.p/8", b"tile/entries/000.p/1", b"0/000", b"\0\x05abcde\0\0",
];

const IDS: &[&[u8]] =
    &[b"7858d565afdf1bced10e1af78f36c830", b"marketing/email", b"marketing", b"sha256"];

/// Every target.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "body", corpus: EVENTS, run: body },
    Target { name: "json", corpus: EVENTS, run: json_text },
    Target { name: "time", corpus: TIMES, run: times },
    Target { name: "consent", corpus: EVENTS, run: consent_said },
    Target { name: "csv", corpus: CSV, run: |bytes| import(bytes, FileKind::Csv) },
    Target { name: "ndjson", corpus: NDJSON, run: |bytes| import(bytes, FileKind::Ndjson) },
    Target { name: "parquet", corpus: CSV, run: parquet_file },
    Target { name: "toml", corpus: TOML, run: toml_text },
    Target { name: "attribute", corpus: TEXTS, run: attributes },
    Target { name: "pii", corpus: TEXTS, run: cut },
    Target { name: "values", corpus: TEXTS, run: values },
    Target { name: "address", corpus: TEXTS, run: address },
    Target { name: "ledger", corpus: LEDGER, run: ledger },
    Target { name: "backup", corpus: TEXTS, run: backup },
    Target { name: "words", corpus: IDS, run: words },
];

/// Keeps the compiler from leaving out what is read for nothing.
fn seen<T>(value: T) {
    black_box(value);
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The first bytes choose path, headers and query, so that they are mutated too.
fn body(bytes: &[u8]) {
    let shown = text(bytes);
    for path in [
        "/v1/batch",
        "/v1/track",
        "/v1/identify",
        "/api/s/event",
        "/beacon/v1/batch",
        "/v1/m",
        "/v1/alias",
    ] {
        let Some(path) = IntakePath::of("POST", path) else { continue };
        let headers = IntakeHeaders::read(None, []);
        seen(read_body(bytes, &headers, &path, &Limits::DEFAULT));
    }
    for header in [
        "authorization",
        "x-write-key",
        "content-encoding",
        "anonymousid",
        "sentat",
        "x-consent-tcf",
    ] {
        let headers = IntakeHeaders::read(Some(&shown), [(header, bytes)]);
        let small = Limits { body_plain_max: 1 << 12, depth_max: 4, ..Limits::DEFAULT };
        seen(read_body(bytes, &headers, &IntakePath::Batch, &small));
        let pixel = IntakePath::Pixel(people::EventKind::Track);
        seen(read_body(b"", &headers, &pixel, &small));
    }
    let gzip = IntakeHeaders::read(None, [("content-encoding", &b"gzip"[..])]);
    seen(read_body(
        &[b"\x1f\x8b\x08\0\0\0\0\0\0\x03", bytes].concat(),
        &gzip,
        &IntakePath::Batch,
        &Limits::DEFAULT,
    ));
    seen(IntakePath::of("GET", &shown));
    seen(IntakePath::of("POST", &shown));
}

fn json_text(bytes: &[u8]) {
    let text = text(bytes);
    seen(json::read(&text, 32));
    seen(json::read_scalar(&text));
}

fn times(bytes: &[u8]) {
    let text = text(bytes);
    if let Some(read) = time::read(&text) {
        seen(time::write(read.at));
        let received = model::Timestamp(laws::house::NOW_MS);
        seen(time::correct(Some(read.at), Some(received), received));
        seen(time::correct(Some(received), Some(read.at), read.at));
    }
    if let Ok(number) = text.parse() {
        seen(time::write(time::of_epoch(number)));
    }
}

fn consent_said(bytes: &[u8]) {
    if let Ok(map) = json::read(&text(bytes), 32) {
        seen(consent::read(&map));
        if let Some(context) = map.get("context").and_then(json::Value::as_object) {
            seen(consent::read(context));
        }
    }
}

/// A file with these bytes, ready to be read.
fn file(bytes: &[u8]) -> Option<File> {
    let mut file = tempfile::tempfile().ok()?;
    file.write_all(bytes).ok()?;
    file.rewind().ok()?;
    Some(file)
}

fn import(bytes: &[u8], kind: FileKind) {
    let Some(Ok(rows)) = file(bytes).map(|file| Rows::open(file, kind, 0)) else { return };
    let mut mapping = Mapping::guess(rows.columns()).mapping;
    "crm".clone_into(&mut mapping.source);
    if mapping.key.is_empty() {
        mapping.key.extend(rows.columns().first().map(ToString::to_string));
    }
    seen(mapping.check(rows.columns()));
    for row in rows.take(1_000).flatten() {
        seen(mapping.message(&row));
    }
}

/// Bytes alone seldom look like Parquet: a frame helps, and a real file that they change.
fn parquet_file(bytes: &[u8]) {
    static GOOD: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    import(bytes, FileKind::Parquet);
    let length = u32::try_from(bytes.len()).unwrap_or_default().to_le_bytes();
    import(&[b"PAR1", bytes, &length, b"PAR1"].concat(), FileKind::Parquet);
    if let Some(good) = GOOD.get_or_init(real_parquet) {
        import(&changed(good, bytes), FileKind::Parquet);
    }
}

/// Three row groups of two columns.
fn real_parquet() -> Option<Vec<u8>> {
    let schema = "message m { required int64 id; optional binary name (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).ok()?);
    let mut bytes = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut bytes, schema, WriterProperties::default().into()).ok()?;
    for group in 0..3_i64 {
        let mut rows = writer.next_row_group().ok()?;
        let mut ids = rows.next_column().ok()??;
        ids.typed::<Int64Type>().write_batch(&[group, group + 10, 7], None, None).ok()?;
        ids.close().ok()?;
        let mut names = rows.next_column().ok()??;
        let texts = ["Ada", "Bob"].map(ByteArray::from);
        names.typed::<ByteArrayType>().write_batch(&texts, Some(&[1, 0, 1]), None).ok()?;
        names.close().ok()?;
        rows.close().ok()?;
    }
    writer.close().ok()?;
    Some(bytes)
}

/// A good file changed by what the bytes say: a few places, and now and then its end.
fn changed(good: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut changed = good.to_vec();
    let seed = bytes.iter().fold(1, |seed: u64, byte| seed.wrapping_mul(257) + u64::from(*byte));
    let chance = Seeded::new(seed);
    for _ in 0..=chance.below(4) {
        let at = chance.below(changed.len());
        if let Some(byte) = changed.get_mut(at) {
            *byte = chance.draw().to_le_bytes()[0];
        }
    }
    if chance.below(4) == 0 {
        changed.truncate(chance.below(changed.len()));
    }
    changed
}

fn toml_text(bytes: &[u8]) {
    let text = text(bytes);
    seen(toml::from_str::<Mapping>(&text));
    seen(toml::from_str::<Source>(&text));
    seen(app::config::Config::parse(&text));
}

fn contexts() -> impl Iterator<Item = Context> {
    let countries = [None, Country::of_code("DE"), Country::of_code("US"), Country::of_code("GB")];
    let today = Date::of_timestamp(model::Timestamp(laws::house::NOW_MS));
    countries.into_iter().map(move |country_default| Context { country_default, today })
}

fn attributes(bytes: &[u8]) {
    let text = text(bytes);
    for context in contexts() {
        for attribute in Attribute::ALL {
            seen(attribute::value(*attribute, &text, &context));
        }
        seen(perfect::trait_value(&text, &text, &context));
    }
}

fn cut(bytes: &[u8]) {
    seen(pii::cut(&text(bytes)));
}

fn values(bytes: &[u8]) {
    let text = text(bytes);
    seen(perfect::email::parse(&text));
    seen(perfect::country::parse(&text));
    seen(perfect::junk::text(&text));
    seen(perfect::match_form(&text));
    seen(name::suffix(&text));
    seen(name::phonetic(&text));
    seen(name::canonical_given(&text));
    for Context { country_default: country, today } in contexts() {
        seen(name::full(&text, country));
        seen(name::given(&text, country));
        seen(name::family(&text, country));
        seen(phone::parse(&text, country));
        seen(gender::parse(&text, country));
        seen(perfect::date::parse(&text, country, today));
        seen(perfect::date::birth(&text, country, today));
    }
}

fn address(bytes: &[u8]) {
    let text = text(bytes);
    for Context { country_default: country, .. } in contexts() {
        seen(perfect::address::line(&text, country));
        seen(perfect::address::street(&text, country));
        seen(perfect::address::postcode(&text, country));
        let part = Some(&*text);
        let raw = RawAddress {
            street: part,
            unit: part,
            city: part,
            region: part,
            postcode: part,
            country: part,
        };
        seen(perfect::address_parts(&raw, country));
    }
}

fn ledger(bytes: &[u8]) {
    static KNOWN: OnceLock<Option<Verifier>> = OnceLock::new();
    let text = text(bytes);
    seen(Checkpoint::parse(&text));
    seen(Hash::parse(&text));
    seen(Tile::parse(&text));
    seen(tile::entries(bytes));
    let proof = Proof::parse(&text);
    let verifier = Verifier::parse(&text);
    let known = KNOWN.get_or_init(|| {
        gate::Signer::from_seed("log", &[7; 32]).ok().map(|signer| signer.verifier().clone())
    });
    for verifier in verifier.as_ref().ok().into_iter().chain(known) {
        seen(verifier.open(&text).map(str::len));
        seen(Checkpoint::open(&text, verifier));
        if let Ok(proof) = &proof {
            seen(proof.verify(bytes, verifier));
        }
    }
}

/// Changes a real backup by what the bytes say, and verifies it.
fn backup(bytes: &[u8]) {
    static GOOD: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    let good = GOOD.get_or_init(|| {
        let (home, dir) = (laws::house::Home::memory(), tempfile::tempdir().ok()?);
        let path = dir.path().join("backup");
        store::backup::write(&home.house.store, &path, &mut |_, _| {}).ok()?;
        fs::read(path).ok()
    });
    let Some(good) = good else { return };
    let Ok(dir) = tempfile::tempdir() else { return };
    for file in [&*changed(good, bytes), bytes] {
        let path = dir.path().join("backup");
        if fs::write(&path, file).is_ok() {
            seen(store::backup::verify(&path, &mut |_, _| {}));
        }
    }
}

fn words(bytes: &[u8]) {
    let text = text(bytes);
    seen(text.parse::<RecordId>());
    seen(text.parse::<PersonId>());
    seen(text.parse::<Blind>());
    seen(Purpose::of_word(&text));
    seen(Category::of_word(&text));
    seen(gate::UseKind::of_word(&text));
}
