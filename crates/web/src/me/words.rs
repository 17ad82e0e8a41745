//! The texts of the pages, one struct for all languages: a text that a language lacks does not load.

use gate::{Categories, Language, UseKind};
use model::Category;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

macro_rules! words {
    ($($name:ident)*) => {
        /// The texts of one language. `{…}` stands for what [`fill`] puts there.
        #[derive(Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Words {
            $(pub(crate) $name: String,)*
            categories: CategoryWords,
            rights: BTreeMap<String, String>,
            attributes: BTreeMap<String, String>,
        }

        #[cfg(test)]
        impl Words {
            /// Every text, by its name.
            fn all(&self) -> Vec<(&'static str, &str)> {
                vec![$((stringify!($name), self.$name.as_str()),)*]
            }
        }
    };
}

words! {
    brand skip language choose leave nav_contract nav_data nav_uses nav_take
    contract_intro allowed refused always unsaid_on unsaid_off allow refuse refuse_all
    why with_whom nobody_else what_data how_long until_withdrawn days
    rests_consent rests_interest rests_need rests_opt_out ends_on unconfirmed too_young gpc_honoured gpc_asks gpc_signal
    confirm confirm_about confirm_button confirmed by_confirmation
    nav_messages messages_intro channels wishes topics how_often no_limit per_week quiet_hours
    quiet_from quiet_until pause_until pause_about save stop_all stop_about
    history history_empty said_yes said_no when what how
    by_event by_preference_event by_gpc by_import by_api by_centre notice saved
    data_intro data_empty field value source since sure other_values
    records record_user record_anonymous record_row events
    uses_intro uses_all uses_refused uses_empty uses_older who purpose answer
    permitted not_permitted among entry you
    use_view use_export use_contact use_decide use_resolve use_share use_train use_subject_access
    use_repair
    take_intro download download_json download_csv
    erase erase_about erase_sure erased erased_about erased_at
    in_title in_about in_button in_none ended ended_about wrong wrong_about elsewhere write_to
    nav_requests requests_intro requests_empty requests_ask requests_stop
    request_number request_due request_doubt request_cooling request_confirm request_not_me
    request_withdraw restricted_since restriction_lift
    correct correct_save correct_undo corrected_from interests interests_about
    in_mail_about in_address in_send sent sent_about sent_nothing in_code in_code_button code_wrong code_wrong_about busy busy_about ask_again not_me not_me_about not_me_button not_me_done not_me_done_about
    unsub unsub_about unsub_these unsub_all unsub_done unsub_done_about message_title message_about message_in message_come_in by_one_click mail_receipt receipt_mailed
    nav_home home_intro home_off home_unknown home_crowded home_passing home_nobody home_since
    home_somebody home_initial home_address home_phone home_email home_family home_declared
    home_not_with home_alone home_never home_none home_none_about home_none_button home_contract
    housemate
    answering operating comma receipt certificate certificate_about
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryWords {
    name: String,
    contact: String,
    address: String,
    demographic: String,
    identifier: String,
    transactional: String,
    behavioural: String,
    preference: String,
    device: String,
    unclassified: String,
}

impl Words {
    /// What a category is called.
    pub(crate) fn category(&self, category: Category) -> &str {
        let CategoryWords { name, contact, address, demographic, identifier, .. } =
            &self.categories;
        let CategoryWords { transactional, behavioural, preference, device, unclassified, .. } =
            &self.categories;
        match category {
            Category::Name => name,
            Category::Contact => contact,
            Category::Address => address,
            Category::Demographic => demographic,
            Category::Identifier => identifier,
            Category::Transactional => transactional,
            Category::Behavioural => behavioural,
            Category::Preference => preference,
            Category::Device => device,
            Category::Unclassified => unclassified,
        }
    }

    /// What an attribute is called: a word of ours, or the name that the source gave it.
    pub(crate) fn attribute<'a>(&'a self, name: &'a str) -> &'a str {
        self.attributes.get(name).map_or(name, String::as_str)
    }

    /// A word about requests by right: `kind`, `about`, `state`, `step` or `reason`, of which one.
    pub(crate) fn right<'a>(&'a self, of: &str, word: &'a str) -> &'a str {
        self.rights.get(&format!("{of}_{word}")).map_or(word, String::as_str)
    }

    /// Some categories, one behind the other.
    pub(crate) fn categories(&self, categories: Categories) -> String {
        let names: Vec<&str> = categories.iter().map(|of| self.category(of)).collect();
        names.join(&self.comma)
    }

    /// What was done.
    pub(crate) fn kind(&self, kind: UseKind) -> &str {
        match kind {
            UseKind::View => &self.use_view,
            UseKind::Export => &self.use_export,
            UseKind::Contact => &self.use_contact,
            UseKind::Decide => &self.use_decide,
            UseKind::Resolve => &self.use_resolve,
            UseKind::Share => &self.use_share,
            UseKind::Train => &self.use_train,
            UseKind::SubjectAccess => &self.use_subject_access,
            UseKind::Repair => &self.use_repair,
        }
    }
}

/// Puts a value in the place of `{name}`.
pub(crate) fn fill(text: &str, name: &str, value: &str) -> String {
    text.replace(&format!("{{{name}}}"), value)
}

static TEXTS: [(Language, &str); 5] = [
    (Language::En, include_str!("words/en.toml")),
    (Language::De, include_str!("words/de.toml")),
    (Language::Fr, include_str!("words/fr.toml")),
    (Language::Es, include_str!("words/es.toml")),
    (Language::Ar, include_str!("words/ar.toml")),
];

static WORDS: LazyLock<[Words; 5]> = LazyLock::new(|| {
    // INVARIANT: every language loads; held by a test.
    TEXTS.map(|(_, text)| toml::from_str(text).unwrap_or_default())
});

/// The texts of a language.
pub(crate) fn of(language: Language) -> &'static Words {
    let [english, ..] = &*WORDS;
    let mut all = TEXTS.iter().zip(&*WORDS);
    all.find(|((known, _), _)| *known == language).map_or(english, |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places that a text has for values.
    fn places(text: &str) -> Vec<&str> {
        let parts = text.split('{').skip(1);
        let mut places: Vec<&str> = parts.filter_map(|part| part.split('}').next()).collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn every_language_says_everything_with_the_same_places() {
        for (language, text) in TEXTS {
            let words: Words = toml::from_str(text).unwrap();
            let english: Words = toml::from_str(TEXTS[0].1).unwrap();
            assert!(words.attributes.keys().eq(english.attributes.keys()), "{language:?}");
            assert!(words.rights.keys().eq(english.rights.keys()), "{language:?}");
            assert!(words.rights.values().all(|text| !text.trim().is_empty()), "{language:?}");
            for ((name, text), (_, in_english)) in words.all().into_iter().zip(english.all()) {
                assert!(!text.trim().is_empty(), "{language:?} {name}");
                assert_eq!(places(text), places(in_english), "{language:?} {name}");
            }
        }
    }
}
