//! Why data is used, and what kind of data it is.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A word that is not in the vocabulary it was looked up in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    /// Which vocabulary.
    pub vocabulary: &'static str,
    /// The words it has.
    pub known: Vec<&'static str>,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {}: use one of {}", self.vocabulary, self.known.join(", "))
    }
}

impl std::error::Error for UnknownWord {}

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident $called:literal { $($(#[$of:meta])* $variant:ident = $word:literal, $iri:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            /// Every word of the vocabulary.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it in API, files, ledger and documents.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Its term in the W3C Data Privacy Vocabulary 2.
            pub const fn dpv(self) -> &'static str {
                match self { $(Self::$variant => $iri,)* }
            }

            /// Looks a word up.
            ///
            /// # Errors
            ///
            /// When it is not in the vocabulary; the error lists the words that are.
            pub fn of_word(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|known| known.word() == word).ok_or_else(|| {
                    let known = Self::ALL.iter().map(|known| known.word()).collect();
                    UnknownWord { vocabulary: $called, known }
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

vocabulary! {
    /// Why data is used (W3C DPV 2 terms). A use names exactly one.
    Purpose "purpose" {
        /// Delivering what the customer asked for.
        ServiceProvision = "service_provision", "dpv:ServiceProvision";
        /// Fitting pages and offers to the customer.
        Personalisation = "personalisation", "dpv:Personalisation";
        /// Telling the customer about offers.
        Marketing = "marketing", "dpv:Marketing";
        /// Counting and understanding.
        Analytics = "analytics", "dpv:ServiceUsageAnalytics";
        /// Recognising that two records are one customer.
        IdentityLinking = "identity_linking", "dpv:IdentityVerification";
        /// Recognising who shares a home.
        HouseholdLinking = "household_linking", "dpv:Personalisation";
        /// Training models.
        ModelTraining = "model_training", "dpv:ResearchAndDevelopment";
        /// Giving data to another company.
        ThirdPartySharing = "third_party_sharing", "dpv:CommercialPurpose";
        /// Advertising across contexts, sale included.
        CrossContextAdvertising = "cross_context_advertising", "dpv:TargetedAdvertising";
        /// Matching with a partner in a clean room.
        CleanRoomMatching = "clean_room_matching", "dpv:DataExchange";
        /// Answering the customer about their own data.
        SubjectAccess = "subject_access", "dpv:FulfilmentOfObligation";
        /// Keeping the system itself safe and correct.
        Operations = "operations", "dpv:OrganisationGovernance";
    }
}

vocabulary! {
    /// What kind of data a field is (DPV-PD terms). Unclassified fields are sealed: no purpose but
    /// subject access opens them.
    Category "category" {
        /// Names and titles.
        Name = "name", "pd:Name";
        /// Email addresses and phone numbers.
        Contact = "contact", "pd:Contact";
        /// Postal addresses.
        Address = "address", "pd:PhysicalAddress";
        /// Birth date, age, gender, language.
        Demographic = "demographic", "pd:Demographic";
        /// Ids that a source gave.
        Identifier = "identifier", "pd:Identifying";
        /// What was bought, and for how much.
        Transactional = "transactional", "pd:Transactional";
        /// What was looked at, clicked and used.
        Behavioural = "behavioural", "pd:Behavioral";
        /// What the customer likes.
        Preference = "preference", "pd:Preference";
        /// Browser, app and network.
        Device = "device", "pd:DeviceBased";
        /// Nobody has said what it is.
        Unclassified = "unclassified", "pd:PersonalData";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::of_word(purpose.word()), Ok(*purpose));
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let error = Category::of_word("shoe size").unwrap_err();
        assert!(error.to_string().starts_with("unknown category: use one of name, contact"));
    }
}
