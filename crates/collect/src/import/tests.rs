//! Files as people have them.
#![expect(clippy::disallowed_methods, reason = "the examples are nobody's data")]

use super::*;
use crate::message::Message;
use model::Purpose;
use people::EventKind;
use std::io::{Seek, Write};

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

fn shown(row: Result<Row, RowError>) -> String {
    match row {
        Ok(row) => {
            let fields = row.fields.into_revealed();
            let of = |(name, value): (Arc<str>, Option<String>)| {
                format!("{name}={}", value.unwrap_or_else(|| "-".to_owned()))
            };
            format!("{} {}", row.number, fields.into_iter().map(of).collect::<Vec<_>>().join(" "))
        }
        Err(error) => format!("{} {}", error.number, error.code),
    }
}

fn check(kind: FileKind, bytes: &[u8], wanted: &[&str]) {
    let rows = Rows::open(file(bytes), kind, 0).unwrap();
    let all: Vec<String> = rows.map(shown).collect();
    assert_eq!(all, wanted);
    for after in 0..=all.len() as u64 {
        let mut rest = Rows::open(file(bytes), kind, after).unwrap();
        let seen: Vec<String> = rest.by_ref().map(shown).collect();
        let number = |row: &&String| row.split(' ').next().unwrap().parse::<u64>().unwrap();
        let wanted: Vec<_> = all.iter().filter(|row| number(row) > after).cloned().collect();
        assert_eq!(seen, wanted, "after {after}");
        let progress = rest.progress();
        assert_eq!(progress.done, progress.total);
    }
}

#[test]
fn csv_is_read_whatever_its_delimiter_and_encoding() {
    check(FileKind::Csv, b"a,b\n1,2\n3,\n", &["1 a=1 b=2", "2 a=3 b=-"]);
    check(FileKind::Csv, b"\xef\xbb\xbfa;b\r\n1,5;x\r\n", &["1 a=1,5 b=x"]);
    check(FileKind::Csv, b"a\t\n1\t2\n", &["1 a=1 column_2=2"]);
    check(FileKind::Csv, b"a,b\n\"x\ny\",\"q\"\"q\"\n", &["1 a=x\ny b=q\"q"]);
    check(
        FileKind::Csv,
        b"a,b\n1\n2,3,4\n5,6\n",
        &["1 columns_differ", "2 columns_differ", "3 a=5 b=6"],
    );
    check(FileKind::Csv, "n,m\nJosé,x\n".as_bytes(), &["1 n=José m=x"]);
    check(FileKind::Csv, b"n,m\nx,y\nJos\xe9,\x80\n", &["1 n=x m=y", "2 n=José m=€"]);
    check(
        FileKind::Csv,
        b"n,m\nJos\xc3\xa9,x\nJos\xe9,x\nz,x\n",
        &["1 n=José m=x", "2 not_utf8", "3 n=z m=x"],
    );
}

#[test]
fn ndjson_is_read_line_by_line() {
    check(
        FileKind::Ndjson,
        b"{\"a\":1,\"b\":{\"c\":\"x\",\"d\":null}}\n\nrubbish\n{\"a\":[1,2],\"e\":true}",
        &["1 a=1 b.c=x b.d=-", "3 not_json", "4 a=[1,2] e=true"],
    );
    check(FileKind::Ndjson, b"{\"a\":1,\"a\":2}\n{\"a\":3}\n", &["1 not_json", "2 a=3"]);
    check(FileKind::Ndjson, b"", &[]);
    let mut long = vec![b'x'; limits::ROW_BYTES_MAX + 10];
    long.extend_from_slice(b"\n{\"a\":1}\n");
    check(FileKind::Ndjson, &long, &["1 row_too_large", "2 a=1"]);
}

#[test]
fn a_file_without_usable_columns_is_refused() {
    for (kind, bytes) in [
        (FileKind::Csv, &b""[..]),
        (FileKind::Csv, b"a,a\n1,2\n"),
        (FileKind::Csv, b"\xff\xfea\0,\0b\0"),
        (FileKind::Parquet, b""),
        (FileKind::Parquet, b"PAR1 but no more PAR1"),
    ] {
        assert!(matches!(Rows::open(file(bytes), kind, 0), Err(ImportError::Unreadable { .. })));
    }
}

/// Written with the library's own writer: the format's details are its business.
fn parquet() -> Vec<u8> {
    use ::parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
    use ::parquet::file::properties::WriterProperties;
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;
    let schema = "message m {
        REQUIRED BYTE_ARRAY name (UTF8);
        OPTIONAL INT32 born (DATE);
        OPTIONAL INT64 seen (TIMESTAMP_MILLIS);
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    for names in [["Ada", "Bob"], ["Cy", "Dee"]] {
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let names = names.map(ByteArray::from);
        column.typed::<ByteArrayType>().write_batch(&names, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int32Type>().write_batch(&[-1], Some(&[1, 0]), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&[1_500], Some(&[0, 1]), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}

#[test]
fn parquet_is_read_by_rows_and_resumed_across_row_groups() {
    check(
        FileKind::Parquet,
        &parquet(),
        &[
            "1 name=Ada born=1969-12-31 seen=-",
            "2 name=Bob born=- seen=1970-01-01T00:00:01.5Z",
            "3 name=Cy born=1969-12-31 seen=-",
            "4 name=Dee born=- seen=1970-01-01T00:00:01.5Z",
        ],
    );
}

#[test]
fn broken_parquet_is_an_error_and_no_panic() {
    let whole = parquet();
    for at in 0..whole.len() {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        if let Ok(rows) = Rows::open(file(&broken), FileKind::Parquet, 0) {
            assert!(rows.take(10).count() <= 10);
        }
    }
}

fn mapping() -> Mapping {
    toml::from_str(
        r#"
        source = "crm"
        key = ["id"]
        timestamp = "ts"
        ignore = ["internal"]
        [columns]
        mail = { trait = "email" }
        city = { trait = "address.city" }
        [constants]
        imported = "yes"
        [consent]
        news = { purposes = ["marketing"], yes = ["J"], no = ["N"] }
        "#,
    )
    .unwrap()
}

const COLUMNS: [&str; 6] = ["id", "ts", "mail", "city", "news", "internal"];

fn message(line: &str) -> Result<Message, RowError> {
    let csv = format!("{}\n{line}\n", COLUMNS.join(","));
    let row = Rows::open(file(csv.as_bytes()), FileKind::Csv, 0).unwrap().next().unwrap().unwrap();
    mapping().message(&row)
}

#[test]
fn a_row_becomes_a_message_that_is_the_same_every_time() {
    let first = message("7,2026-01-02,a@b.example,Bonn,j,secret").unwrap();
    assert_eq!(first.kind, EventKind::Identify);
    assert_eq!(first.user_id, Some(Sensitive::new("7".to_owned())));
    let wanted = r#"{"imported":"yes","address":{"city":"Bonn"},"email":"a@b.example"}"#;
    assert_eq!(first.traits.reveal().to_string(), wanted);
    let marketing = crate::consent::ConsentSubject::Purpose(Purpose::Marketing);
    assert_eq!(first.consent.len(), 1);
    assert_eq!((&first.consent[0].subject, first.consent[0].allowed), (&marketing, true));
    let again = message("7,2026-01-02,a@b.example,Bonn,j,secret").unwrap();
    assert_eq!(first.message_id, again.message_id);
    let other = message("7,2026-01-02,a@b.example,Bonn,n,secret").unwrap();
    assert_ne!(first.message_id, other.message_id);
    assert!(!other.consent[0].allowed);
    assert!(message("7,,,,perhaps,").unwrap().consent.is_empty());
    assert_eq!(message(",,,,,").unwrap_err().code, "key_missing");
    assert_eq!(message("7,yesterday,,,,").unwrap_err().code, "timestamp_unreadable");
}

#[test]
fn a_mapping_fits_its_file_or_says_why_not() {
    let with = |change: fn(&mut Mapping)| {
        let mut mapping = mapping();
        change(&mut mapping);
        mapping.check(&COLUMNS)
    };
    let name = |text: &str| text.to_owned();
    assert_eq!(with(|_| ()), Ok(()));
    assert_eq!(with(|m| m.key.clear()), Err(MappingError::NoKey));
    assert_eq!(with(|m| m.key.push("no".to_owned())), Err(MappingError::Absent(name("no"))));
    assert_eq!(with(|m| m.ignore.clear()), Err(MappingError::Unnamed(name("internal"))));
    let twice = with(|m| m.ignore.extend(["mail".to_owned()]));
    assert_eq!(twice, Err(MappingError::Twice(name("mail"))));
    let property =
        with(|m| m.columns.extend([("mail".to_owned(), Target::Property("x".to_owned()))]));
    assert_eq!(property, Err(MappingError::PropertyOfNoEvent(name("mail"))));
    let consent = with(|m| m.consent.get_mut("news").unwrap().no.push("j".to_owned()));
    assert_eq!(consent, Err(MappingError::Consent(name("news"))));
}

#[test]
fn a_proposal_names_every_column_and_never_consent() {
    let columns =
        ["unique_id", "ts", "First Name", "E-Mail", "e_mail", "newsletter_ok", "postCode"];
    let guess = Mapping::guess(&columns);
    assert_eq!(guess.mapping.check(&columns), Ok(()));
    assert_eq!(guess.mapping.key, ["unique_id"]);
    assert_eq!(guess.mapping.timestamp.as_deref(), Some("ts"));
    let target = |column: &str| guess.mapping.columns.get(column).cloned();
    assert_eq!(target("First Name"), Some(Target::Trait("first_name".to_owned())));
    assert_eq!(target("postCode"), Some(Target::Trait("post_code".to_owned())));
    assert!(guess.mapping.consent.is_empty());
    let name = |text: &str| text.to_owned();
    let doubts = [Doubt::SameTrait(name("e_mail")), Doubt::LooksLikeConsent(name("newsletter_ok"))];
    assert_eq!(guess.doubts, doubts);
    let text = toml::to_string(&guess.mapping).unwrap();
    assert_eq!(toml::from_str::<Mapping>(&text).unwrap(), guess.mapping);
}
