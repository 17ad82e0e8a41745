//! What a request is about and how it goes, in words from closed lists.

use serde::{Deserialize, Serialize};

macro_rules! worded {
    ($(#[$doc:meta])* $name:ident: $($(#[$of:meta])* $variant:ident = $word:literal,)*) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it in API, ledger and documents.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one of a word, if it is one.
            pub fn of_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    };
}

worded! {
    /// What is asked for.
    RequestKind:
    /// To see what is held (GDPR Art. 15).
    Access = "access",
    /// To take it along (Art. 20).
    Portability = "portability",
    /// To have it corrected (Art. 16).
    Rectification = "rectification",
    /// That it only be kept (Art. 18).
    Restriction = "restriction",
    /// That it be used no more for interests that are not the customer's (Art. 21).
    Objection = "objection",
    /// To have it erased (Art. 17).
    Erasure = "erasure",
}

worded! {
    /// Through which door it came.
    Through:
    /// The customer, signed in, in the preference centre.
    PreferenceCentre = "preference_centre",
    /// A service on behalf of the customer, whom it knows.
    Service = "service",
    /// A letter, a call, a mail: whoever sent it.
    Unverified = "unverified",
}

worded! {
    /// Where it stands.
    RequestState:
    /// It came.
    Received = "received",
    /// The customer was told that it came.
    Acknowledged = "acknowledged",
    /// Somebody works on it.
    InWork = "in_work",
    /// It was answered, or done.
    Answered = "answered",
    /// It was refused, with a ground.
    Refused = "refused",
    /// It was taken back.
    Withdrawn = "withdrawn",
}

impl RequestState {
    /// Whether something is still to be done.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::Acknowledged | Self::InWork)
    }
}

worded! {
    /// Why an answer is put off (GDPR Art. 12(3)).
    Delay:
    /// It is complex.
    Complex = "complex",
    /// There are many.
    Numerous = "numerous",
}

worded! {
    /// Why a request is refused.
    Ground:
    /// Who asks cannot be identified (GDPR Art. 12(2), 12(6)).
    NotIdentified = "not_identified",
    /// It is manifestly unfounded (Art. 12(5)).
    Unfounded = "unfounded",
    /// It is excessive, because it is repeated (Art. 12(5)).
    Excessive = "excessive",
    /// The law asks to keep the data (Art. 17(3)(b)).
    LegalDuty = "legal_duty",
    /// The data is needed for legal claims (Art. 17(3)(e), 21(1)).
    LegalClaims = "legal_claims",
    /// It would harm others (Art. 15(4), 20(4)).
    RightsOfOthers = "rights_of_others",
    /// The right does not apply to this data.
    Inapplicable = "inapplicable",
}

impl RequestKind {
    /// Whether the house itself does what is asked for.
    pub const fn is_carried_out(self) -> bool {
        match self {
            Self::Restriction | Self::Objection | Self::Erasure => true,
            Self::Access | Self::Portability | Self::Rectification => false,
        }
    }
}

/// One thing that is done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// It came.
    Receive,
    /// Whoever asked is the customer.
    Verify,
    /// The customer was told that it came.
    Acknowledge,
    /// Somebody works on it.
    Begin,
    /// The answer is put off, once.
    Extend(Delay),
    /// Somebody has to look.
    Escalate,
    /// It was answered.
    Answer,
    /// It was carried out.
    CarryOut,
    /// It was refused.
    Refuse(Ground),
    /// It was taken back.
    Withdraw,
}

impl Step {
    /// The word for it in API and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Verify => "verify",
            Self::Acknowledge => "acknowledge",
            Self::Begin => "begin",
            Self::Extend(_) => "extend",
            Self::Escalate => "escalate",
            Self::Answer => "answer",
            Self::CarryOut => "carry_out",
            Self::Refuse(_) => "refuse",
            Self::Withdraw => "withdraw",
        }
    }

    /// Why, in a word from a closed list, where a step has a reason.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Extend(delay) => Some(delay.word()),
            Self::Refuse(ground) => Some(ground.word()),
            Self::Receive
            | Self::Verify
            | Self::Acknowledge
            | Self::Begin
            | Self::Escalate
            | Self::Answer
            | Self::CarryOut
            | Self::Withdraw => None,
        }
    }
}
