//! Public examples of TC strings, and what holds for every string.
//!
//! The examples are those of the specification and of the tests of IAB's reference libraries
//! (`iabtcf-java`, `iabgpp-es`), with what these say they mean.

use super::*;
use crate::consent::encode::{ids, letters, number};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// `iabtcf-java`: made for the global scope.
const GLOBAL: &str = "COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA";

/// `iabtcf-java`: all segments of TCF 2.0, vendors as bits.
const SEGMENTS: &str = "COrEAV4OrXx94ACABBENAHCIAD-AAAAAAACAAxAAAAgAIAwgAgAAAAEAgQAAAAAEAYQAQAAAACAAAABAAA.\
    IBAgAAAgAIAwgAgAAAAEAAAACA.QAagAQAgAIAwgA.cAAAAAAAITg=";

/// `iabgpp-es`: of one service, with many vendors.
const SERVICE: &str = "CPi8wgAPi8wgAAOACBENCuCoAP_AAEfAACiQJHNd_H__bX9n-f7_6ft0eY1f9_r37uQzDhfNk-8F3L_W_LwX_2E7\
    NF36tq4KmR4ku1LBIUNtHMnUDUmxaokVrzHsak2cpzNKJ_BkknsZe2dYGF9vm5tj-QKZ7_5_d3f52T_9_9v-39z3\
    3913v3d93-_13LjdV5_9H_v9fR_b8_Kf9_5-_4v8_____3_e______8AEEggCTDVuIAuxLHAm0DCKBECMKwkKoFA\
    BBQDC0QGADg4KdlYBPrCBAAgFAEYEQIcAUYEAgAAAgCQiACQIsEAAAIgEAAIAEQiEABAwCCgAsDAIAAQDQMUQoAB\
    AkIMiAiKUwICIEggJbKhBKC6Q0wgCrLACgkRsFAAiAAAUgACAsHAMESAlYsECTFG-QAjBCgFEqFaAGGgAwABBI4R\
    ABgACCRwqADAAEEjgA";

/// The specification's example of 2020.
const EXAMPLE_2020: &str = "CLcVDxRMWfGmWAVAHCENAXCkAKDAADnAABRgA5mdfCKZuYJez-NQm0TBMYA4oCAAGQYIAAAAAAEAIA\
    EgAA.argAC0gAAAAAAAAAAAA";

/// The specification's example of 2025, with the vendors that were shown.
const EXAMPLE_2025: &str =
    "CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA.YAAAAAAAAAAA";

fn at(text: &str) -> Timestamp {
    crate::time::read(text).unwrap().at
}

fn listed(ids: Ids) -> Vec<u8> {
    ids.iter().collect()
}

fn spread(vendors: &Vendors) -> Vec<u16> {
    vendors.ranges().iter().cloned().flatten().collect()
}

#[test]
fn a_core_says_what_it_says() {
    let core = parse(GLOBAL).unwrap().core;
    assert_eq!(core.created, at("2020-01-26T17:01:00Z"));
    assert_eq!(core.last_updated, at("2021-02-02T17:01:00Z"));
    assert_eq!((core.cmp_id, core.cmp_version, core.consent_screen), (675, 2, 1));
    assert_eq!((core.vendor_list_version, core.policy_version), (15, 2));
    assert_eq!((core.consent_language, core.publisher_country), (['E', 'N'], ['A', 'A']));
    assert!(!core.service_specific && !core.non_standard_texts && core.purpose_one_hidden);
    assert_eq!(listed(core.special_features), [1]);
    assert_eq!(listed(core.consents), [2, 10]);
    assert_eq!(listed(core.legitimate_interests), [2, 9]);
}

#[test]
fn segments_are_told_by_their_type() {
    let tcf = parse(SEGMENTS).unwrap();
    assert_eq!(listed(tcf.core.consents), [3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(spread(&tcf.core.vendor_consents), [23, 37, 47, 48, 53, 65, 98]);
    let interests = spread(&tcf.core.vendor_legitimate_interests);
    assert_eq!(interests, [37, 47, 48, 53, 65, 98, 129]);
    let disclosed = tcf.disclosed_vendors.unwrap();
    assert_eq!(spread(&disclosed), [23, 37, 47, 48, 53, 65, 98, 129]);
    assert!(disclosed.contains(48) && !disclosed.contains(49));
    assert_eq!(tcf.segments_skipped, 1, "the vendors allowed out of band, of TCF 2.0");
    assert_eq!(tcf.publisher.unwrap().consents.iter().count(), 1);
    assert_eq!(parse(GLOBAL).unwrap().disclosed_vendors, None);
    let newer = format!("{EXAMPLE_2025}.{}", letters("111000"));
    assert_eq!(parse(&newer).unwrap().segments_skipped, 1);
}

#[test]
fn a_string_of_one_service_is_read() {
    let core = read(SERVICE).unwrap().core;
    assert_eq!((core.cmp_id, core.cmp_version, core.consent_screen), (14, 2, 1));
    assert_eq!((core.vendor_list_version, core.policy_version), (174, 2));
    assert_eq!(core.publisher_country, ['U', 'S']);
    assert_eq!(listed(core.special_features), [1]);
    assert_eq!(listed(core.consents), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(listed(core.legitimate_interests), [2, 7, 8, 9, 10]);
    assert_eq!(listed(core.legitimate_interests_void), [6], "never a legal basis for purpose 6");
    assert_eq!(spread(&core.vendor_consents).len(), 772);
    assert_eq!(spread(&core.vendor_legitimate_interests).len(), 280);
}

#[test]
fn vendors_come_as_ranges_too() {
    let consents = |string: &str| spread(&parse(string).unwrap().core.vendor_consents);
    assert_eq!(consents("COwBOpCOwBOpCLqAAAENAPCAAAAAAAAAAAAAFfwAYFfAV-BVkAGBVYFWAAA"), [702, 703]);
    assert_eq!(consents("COwBOpCOwBOpCLqAAAENAPCAAAAAAAAAAAAAFfwAQFfgUbABAUaAAA"), [703]);
    let string = "COv__-wOv__-wC2AAAENAPCgAAAAAAAAAAAAA_wAQA_gEBABAEAAAA";
    assert_eq!(spread(&parse(string).unwrap().core.vendor_legitimate_interests), [128]);
}

#[test]
fn the_specifications_examples_are_read() {
    let tcf = read(EXAMPLE_2020).unwrap();
    assert_eq!(tcf.core.created.0 / 1000, 1_228_644_257);
    assert_eq!(tcf.core.last_updated.0 / 1000, 1_326_215_413);
    assert_eq!((tcf.core.cmp_id, tcf.core.cmp_version, tcf.core.consent_screen), (21, 7, 2));
    assert_eq!(tcf.core.vendor_list_version, 23);
    assert_eq!(listed(tcf.core.consents.intersection([1, 3, 9, 10])), [1, 3, 9, 10]);
    assert!(tcf.publisher.is_some() && tcf.disclosed_vendors.is_none());
    let tcf = parse(EXAMPLE_2025).unwrap();
    assert_eq!(tcf.core.created, at("2025-06-03T00:00:00Z"));
    assert_eq!((tcf.core.cmp_id, tcf.core.vendor_list_version), (880, 48));
    assert_eq!(spread(&tcf.core.vendor_consents), [1, 2, 3, 4]);
    assert_eq!(spread(&tcf.disclosed_vendors.unwrap()), [1, 2, 3, 4, 5, 100, 404]);
    assert_eq!(tcf.publisher.map(|publisher| publisher.custom_purposes), Some(0));
    // Its day is of 2025, its policy that of 2020: a string as it never was in use.
    assert_eq!(read(EXAMPLE_2025).map_err(|fault| fault.code), Err(Code::Policy));
}

/// `iabtcf-java`: a core as bits, with three restrictions about no vendor.
#[test]
fn a_publisher_restricts_vendors() {
    let head = [
        "0000100011101011100",
        "1000000000000001010",
        "0000001110101110010",
        "0000000000000101000",
        "0000110011111000000",
        "0000000000000000100",
        "0011010000000011110",
        "0001000000000000000",
    ];
    let restrictions = ["00000101", "00001000", "00001110"].join("000000000000");
    let bits = [&head.concat(), &"0".repeat(95), "000000000011", &restrictions, "000000000000"];
    let read = parse(&letters(&bits.concat())).unwrap().core.restrictions;
    let restriction = |purpose, kind| Restriction { purpose, kind, vendors: Vendors::default() };
    let wanted = [
        restriction(1, RestrictionKind::RequireConsent),
        restriction(2, RestrictionKind::NotAllowed),
        restriction(3, RestrictionKind::RequireLegitimateInterest),
    ];
    assert_eq!(read, wanted);
}

/// `iabtcf-java`: a publisher with two purposes of its own.
#[test]
fn a_publisher_asks_for_itself() {
    let publisher = ["011", &ids(&[1], 24), &ids(&[24], 24), "000010", "01", "11", "000"].concat();
    let tcf = parse(&format!("{GLOBAL}.{}", letters(&publisher))).unwrap();
    let publisher = tcf.publisher.unwrap();
    assert_eq!(listed(publisher.consents), [1]);
    assert_eq!(listed(publisher.legitimate_interests), [24]);
    assert_eq!(listed(publisher.custom_consents), [2]);
    assert_eq!(listed(publisher.custom_legitimate_interests), [1, 2]);
}

#[test]
fn a_bad_string_is_refused_with_its_place() {
    let check = |string: &str, code, segment, field| {
        assert_eq!(read(string), Err(Fault { code, segment, field }), "{string}");
    };
    let ok = "CPSG_8APSG_8AAAAAAENAACgAAAAAAAAAAAAAAAAAAAA";
    assert!(read(ok).is_ok());
    check("", Code::Ends, "core", "Version");
    check("CO", Code::Ends, "core", "Created");
    check("${GDPR_CONSENT_1}", Code::Alphabet, "core", "");
    check("BOEFEAyOEFEAyAHABDENAIgAAAB9vABAASA", Code::Version, "core", "Version");
    check(GLOBAL, Code::Scope, "core", "IsServiceSpecific");
    let cut = ok.get(..40).unwrap();
    check(cut, Code::Ends, "core", "VendorLegitimateInterests");
    check(&format!("{ok}."), Code::Ends, "segment", "SegmentType");
    check(&format!("{ok}.I"), Code::Ends, "disclosed vendors", "VendorsDisclosed");
    check(&format!("{ok}.YAAA"), Code::Ends, "publisher tc", "PubPurposesConsent");
    check(&format!("{ok}.IAAA.IAAA"), Code::Twice, "core", "");
    check(&format!("{ok}{}", ".QAAA".repeat(SEGMENTS_MAX)), Code::TooMany, "core", "");
    let range =
        |entry: &str| letters(&["001", &number(9, 16), "1", &number(1, 12), entry].concat());
    let backwards = ["1", &number(5, 16), &number(4, 16)].concat();
    for entry in [backwards, ["0", &number(0, 16)].concat()] {
        let string = format!("{ok}.{}", range(&entry));
        check(&string, Code::Range, "disclosed vendors", "VendorsDisclosed");
    }
    let fault = Fault { code: Code::Ends, segment: "core", field: "Created" };
    assert_eq!(fault.to_string(), "the consent string ends within a field at `core.Created`");
}

/// Bits of vendors, as one or the other encoding.
fn encode_vendors(vendors: &Vendors, max: u16, ranged: bool) -> String {
    if !ranged {
        let bit = |vendor| if vendors.contains(vendor) { '1' } else { '0' };
        return number(max.into(), 16) + "0" + &(1..=max).map(bit).collect::<String>();
    }
    number(max.into(), 16) + "1" + &encode_ranges(vendors)
}

fn encode_ranges(vendors: &Vendors) -> String {
    let entry = |range: &RangeInclusive<u16>| {
        let (first, last) = (number((*range.start()).into(), 16), (*range.end()).into());
        if range.start() == range.end() {
            "0".to_owned() + &first
        } else {
            "1".to_owned() + &first + &number(last, 16)
        }
    };
    number(vendors.0.len() as u64, 12) + &vendors.0.iter().map(entry).collect::<String>()
}

fn encode(core: &Core, ranged: bool) -> String {
    let flag = |set| number(u64::from(set), 1);
    let time = |at: Timestamp| number(u64::try_from(at.0 / 100).unwrap(), 36);
    let letter = |letter: char| number(u64::from(u32::from(letter) - u32::from('A')), 6);
    let set = |ids_of: Ids, count| ids(&listed(ids_of), count);
    let claimed: Ids =
        core.legitimate_interests.iter().chain(core.legitimate_interests_void.iter()).collect();
    let restriction = |found: &Restriction| {
        number(found.purpose.into(), 6)
            + &number(found.kind as u64, 2)
            + &encode_ranges(&found.vendors)
    };
    let bits = [
        number(2, 6),
        time(core.created),
        time(core.last_updated),
        number(core.cmp_id.into(), 12),
        number(core.cmp_version.into(), 12),
        number(core.consent_screen.into(), 6),
        core.consent_language.map(letter).concat(),
        number(core.vendor_list_version.into(), 12),
        number(core.policy_version.into(), 6),
        flag(core.service_specific),
        flag(core.non_standard_texts),
        set(core.special_features, 12),
        set(core.consents, 24),
        set(claimed, 24),
        flag(core.purpose_one_hidden),
        core.publisher_country.map(letter).concat(),
        encode_vendors(&core.vendor_consents, 400, ranged),
        encode_vendors(&core.vendor_legitimate_interests, 400, !ranged),
        number(core.restrictions.len() as u64, 12),
        core.restrictions.iter().map(restriction).collect(),
    ];
    letters(&bits.concat())
}

/// The longest runs of a set, as both encodings give them back.
fn runs(vendors: &BTreeSet<u16>) -> Vendors {
    let mut ranges: Vec<RangeInclusive<u16>> = Vec::new();
    for &vendor in vendors {
        match ranges.last_mut() {
            Some(last) if last.end() + 1 == vendor => *last = *last.start()..=vendor,
            _ => ranges.push(vendor..=vendor),
        }
    }
    Vendors(ranges)
}

fn some_vendors() -> impl Strategy<Value = Vendors> {
    btree_set(1..=400_u16, 0..60).prop_map(|vendors| runs(&vendors))
}

fn some_ids(count: u8) -> impl Strategy<Value = Ids> {
    vec(1..=count, 0..20).prop_map(|ids| ids.into_iter().collect())
}

prop_compose! {
    fn some_restriction()(purpose in 0..64_u8, kind in 0..4_usize, vendors in some_vendors())
    -> Restriction {
        let kinds = [
            RestrictionKind::NotAllowed,
            RestrictionKind::RequireConsent,
            RestrictionKind::RequireLegitimateInterest,
            RestrictionKind::Undefined,
        ];
        Restriction { purpose, kind: kinds[kind], vendors }
    }
}

prop_compose! {
    fn some_core()(
        times in [0..1_i64 << 36, 0..1_i64 << 36],
        numbers in [0..4096_u16, 0..4096, 0..4096],
        small in [0..64_u8, 4..64_u8],
        flags in any::<[bool; 3]>(),
        letters in prop::array::uniform4(prop::char::range('A', 'Z')),
        special in some_ids(12),
        consents in some_ids(24),
        claimed in some_ids(24),
        vendors in [some_vendors(), some_vendors()],
        restrictions in vec(some_restriction(), 0..4),
    ) -> Core {
        let [vendor_consents, vendor_legitimate_interests] = vendors;
        let void = claimed.intersection(CONSENT_ONLY);
        Core {
            created: Timestamp(times[0] * 100),
            last_updated: Timestamp(times[1] * 100),
            cmp_id: numbers[0],
            cmp_version: numbers[1],
            consent_screen: small[0],
            consent_language: [letters[0], letters[1]],
            vendor_list_version: numbers[2],
            policy_version: small[1],
            service_specific: flags[0],
            non_standard_texts: flags[1],
            special_features: special,
            consents,
            legitimate_interests: claimed.without(void),
            legitimate_interests_void: void,
            purpose_one_hidden: flags[2],
            publisher_country: [letters[2], letters[3]],
            vendor_consents,
            vendor_legitimate_interests,
            restrictions,
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(core in some_core(), ranged in any::<bool>()) {
        let string = encode(&core, ranged);
        let read_back = parse(&string).unwrap().core;
        prop_assert_eq!(&read_back, &core);
        prop_assert_eq!(read(&string).is_ok(), core.service_specific);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}", bytes in vec(any::<u8>(), 0..80)) {
        drop(read(&text));
        drop(read(&String::from_utf8_lossy(&bytes)));
    }

    #[test]
    fn any_letters_are_read_or_refused(tail in "[A-Za-z0-9_.-]{0,300}", cut in 0..44_usize) {
        drop(parse(&tail));
        drop(parse(&format!("C{tail}")));
        drop(parse(&format!("{}{tail}", GLOBAL.get(..cut).unwrap())));
    }
}
