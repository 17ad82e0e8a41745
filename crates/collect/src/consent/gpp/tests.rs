//! Public examples of GPP strings, and what holds for every string.
//!
//! The examples are those of the specification and of the tests of IAB's reference library
//! (`iabgpp-es`), with what it says they mean.

use super::*;
use crate::consent::bits::STRING_BYTES_MAX;
use crate::consent::encode::gpp_header;
use Field::{
    KnownChildSensitiveDataConsents, MspaServiceProviderMode, SaleOptOut, SensitiveDataProcessing,
    SharingOptOut, TargetedAdvertisingOptOut,
};
use proptest::prelude::*;

fn ids(string: &str) -> Result<Vec<u32>, Code> {
    let read = read(string).map_err(|fault| fault.code)?;
    Ok(read.sections.iter().map(|section| section.id).collect())
}

#[test]
fn the_header_names_the_sections_however_it_is_padded() {
    assert_eq!(ids("DBAA"), Ok(vec![]));
    assert_eq!(ids("DBABM~x"), Ok(vec![2]));
    assert_eq!(ids("DBABMA~x"), Ok(vec![2]));
    assert_eq!(ids("DBACNY~x~1YNN"), Ok(vec![2, 6]));
    assert_eq!(ids("DBACNYA~x~1YNN"), Ok(vec![2, 6]));
    assert_eq!(ids("DBABL~BVQVAAAAAg"), Ok(vec![7]));
    assert_eq!(ids("DBABzw~1YNN~BVVqAAEABCA.QA"), Ok(vec![6, 7]), "a range");
    assert_eq!(ids("DBACOeA~x~x~1YNN"), Ok(vec![2, 5, 6]));
    let many =
        "DBACOaw~x~x~1---~BAAAAAAAAAA.QA~BAAAAAAA.QA~BAAAAAA~BAAAAAA.QA~BAAAAAAA~BAAAAAAA.QA";
    assert_eq!(ids(many), Ok(vec![2, 5, 6, 7, 8, 9, 10, 11, 12]));
    let read = read(many).unwrap();
    assert!(read.sections[2..].iter().all(|section| section.fault().is_none()), "{read:?}");
    assert!(!read.opted_out());
}

#[test]
fn a_bad_header_is_refused() {
    assert_eq!(ids(""), Err(Code::Ends));
    assert_eq!(ids("[GPP]"), Err(Code::Alphabet));
    assert_eq!(ids("CPSG_8A"), Err(Code::Version));
    assert_eq!(ids("DCAA"), Err(Code::Version));
    assert_eq!(ids("DBABMA"), Err(Code::Sections));
    assert_eq!(ids("DBAA~x"), Err(Code::Sections));
    assert_eq!(ids("DBABMA~x~x"), Err(Code::Sections));
    assert_eq!(ids("DBABA"), Err(Code::Ends));
    assert_eq!(ids(&format!("DBABL~{}", "A".repeat(STRING_BYTES_MAX))), Err(Code::TooLong));
    assert_eq!(ids("DBABAAAAA"), Err(Code::Range), "a number without an end");
    // A few letters could name a hundred thousand sections.
    let range = ["000011000001000000000001", "1", "11", "000000000000000000000011"].concat();
    assert_eq!(ids(&crate::consent::encode::letters(&range)), Err(Code::TooMany));
}

fn us(id: u32, text: &str) -> UsSection {
    us::read(id, text).unwrap_or_else(|fault| panic!("{id} {text}: {fault}"))
}

/// What the example of a section says in the reference library: all opt-outs are 1, the last field
/// is 2, and so are the first and some of the answers about sensitive data.
#[test]
fn each_section_of_the_united_states_has_its_own_layout() {
    let check = |id, text: &str, version, sensitive: &[u8], child: &[u8], gpc| {
        let section = us(id, text);
        assert_eq!((section.version, section.gpc), (version, gpc), "{id}");
        assert_eq!(section.answers(SensitiveDataProcessing), sensitive, "{id}");
        assert_eq!(section.answers(KnownChildSensitiveDataConsents), child, "{id}");
        assert_eq!(section.answers(MspaServiceProviderMode), [2], "{id}");
        assert_eq!(section.choice(SaleOptOut), Some(Choice::OptedOut), "{id}");
        assert!(section.opted_out(), "{id}");
    };
    let all = &[2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 2];
    let or = &[2, 1, 0, 2, 1, 0, 2, 1, 0, 1, 2];
    let yes = Some(true);
    check(7, "BVVVkkkklWA.YA", 1, &all[..12], &[2, 1], yes);
    check(7, "BVVVkkkkkpFY.YA", 1, all, &[2, 1, 0], yes);
    check(7, "BVVVkkkkkpFY", 1, all, &[2, 1, 0], None);
    check(8, "BVWSSSVY.YA", 1, &all[..9], &[2, 1], yes);
    check(9, "BVWSSVY", 1, &all[..8], &[1], None);
    check(10, "BVWSSVg.Y", 1, &all[..7], &[1], yes);
    check(10, "BVWSSVg.YA", 1, &all[..7], &[1], yes);
    check(11, "BVVkklW", 1, &all[..8], &[1], None);
    check(11, "BVVkklWA", 1, &all[..8], &[1], None);
    check(12, "BVWSSZFg.YA", 1, &all[..8], &[2, 1, 0], yes);
    check(13, "BVWSSZlY", 1, &all[..8], &[2, 1, 2], None);
    check(14, "BVWSSZFY.YA", 1, &all[..8], &[2, 1, 0], yes);
    check(15, "BVWSSRpFYA.YA", 1, or, &[2, 1, 0], yes);
    check(16, "BVWSSVW.Y", 1, &all[..8], &[1], yes);
    check(17, "BVWSSSSVY.Y", 1, &all[..9], &[2, 1, 0, 2, 1], yes);
    check(18, "BVVkklW.Y", 1, &all[..8], &[1], yes);
    check(19, "BVWSSVWA.YA", 1, &all[..8], &[1], yes);
    check(20, "BVWSSZFY.Y", 1, &all[..8], &[2, 1, 0], yes);
    check(21, "BVWSSRklWA.YA", 1, &[2, 1, 0, 2, 1, 0, 2, 1, 0, 1], &[2, 1, 0, 2, 1], yes);
    check(22, "BVWSSVWA.YA", 1, &all[..8], &[1], yes);
    check(23, "BVWSSVW.Y", 1, &all[..8], &[1], yes);
}

#[test]
fn the_national_section_has_two_versions() {
    let check = |text: &str, version, sensitive: &[u8], child: &[u8]| {
        let section = us(7, text);
        assert_eq!((section.version, section.gpc), (version, Some(false)), "{text}");
        assert_eq!(section.answers(SensitiveDataProcessing), sensitive, "{text}");
        assert_eq!(section.answers(KnownChildSensitiveDataConsents), child, "{text}");
        assert!(!section.opted_out(), "{text}");
    };
    check("CAAAAAAAAABA.QA", 2, &[0; 16], &[0; 3]);
    check("BAAAVVVVUQA.QA", 1, &[1; 12], &[1; 2]);
    check("CAAAVVVVVVRA.QA", 2, &[1; 16], &[1; 3]);
    let some = [[1; 12].as_slice(), &[0; 4]].concat();
    check("CAAAVVVVAFBA.QA", 2, &some, &[1, 1, 0]);
}

#[test]
fn opting_out_is_a_refusal_and_not_opting_out_is_nothing() {
    let check = |string: &str, refused| {
        assert_eq!(read(string).unwrap().opted_out(), refused, "{string}");
    };
    check("DBABL~BVQVAAAAAg", true);
    check("DBABL~BVQqAAAAAg", false);
    check("DBABL~BVQqAAAAAgA.YA", true);
    check("DBABL~BVQqAAAAAgA.QA", false);
    check("DBABTA~1YNN", false);
    check("DBABTA~1YYN", true);
    check("DBABTA~1yyn", true);
    // Cut off or spoilt after a refusal.
    check("DBABTA~1YY", true);
    check("DBABL~BVQV", true);
    check("DBABL~BVQVAAAAAg.!", true);
    check("DBABL~BVQqAAAAAg.!.Y", true);
    check("DBABL~BVQ_AAAAAg", false);
    check("DBABL~BVQdAAAAAg", true);
    check("DBABTA~1---", false);
    let section = us(7, "BVQqAAAAAg");
    for opt_out in [SaleOptOut, SharingOptOut, TargetedAdvertisingOptOut] {
        assert_eq!(section.choice(opt_out), Some(Choice::DidNotOptOut));
        assert_eq!(us(7, "BVQVAAAAAg").choice(opt_out), Some(Choice::OptedOut));
        assert_eq!(us(7, "CAAAAAAAAABA").choice(opt_out), Some(Choice::NotApplicable));
    }
    assert_eq!(us(9, "BVWSSVY").choice(SharingOptOut), None, "Virginia does not ask");
    // One opt-out of three, with all notices given.
    assert!(us(8, "BbYbGwXY.YA").opted_out());
}

#[test]
fn a_section_that_is_not_read_says_why_and_hides_no_other() {
    let check = |string: &str, place: usize, code, segment, field| {
        let read = read(string).unwrap();
        let fault = Fault { code, segment, field };
        assert_eq!(read.sections[place].fault(), Some(fault), "{string}");
    };
    check("DBACNYA~x~1YYN", 0, Code::Version, "core", "Version");
    check("DBACNYA~CO~1YYN", 0, Code::Ends, "core", "Created");
    assert!(read("DBACNYA~x~1YYN").unwrap().opted_out());
    let maryland = format!("{}~BVVV.Y", gpp_header("00100011"));
    check(&maryland, 0, Code::Unknown, "usmd", "");
    check("DBACOeA~x~CPSG~1YNN", 1, Code::Unknown, "tcfcav1", "");
    check("DBABL~BVQV", 0, Code::Ends, "usnat", "SensitiveDataProcessing");
    check("DBABL~DAAAAAAAAABA", 0, Code::Version, "usnat", "Version");
    check("DBABL~AAAAAAAAAABA", 0, Code::Version, "usnat", "Version");
    check("DBABL~BVQ_AAAAAg", 0, Code::Undefined, "usnat", "SaleOptOut");
    check("DBABL~BVQqAAAAAgA.", 0, Code::Ends, "usnat", "SubsectionType");
    check("DBABL~BVQqAAAAAgA.!", 0, Code::Alphabet, "usnat", "");
    check(&format!("DBABL~BVQqAAAAAg{}", ".Q".repeat(9)), 0, Code::TooMany, "usnat", "");
    check("DBABTA~2YNN", 0, Code::Version, "uspv1", "Version");
    check("DBABTA~1YX", 0, Code::Undefined, "uspv1", "OptOutSale");
    check("DBABTA~1YN", 0, Code::Ends, "uspv1", "LspaCovered");
    check("DBABTA~1YNNN", 0, Code::TooLong, "uspv1", "");
}

#[test]
fn the_section_of_the_tcf_is_a_tcf_string() {
    let read = read("DBABMA~CPSG_8APSG_8AAAAAAENAACgAAAAAAAAAAAAAAAAAAAA.YAAAAAAAAAAA").unwrap();
    assert!(matches!(read.sections[0].content, Ok(Content::TcfEu(_))));
    let global = super::read("DBABMA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA").unwrap();
    assert!(global.sections[0].content.is_ok(), "the specification's example");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        drop(read(&text));
        drop(read(&format!("DBACOaw~{text}")));
    }

    #[test]
    fn any_letters_are_read_or_refused(text in "[A-Za-z0-9_~.-]{0,120}", id in 0..30_u32) {
        drop(read(&text));
        drop(read(&format!("DB{text}")));
        drop(us::read(id, &text));
        drop(us::read(id, &format!("B{text}")));
    }
}
