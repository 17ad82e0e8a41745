//! Transparency and Consent strings of IAB Europe, versions 2.0 to 2.3 (IAB Tech Lab, "Transparency
//! and Consent String with Global Vendor & CMP List Formats").
//!
//! Only registered consent tools may make such strings: they are read here, never written.

use super::bits::{Bits, Code, Fault, Ids, bounded};
use model::Timestamp;
use std::ops::RangeInclusive;

/// The only version of the format there is since 2020.
const VERSION: u8 = 2;

/// More segments than the specification knows, so that newer ones are still passed over.
const SEGMENTS_MAX: usize = 8;

/// The first policy under which strings were valid after [`POLICY_CUT`] (TCF 2.2).
const POLICY_MIN: u8 = 4;

/// The end of 30 September 2023, UTC.
const POLICY_CUT: Timestamp = Timestamp(1_696_118_400_000);

/// Purposes for which legitimate interest is no legal basis (TCF 2.2).
const CONSENT_ONLY: RangeInclusive<u8> = 3..=6;

/// How many bits of vendors are read at once.
const WORD_BITS: u16 = 32;

const CORE: &str = "core";
const DISCLOSED: &str = "disclosed vendors";
const PUBLISHER: &str = "publisher tc";

/// A TC string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tcf {
    /// What every string has.
    pub core: Core,
    /// The vendors the customer was told of. Nothing in strings older than TCF 2.3, where it became
    /// mandatory: their consent to a vendor does not say that the vendor was shown.
    pub disclosed_vendors: Option<Vendors>,
    /// What the customer allowed the publisher itself.
    pub publisher: Option<Publisher>,
    /// Segments that were passed over: `AllowedVendors` of TCF 2.0, and kinds that came later.
    pub segments_skipped: usize,
}

/// The core segment ("The Core String").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Core {
    /// When the string was first made. Since TCF 2.2 only the day is true.
    pub created: Timestamp,
    /// When it was last changed, likewise.
    pub last_updated: Timestamp,
    /// The consent tool that changed it last.
    pub cmp_id: u16,
    /// The version of that tool.
    pub cmp_version: u16,
    /// The screen of that tool on which consent was given.
    pub consent_screen: u8,
    /// The language of that screen: ISO 639-1, in capitals.
    pub consent_language: [char; 2],
    /// The version of the Global Vendor List.
    pub vendor_list_version: u16,
    /// The version of the policies: 2 to 2023, then 4, with TCF 2.3 5.
    pub policy_version: u8,
    /// Whether it is about one service or group of services. Always so after [`read`].
    pub service_specific: bool,
    /// Whether the publisher showed texts of its own (`UseNonStandardTexts`).
    pub non_standard_texts: bool,
    /// Special features the customer allowed, 1 to 12.
    pub special_features: Ids,
    /// Purposes the customer consented to, 1 to 24 (`PurposesConsent`).
    pub consents: Ids,
    /// Purposes of legitimate interest the customer was told of and did not object to, without those
    /// for which it is no legal basis (`PurposesLITransparency`).
    pub legitimate_interests: Ids,
    /// Purposes 3 to 6 where the string claims legitimate interest all the same. Not an error: strings
    /// before TCF 2.2 could, and it never means consent.
    pub legitimate_interests_void: Ids,
    /// Whether purpose 1 was not shown at all (`PurposeOneTreatment`).
    pub purpose_one_hidden: bool,
    /// The country whose law the publisher goes by: ISO 3166-1, in capitals.
    pub publisher_country: [char; 2],
    /// Vendors the customer consented to.
    pub vendor_consents: Vendors,
    /// Vendors whose legitimate interest the customer did not object to.
    pub vendor_legitimate_interests: Vendors,
    /// What the publisher forbids vendors.
    pub restrictions: Vec<Restriction>,
}

/// A set of vendors of the Global Vendor List.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vendors(Vec<RangeInclusive<u16>>);

impl Vendors {
    /// Whether a vendor is among them.
    pub fn contains(&self, vendor: u16) -> bool {
        self.0.iter().any(|range| range.contains(&vendor))
    }

    /// Them as ranges, in the order of the string.
    pub fn ranges(&self) -> &[RangeInclusive<u16>] {
        &self.0
    }
}

/// What a publisher forbids some vendors ("Publisher Restrictions Section").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// For which purpose.
    pub purpose: u8,
    /// What.
    pub kind: RestrictionKind,
    /// Whom.
    pub vendors: Vendors,
}

/// What a publisher can forbid (`RestrictionType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestrictionKind {
    /// The purpose altogether.
    NotAllowed,
    /// The purpose without consent.
    RequireConsent,
    /// The purpose with any other basis than legitimate interest.
    RequireLegitimateInterest,
    /// Value 3, which has no meaning yet.
    Undefined,
}

/// What the customer allowed the publisher itself ("Publisher Purposes Transparency and Consent").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publisher {
    /// Purposes the customer consented to, 1 to 24.
    pub consents: Ids,
    /// Purposes of legitimate interest the customer did not object to, 1 to 24.
    pub legitimate_interests: Ids,
    /// How many purposes of its own the publisher has, up to 63.
    pub custom_purposes: u8,
    /// Of these, which the customer consented to.
    pub custom_consents: Ids,
    /// Of these, for which the customer did not object to legitimate interest.
    pub custom_legitimate_interests: Ids,
}

/// Reads a TC string that may be used today.
///
/// # Errors
///
/// [`Fault`] when it is not well formed, when it is of the global scope that was given up in 2021
/// (`IsServiceSpecific` is 0), or when it was made after 30 September 2023 under a policy older than
/// version 4.
pub fn read(string: &str) -> Result<Tcf, Fault> {
    let tcf = parse(string)?;
    let fault = |code, field| Err(Fault { code, segment: CORE, field });
    if !tcf.core.service_specific {
        return fault(Code::Scope, "IsServiceSpecific");
    }
    if tcf.core.policy_version < POLICY_MIN && tcf.core.created >= POLICY_CUT {
        return fault(Code::Policy, "TcfPolicyVersion");
    }
    Ok(tcf)
}

/// Reads the segments, whatever they say.
fn parse(string: &str) -> Result<Tcf, Fault> {
    bounded(string, CORE)?;
    let fault = |code| Fault { code, segment: CORE, field: "" };
    let mut segments = string.split('.');
    let core = read_core(Bits::of(segments.next().unwrap_or_default(), CORE)?)?;
    let mut tcf = Tcf { core, disclosed_vendors: None, publisher: None, segments_skipped: 0 };
    for (place, segment) in segments.enumerate() {
        if place + 1 >= SEGMENTS_MAX {
            return Err(fault(Code::TooMany));
        }
        let mut bits = Bits::of(segment, "segment")?;
        let twice = match bits.small(3, "SegmentType")? {
            1 => {
                let mut bits = bits.named(DISCLOSED);
                tcf.disclosed_vendors.replace(vendors(&mut bits, "VendorsDisclosed")?).is_some()
            }
            3 => tcf.publisher.replace(read_publisher(bits.named(PUBLISHER))?).is_some(),
            _ => {
                tcf.segments_skipped += 1;
                false
            }
        };
        if twice {
            return Err(fault(Code::Twice));
        }
    }
    Ok(tcf)
}

fn read_core(mut bits: Bits) -> Result<Core, Fault> {
    if bits.small(6, "Version")? != VERSION {
        return Err(bits.fault(Code::Version, "Version"));
    }
    let created = instant(&mut bits, "Created")?;
    let last_updated = instant(&mut bits, "LastUpdated")?;
    let cmp_id = bits.short(12, "CmpId")?;
    let cmp_version = bits.short(12, "CmpVersion")?;
    let consent_screen = bits.small(6, "ConsentScreen")?;
    let consent_language = bits.letters("ConsentLanguage")?;
    let vendor_list_version = bits.short(12, "VendorListVersion")?;
    let policy_version = bits.small(6, "TcfPolicyVersion")?;
    let service_specific = bits.flag("IsServiceSpecific")?;
    let non_standard_texts = bits.flag("UseNonStandardTexts")?;
    let special_features = bits.ids(12, "SpecialFeatureOptIns")?;
    let consents = bits.ids(24, "PurposesConsent")?;
    let claimed = bits.ids(24, "PurposesLITransparency")?;
    let legitimate_interests_void = claimed.intersection(CONSENT_ONLY);
    let purpose_one_hidden = bits.flag("PurposeOneTreatment")?;
    let publisher_country = bits.letters("PublisherCC")?;
    let vendor_consents = vendors(&mut bits, "VendorConsents")?;
    let vendor_legitimate_interests = vendors(&mut bits, "VendorLegitimateInterests")?;
    let restrictions = read_restrictions(&mut bits)?;
    Ok(Core {
        created,
        last_updated,
        cmp_id,
        cmp_version,
        consent_screen,
        consent_language,
        vendor_list_version,
        policy_version,
        service_specific,
        non_standard_texts,
        special_features,
        consents,
        legitimate_interests: claimed.without(legitimate_interests_void),
        legitimate_interests_void,
        purpose_one_hidden,
        publisher_country,
        vendor_consents,
        vendor_legitimate_interests,
        restrictions,
    })
}

/// Deciseconds since 1970.
fn instant(bits: &mut Bits, field: &'static str) -> Result<Timestamp, Fault> {
    bits.number(36, field).map(|deciseconds| Timestamp(deciseconds * 100))
}

/// A bit for each vendor, or ranges.
fn vendors(bits: &mut Bits, field: &'static str) -> Result<Vendors, Fault> {
    let max = bits.short(16, field)?;
    if bits.flag(field)? {
        return bits.ranges(field).map(Vendors);
    }
    let mut ranges: Vec<RangeInclusive<u16>> = Vec::new();
    // Real strings have a thousand bits here: they are looked at word by word.
    for first in (1..=max).step_by(usize::from(WORD_BITS)) {
        let width = WORD_BITS.min(max - first + 1);
        let word = bits.number(width.into(), field)?;
        for vendor in (0..width).filter(|place| word >> (width - 1 - place) & 1 == 1) {
            let vendor = first + vendor;
            match ranges.last_mut() {
                Some(last) if *last.end() == vendor - 1 => *last = *last.start()..=vendor,
                _ => ranges.push(vendor..=vendor),
            }
        }
    }
    Ok(Vendors(ranges))
}

fn read_restrictions(bits: &mut Bits) -> Result<Vec<Restriction>, Fault> {
    let count = bits.short(12, "NumPubRestrictions")?;
    let mut restrictions = Vec::new();
    for _ in 0..count {
        let purpose = bits.small(6, "PurposeId")?;
        let kind = match bits.small(2, "RestrictionType")? {
            0 => RestrictionKind::NotAllowed,
            1 => RestrictionKind::RequireConsent,
            2 => RestrictionKind::RequireLegitimateInterest,
            _ => RestrictionKind::Undefined,
        };
        let vendors = Vendors(bits.ranges("PubRestrictions")?);
        restrictions.push(Restriction { purpose, kind, vendors });
    }
    Ok(restrictions)
}

fn read_publisher(mut bits: Bits) -> Result<Publisher, Fault> {
    let consents = bits.ids(24, "PubPurposesConsent")?;
    let legitimate_interests = bits.ids(24, "PubPurposesLITransparency")?;
    let custom_purposes = bits.small(6, "NumCustomPurposes")?;
    let custom_consents = bits.ids(custom_purposes, "CustomPurposesConsent")?;
    let custom_legitimate_interests = bits.ids(custom_purposes, "CustomPurposesLITransparency")?;
    Ok(Publisher {
        consents,
        legitimate_interests,
        custom_purposes,
        custom_consents,
        custom_legitimate_interests,
    })
}

#[cfg(test)]
mod tests;
