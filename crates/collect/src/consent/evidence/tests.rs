//! What strings say about purposes, alone and beside other words.

use super::*;
use crate::consent::bits::Code;
use crate::consent::{ConsentMap, ConsentWord, Destination, Flow, GPC_WORD, Resolution};
use crate::consent::{encode, gpp_word, tcf_word};
use crate::json::Map;
use Purpose::{
    Analytics, CrossContextAdvertising, Marketing, ModelTraining, Personalisation,
    ThirdPartySharing,
};

/// What words come to where `ads` are advertising across contexts and `mail` is marketing.
fn check(words: &[ConsentWord], wanted: &[(Purpose, bool)], withheld: &[Purpose]) {
    let map = ConsentMap(BTreeMap::from([
        ("ads".to_owned(), vec![CrossContextAdvertising]),
        ("mail".to_owned(), vec![Marketing]),
    ]));
    for resolution in [Resolution::And, Resolution::Or] {
        let verdicts = map.verdicts(words, resolution);
        assert_eq!(verdicts.purposes, wanted, "{words:?}");
        assert_eq!(verdicts.withheld, withheld, "{words:?}");
    }
}

fn category(id: &str, allowed: bool) -> ConsentWord {
    crate::consent::category_word(id, allowed)
}

const NO: [(Purpose, bool); 4] = [
    (Personalisation, false),
    (Analytics, false),
    (ModelTraining, false),
    (CrossContextAdvertising, false),
];

/// [`NO`] with a yes to these.
fn but(yes: &[Purpose]) -> Vec<(Purpose, bool)> {
    NO.iter().map(|(purpose, _)| (*purpose, yes.contains(purpose))).collect()
}

fn tcf(consents: &[u8]) -> ConsentWord {
    tcf_word(&encode::tcf(consents))
}

#[test]
fn a_purpose_needs_each_purpose_of_the_tcf_that_stands_for_it() {
    let all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    check(&[tcf(&[])], &NO, &[]);
    let yes = [Personalisation, Analytics, ModelTraining, CrossContextAdvertising];
    check(&[tcf(&all)], &but(&yes), &[]);
    check(&[tcf(&[1])], &NO, &[]);
    check(&[tcf(&[2, 3, 4])], &NO, &[]);
    check(&[tcf(&[2, 3, 4, 7])], &but(&[CrossContextAdvertising]), &[]);
    check(&[tcf(&[5, 6])], &NO, &[]);
    check(&[tcf(&[5, 6, 11])], &but(&[Personalisation]), &[]);
    check(&[tcf(&[8, 9, 10])], &but(&[Analytics, ModelTraining]), &[]);
}

#[test]
fn a_no_stands_whatever_else_is_said() {
    let ads = category("ads", true);
    check(&[ads.clone(), tcf(&[8, 9])], &but(&[Analytics]), &[]);
    check(&[tcf(&[8, 9]), tcf(&[2, 3, 4, 7])], &NO, &[]);
    let refused = &[(ThirdPartySharing, false), (CrossContextAdvertising, false)];
    check(&[gpp_word("DBABL~BVQVAAAAAg"), ads.clone()], refused, &[]);
    check(&[gpp_word("DBABL~BVQqAAAAAgA.YA"), ads.clone()], refused, &[]);
    check(&[gpp_word("DBABL~BVQqAAAAAg")], &[], &[]);
    check(&[gpp_word("DBABL~BVQqAAAAAg"), ads], &[(CrossContextAdvertising, true)], &[]);
    let mut both = but(&[]);
    both.insert(3, (ThirdPartySharing, false));
    check(&[tcf(&[2, 3, 4, 7]), gpp_word("DBABTA~1YYN")], &both, &[]);
    check(&[tcf(&[2, 3, 4, 7]), GPC_WORD], &both, &[]);
    let mail = category("mail", true);
    let mut with_mail = but(&[Analytics]);
    with_mail.insert(1, (Marketing, true));
    check(&[mail, tcf(&[8, 9])], &with_mail, &[]);
}

#[test]
fn the_tcf_within_a_gpp_string_counts_as_one() {
    let string = format!("DBABMA~{}", encode::tcf(&[8, 9]));
    check(&[gpp_word(&string)], &but(&[Analytics]), &[]);
    let string = format!("DBACNYA~{}~1YYN", encode::tcf(&[2, 3, 4, 7]));
    let mut both = but(&[]);
    both.insert(3, (ThirdPartySharing, false));
    check(&[gpp_word(&string)], &both, &[]);
}

#[test]
fn what_is_not_read_gives_no_yes_and_no_no() {
    let of_tcf = &[Personalisation, Analytics, ModelTraining, CrossContextAdvertising];
    let of_gpp =
        &[Personalisation, Analytics, ModelTraining, ThirdPartySharing, CrossContextAdvertising];
    let (ads, mail) = (category("ads", true), category("mail", true));
    check(&[tcf_word("CO")], &[], of_tcf);
    check(&[gpp_word("DB")], &[], of_gpp);
    check(&[tcf_word("CO"), ads.clone(), mail], &[(Marketing, true)], of_tcf);
    check(&[tcf_word("CO"), category("ads", false)], &[(CrossContextAdvertising, false)], of_tcf);
    check(
        &[tcf_word("CO"), tcf(&[8, 9])],
        &[(Personalisation, false), (ModelTraining, false), (CrossContextAdvertising, false)],
        of_tcf,
    );
    // A section that is not read hides no refusal in another.
    let refused = &[(ThirdPartySharing, false), (CrossContextAdvertising, false)];
    check(&[gpp_word("DBACNYA~x~1YYN"), ads], refused, of_gpp);
    let evidence = Evidence::gpp("DBACNYA~CO~1YNN");
    assert_eq!(evidence.fault.map(|fault| fault.code), Some(Code::Ends));
    let long = "C".repeat(crate::consent::STRING_BYTES_MAX + 1);
    assert_eq!(Evidence::tcf(&long).fault.map(|fault| fault.code), Some(Code::TooLong));
}

#[test]
fn an_event_flows_nowhere_that_an_unread_string_could_have_refused() {
    let check = |word: ConsentWord, purpose, wanted| {
        let destination = Destination { name: "tool", purposes: &[purpose] };
        let flow =
            ConsentMap::default().flow(&[word], Resolution::And, &Map::default(), destination);
        assert_eq!(flow, wanted);
    };
    check(tcf(&[8, 9]), Analytics, Flow::Granted);
    check(tcf(&[8, 9]), ModelTraining, Flow::Refused);
    check(tcf(&[8, 9]), Marketing, Flow::Standing);
    check(tcf_word("CO"), Analytics, Flow::Refused);
    check(tcf_word("CO"), Marketing, Flow::Standing);
    check(gpp_word("DBABL~BVQVAAAAAg"), ThirdPartySharing, Flow::Refused);
    check(gpp_word("DBABL~BVQqAAAAAg"), ThirdPartySharing, Flow::Standing);
}

#[test]
fn the_table_can_be_printed() {
    let wanted = "\
cross_context_advertising: TCF purposes 2, 3, 4, 7
personalisation: TCF purposes 5, 6, 11
analytics: TCF purposes 8, 9
model_training: TCF purposes 10
third_party_sharing: refused by a GPP opt-out
cross_context_advertising: refused by a GPP opt-out
";
    assert_eq!(Table.to_string(), wanted);
}
