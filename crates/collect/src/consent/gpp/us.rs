//! GPP sections of the United States: the national one (7) and those of the states (8 to 23).
//!
//! Their core has a version and then two bits for each answer, in an order that each specification
//! fixes ("US-National", "US-States"). A sub-section of type 1 may say Global Privacy Control.

use crate::consent::bits::{Bits, Code, Fault};
use Field::{
    AdditionalDataProcessingConsent, KnownChildSensitiveDataConsents, MspaCoveredTransaction,
    MspaOptOutOptionMode, MspaServiceProviderMode, PersonalDataConsents, ProcessingNotice,
    SaleOptOut, SaleOptOutNotice, SensitiveDataLimitUseNotice, SensitiveDataProcessing,
    SensitiveDataProcessingOptOutNotice, SharingNotice, SharingOptOut, SharingOptOutNotice,
    TargetedAdvertisingOptOut, TargetedAdvertisingOptOutNotice,
};

/// More sub-sections than any section knows.
const SUBSECTIONS_MAX: usize = 8;

/// The type of the sub-section of Global Privacy Control.
const GPC_TYPE: u8 = 1;

/// A section of the United States.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsSection {
    /// The version of the section's specification.
    pub version: u8,
    /// The answers in order, two bits each: of most fields one, of some one for each category.
    pub answers: Vec<(Field, Vec<u8>)>,
    /// Whether the browser signals Global Privacy Control; nothing when the string does not say.
    pub gpc: Option<bool>,
    /// What of it was not read first, if anything. What was read counts all the same: a section that
    /// was cut off after a refusal is a refusal.
    pub fault: Option<Fault>,
}

/// A field of such a section. Notices: 0 not applicable, 1 given, 2 not given. Opt-outs: a
/// [`Choice`]. Consents: 0 not applicable, 1 no, 2 yes. MSPA: 0 not applicable, 1 yes, 2 no.
#[expect(missing_docs, reason = "the names are those of the specification, which explains them")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    ProcessingNotice,
    SharingNotice,
    SaleOptOutNotice,
    SharingOptOutNotice,
    TargetedAdvertisingOptOutNotice,
    SensitiveDataProcessingOptOutNotice,
    SensitiveDataLimitUseNotice,
    SaleOptOut,
    SharingOptOut,
    TargetedAdvertisingOptOut,
    SensitiveDataProcessing,
    KnownChildSensitiveDataConsents,
    PersonalDataConsents,
    AdditionalDataProcessingConsent,
    MspaCoveredTransaction,
    MspaOptOutOptionMode,
    MspaServiceProviderMode,
}

impl Field {
    /// What the specification calls it.
    pub const fn name(self) -> &'static str {
        match self {
            ProcessingNotice => "ProcessingNotice",
            SharingNotice => "SharingNotice",
            SaleOptOutNotice => "SaleOptOutNotice",
            SharingOptOutNotice => "SharingOptOutNotice",
            TargetedAdvertisingOptOutNotice => "TargetedAdvertisingOptOutNotice",
            SensitiveDataProcessingOptOutNotice => "SensitiveDataProcessingOptOutNotice",
            SensitiveDataLimitUseNotice => "SensitiveDataLimitUseNotice",
            SaleOptOut => "SaleOptOut",
            SharingOptOut => "SharingOptOut",
            TargetedAdvertisingOptOut => "TargetedAdvertisingOptOut",
            SensitiveDataProcessing => "SensitiveDataProcessing",
            KnownChildSensitiveDataConsents => "KnownChildSensitiveDataConsents",
            PersonalDataConsents => "PersonalDataConsents",
            AdditionalDataProcessingConsent => "AdditionalDataProcessingConsent",
            MspaCoveredTransaction => "MspaCoveredTransaction",
            MspaOptOutOptionMode => "MspaOptOutOptionMode",
            MspaServiceProviderMode => "MspaServiceProviderMode",
        }
    }

    const fn is_opt_out(self) -> bool {
        matches!(self, SaleOptOut | SharingOptOut | TargetedAdvertisingOptOut)
    }
}

/// What a customer chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The question does not apply, or no notice was given.
    NotApplicable,
    /// A refusal.
    OptedOut,
    /// No refusal, which is no consent either.
    DidNotOptOut,
}

impl UsSection {
    /// The answers of a field; empty when the section does not have it.
    pub fn answers(&self, field: Field) -> &[u8] {
        let found = self.answers.iter().find(|(known, _)| *known == field);
        found.map_or(&[], |(_, answers)| answers)
    }

    /// What the customer chose about an opt-out; nothing when the section does not ask, and for the
    /// value 3, which has no meaning.
    pub fn choice(&self, opt_out: Field) -> Option<Choice> {
        match self.answers(opt_out).first()? {
            0 => Some(Choice::NotApplicable),
            1 => Some(Choice::OptedOut),
            2 => Some(Choice::DidNotOptOut),
            _ => None,
        }
    }

    /// Whether the customer opted out of anything, or the browser did (GPC).
    pub fn opted_out(&self) -> bool {
        let opt_outs = [SaleOptOut, SharingOptOut, TargetedAdvertisingOptOut];
        let refused = |opt_out| self.choice(opt_out) == Some(Choice::OptedOut);
        self.gpc == Some(true) || opt_outs.into_iter().any(refused)
    }
}

/// The order of the fields of one version of one section, each with its number of answers.
type Fields = &'static [(Field, usize)];

/// How a section is laid out.
struct Layout {
    id: u32,
    /// Its prefix in the client API, by which faults name it.
    name: &'static str,
    /// By version, from 1.
    versions: &'static [Fields],
}

/// The end of every core: whether the Multi-State Privacy Agreement covers the transaction, and how.
const MSPA: [(Field, usize); 3] =
    [(MspaCoveredTransaction, 1), (MspaOptOutOptionMode, 1), (MspaServiceProviderMode, 1)];

const fn national(sensitive: usize, child: usize) -> [(Field, usize); 15] {
    [
        (SharingNotice, 1),
        (SaleOptOutNotice, 1),
        (SharingOptOutNotice, 1),
        (TargetedAdvertisingOptOutNotice, 1),
        (SensitiveDataProcessingOptOutNotice, 1),
        (SensitiveDataLimitUseNotice, 1),
        (SaleOptOut, 1),
        (SharingOptOut, 1),
        (TargetedAdvertisingOptOut, 1),
        (SensitiveDataProcessing, sensitive),
        (KnownChildSensitiveDataConsents, child),
        (PersonalDataConsents, 1),
        MSPA[0],
        MSPA[1],
        MSPA[2],
    ]
}

/// Virginia, Colorado and Connecticut.
const fn early(sensitive: usize, child: usize) -> [(Field, usize); 10] {
    [
        (SharingNotice, 1),
        (SaleOptOutNotice, 1),
        (TargetedAdvertisingOptOutNotice, 1),
        (SaleOptOut, 1),
        (TargetedAdvertisingOptOut, 1),
        (SensitiveDataProcessing, sensitive),
        (KnownChildSensitiveDataConsents, child),
        MSPA[0],
        MSPA[1],
        MSPA[2],
    ]
}

/// Utah and Iowa, where sensitive data is opted out of.
const fn opting_out(notice: Field) -> [(Field, usize); 11] {
    [
        (notice, 1),
        (SaleOptOutNotice, 1),
        (TargetedAdvertisingOptOutNotice, 1),
        (SensitiveDataProcessingOptOutNotice, 1),
        (SaleOptOut, 1),
        (TargetedAdvertisingOptOut, 1),
        (SensitiveDataProcessing, 8),
        (KnownChildSensitiveDataConsents, 1),
        MSPA[0],
        MSPA[1],
        MSPA[2],
    ]
}

/// The states that came later.
const fn late(notice: Field, sensitive: usize, child: usize) -> [(Field, usize); 11] {
    [
        (notice, 1),
        (SaleOptOutNotice, 1),
        (TargetedAdvertisingOptOutNotice, 1),
        (SaleOptOut, 1),
        (TargetedAdvertisingOptOut, 1),
        (SensitiveDataProcessing, sensitive),
        (KnownChildSensitiveDataConsents, child),
        (AdditionalDataProcessingConsent, 1),
        MSPA[0],
        MSPA[1],
        MSPA[2],
    ]
}

const CALIFORNIA: [(Field, usize); 11] = [
    (SaleOptOutNotice, 1),
    (SharingOptOutNotice, 1),
    (SensitiveDataLimitUseNotice, 1),
    (SaleOptOut, 1),
    (SharingOptOut, 1),
    (SensitiveDataProcessing, 9),
    (KnownChildSensitiveDataConsents, 2),
    (PersonalDataConsents, 1),
    MSPA[0],
    MSPA[1],
    MSPA[2],
];

const NATIONAL: u32 = 7;

/// The fields of version 2 of the national section. For some months the reference library wrote them
/// under version 1; such strings are longer than version 1 can be.
const NATIONAL_2: Fields = &national(16, 3);

/// The bits of [`NATIONAL_2`] with its version.
const NATIONAL_2_BITS: usize = 70;

const LAYOUTS: &[Layout] = &[
    Layout { id: NATIONAL, name: "usnat", versions: &[&national(12, 2), NATIONAL_2] },
    Layout { id: 8, name: "usca", versions: &[&CALIFORNIA] },
    Layout { id: 9, name: "usva", versions: &[&early(8, 1)] },
    Layout { id: 10, name: "usco", versions: &[&early(7, 1)] },
    Layout { id: 11, name: "usut", versions: &[&opting_out(SharingNotice)] },
    Layout { id: 12, name: "usct", versions: &[&early(8, 3)] },
    Layout { id: 13, name: "usfl", versions: &[&late(ProcessingNotice, 8, 3)] },
    Layout { id: 14, name: "usmt", versions: &[&late(SharingNotice, 8, 3)] },
    Layout { id: 15, name: "usor", versions: &[&late(ProcessingNotice, 11, 3)] },
    Layout { id: 16, name: "ustx", versions: &[&late(ProcessingNotice, 8, 1)] },
    Layout { id: 17, name: "usde", versions: &[&late(ProcessingNotice, 9, 5)] },
    Layout { id: 18, name: "usia", versions: &[&opting_out(ProcessingNotice)] },
    Layout { id: 19, name: "usne", versions: &[&late(ProcessingNotice, 8, 1)] },
    Layout { id: 20, name: "usnh", versions: &[&late(ProcessingNotice, 8, 3)] },
    Layout { id: 21, name: "usnj", versions: &[&late(ProcessingNotice, 10, 5)] },
    Layout { id: 22, name: "ustn", versions: &[&late(ProcessingNotice, 8, 1)] },
    Layout { id: 23, name: "usmn", versions: &[&late(ProcessingNotice, 8, 1)] },
];

/// What faults call sections whose layout is not known.
fn name(id: u32) -> &'static str {
    match id {
        4 => "signature",
        5 => "tcfcav1",
        24 => "usmd",
        25 => "usin",
        26 => "usky",
        27 => "usri",
        _ => "section",
    }
}

/// Reads a section by its id.
pub(super) fn read(id: u32, text: &str) -> Result<UsSection, Fault> {
    let Some(layout) = LAYOUTS.iter().find(|layout| layout.id == id) else {
        return Err(Fault { code: Code::Unknown, segment: name(id), field: "" });
    };
    let mut parts = text.split('.');
    let mut section = layout.read_core(parts.next().unwrap_or_default())?;
    for (place, part) in parts.enumerate() {
        if place + 1 >= SUBSECTIONS_MAX {
            let fault = Fault { code: Code::TooMany, segment: layout.name, field: "" };
            section.fault.get_or_insert(fault);
            break;
        }
        match layout.read_gpc(part) {
            Ok(None) => {}
            Ok(Some(gpc)) => section.gpc = Some(section.gpc == Some(true) || gpc),
            Err(fault) => {
                section.fault.get_or_insert(fault);
            }
        }
    }
    Ok(section)
}

impl Layout {
    fn read_core(&self, text: &str) -> Result<UsSection, Fault> {
        let mut bits = Bits::of(text, self.name)?;
        let version = bits.small(6, "Version")?;
        let fields =
            self.fields(version, bits.len()).ok_or_else(|| bits.fault(Code::Version, "Version"))?;
        let mut section = UsSection { version, answers: Vec::new(), gpc: None, fault: None };
        for &(field, count) in fields {
            let answers: Result<Vec<u8>, Fault> =
                (0..count).map(|_| bits.small(2, field.name())).collect();
            let answers = match answers {
                Ok(answers) => answers,
                Err(fault) => {
                    section.fault.get_or_insert(fault);
                    break;
                }
            };
            // Elsewhere a value without a meaning harms nobody; here it could be a refusal.
            if field.is_opt_out() && answers.contains(&3) {
                section.fault.get_or_insert(bits.fault(Code::Undefined, field.name()));
            }
            section.answers.push((field, answers));
        }
        Ok(section)
    }

    /// What a sub-section says of Global Privacy Control; nothing when it is about something else.
    fn read_gpc(&self, text: &str) -> Result<Option<bool>, Fault> {
        let mut bits = Bits::of(text, self.name)?;
        if bits.small(2, "SubsectionType")? == GPC_TYPE {
            return bits.flag("Gpc").map(Some);
        }
        Ok(None)
    }

    fn fields(&self, version: u8, bits: usize) -> Option<Fields> {
        if self.id == NATIONAL && version == 1 && bits >= NATIONAL_2_BITS {
            return Some(NATIONAL_2);
        }
        self.versions.get(usize::from(version.checked_sub(1)?)).copied()
    }
}
