//! Texts with and without personal data.

use super::*;

#[test]
fn personal_data_is_cut_out() {
    for (text, clean) in [
        ("write to ada.l+x@x-y.co.uk.", "write to [email]."),
        ("Ada <ada@x.org>, bob@y.de", "Ada <[email]>, [email]"),
        ("https://x.org/p?e=ada%40x.org&n=1", "https://x.org/p?e=[email]&n=1"),
        ("メールはada@x.jpへ", "メールは[email]へ"),
        ("schreib an jürgen@müller.de", "schreib an [email]"),
        ("call +49 30 901820 now", "call [phone] now"),
        ("(415) 555-2671 or 415-555-2671", "[phone] or [phone]"),
        ("mein Handy: 01712345678", "mein Handy: [phone]"),
        ("appelle 06 12 34 56 78", "appelle [phone]"),
        ("llama al móvil 612345678", "llama al móvil [phone]"),
        ("tel. 11961234567", "tel. [phone]"),
        ("電話: 09012345678", "電話: [phone]"),
        ("card 4111 1111 1111 1111 ok", "card [card] ok"),
        ("4111111111111111", "[card]"),
        ("amex 3782-822463-10005", "amex [card]"),
        ("IBAN DE89 3704 0044 0532 0130 00 bitte", "IBAN [iban] bitte"),
        ("GB82WEST12345698765432", "[iban]"),
        ("ssn 123-45-6789", "ssn [ssn]"),
        ("from 192.168.1.20:8080", "from [ip]:8080"),
        ("http://8.8.8.8/x", "http://[ip]/x"),
        ("from 2001:db8:85a3::8a2e:370:7334.", "from [ip]."),
        ("/login?email=ada&password=x1&next=/", "/login?email=[email]&password=[secret]&next=/"),
        (
            "?user[email]=a&session_id=9f&firstName=Ada",
            "?user[email]=[email]&session_id=[secret]&firstName=[personal]",
        ),
        ("https://u:pw@x.org/", "https://u:[email]/"),
        ("bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "bearer [secret]"),
    ] {
        assert_eq!(cut(text).clean, clean, "{text}");
        assert!(!cut(text).found.is_empty());
    }
}

#[test]
fn what_is_not_personal_stays() {
    for text in [
        "",
        "Viewed product 12345 in 3 categories",
        "order 20240115-123456 shipped",
        "2024-01-15T10:30:00.000Z",
        "2024-01-15 10:30:45",
        "01.02.2024 10:30",
        "1700000000000",
        "sku 4006381333931 at 12.99",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36",
        "version 1.2.3.4",
        "550e8400-e29b-41d4-a716-446655440000",
        "std::vector and a::b::c",
        "10:30:45",
        "price 1,299.00 EUR",
        "@ada follows @bob",
        "https://x.org/a?utm_source=news&utm_campaign=spring_2024&page=2",
        "5 @ 3.50",
        "0.1234567890",
        "100% of 50%",
        "4111 1111 1111 1112",
        "127.0.0.1",
        "id 1234567890123456789",
        "/products/1234567890/reviews",
        "3.14159265358979",
        "プロダクト",
    ] {
        let cut = cut(text);
        assert_eq!(cut.clean, text);
        assert!(matches!(cut.clean, Cow::Borrowed(_)) && cut.found.is_empty(), "{text}");
    }
}

#[test]
fn findings_are_told_decoded() {
    let cut = cut("?q=ada%2Bx%40x.org and 4111-1111-1111-1111");
    let found: Vec<(Kind, &str)> =
        cut.found.iter().map(|found| (found.kind, found.value.as_str())).collect();
    assert_eq!(found, [(Kind::Email, "ada+x@x.org"), (Kind::Card, "4111-1111-1111-1111")]);
}

#[test]
fn endless_text_is_capped_not_let_through() {
    let text = format!("{}ada@x.org", "é".repeat(FREE_TEXT_MAX));
    assert!(cut(&text).clean.len() <= FREE_TEXT_MAX);
}
