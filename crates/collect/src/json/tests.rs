//! Examples of JSON, good and bad.

use super::*;

#[test]
fn an_object_is_written_as_it_was_read() {
    for text in [
        "{}",
        r#"{"b":1,"a":-2,"c":0.5,"d":1e+300}"#,
        r#"{"a":[null,true,false,"é\n\"",{}],"":{"x":[]}}"#,
        r#"{"big":18446744073709551615,"small":-9223372036854775808}"#,
    ] {
        assert_eq!(read(text, 8).unwrap().to_string(), text);
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let many: Vec<String> = (0..40).map(|key| format!("\"k{key}\":0")).collect();
    let many = format!("{{\"traits\":{{{},\"k7\":1}}}}", many.join(","));
    for (text, cause, pointer) in [
        ("", Cause::Syntax, ""),
        ("{} x", Cause::Syntax, ""),
        ("{\"a\":01}", Cause::Syntax, "/*"),
        ("[]", Cause::NotAnObject, ""),
        ("\"x\"", Cause::NotAnObject, ""),
        (r#"{"a":1,"a":1}"#, Cause::DuplicateKey, "/*"),
        (r#"{"a":1,"\u0061":1}"#, Cause::DuplicateKey, "/*"),
        (r#"{"context":{"page":{},"page":{}}}"#, Cause::DuplicateKey, "/context/page"),
        (&many, Cause::DuplicateKey, "/traits/*"),
        (r#"{"properties":{"a":[0,1e999]}}"#, Cause::NumberRange, "/properties/*/1"),
        (r#"{"userId":"\udc00"}"#, Cause::Text, "/userId"),
        (r#"{"userId":"\ud83d\u0041"}"#, Cause::Text, "/userId"),
        (r#"{"a":{"b":{"c":{"d":1}}}}"#, Cause::TooDeep, "/*/*/*"),
        (&deep, Cause::TooDeep, "/0/0/0"),
    ] {
        let wanted = Fault { cause, pointer: pointer.to_owned() };
        assert_eq!(read(text, 3).unwrap_err(), wanted, "{text}");
    }
    assert!(read(r#"{"a":{"b":[]}}"#, 3).is_ok());
}

#[test]
fn what_is_on_top_wins_and_null_is_something() {
    let mut over = read(r#"{"a":{"x":1,"y":null},"b":2}"#, 8).unwrap();
    let under = read(r#"{"a":{"y":3,"z":4},"b":{"c":1},"d":5}"#, 8).unwrap();
    over.merge_under(&under);
    assert_eq!(over.to_string(), r#"{"a":{"x":1,"y":null,"z":4},"b":2,"d":5}"#);
}

#[test]
fn debug_shows_no_content() {
    let map = read(r#"{"email":"ada@example.org"}"#, 8).unwrap();
    assert_eq!(format!("{map:?} {:?}", map.get("email")), "<object of 1> Some(<text>)");
}
