//! Strings of the Global Privacy Platform (IAB Tech Lab, "GPP Consent String Specification"): a
//! header that names sections, and one section for each law, joined by `~`.

mod us;

pub use us::{Choice, Field, UsSection};

use super::bits::{Bits, Code, Fault, bounded};
use super::tcf::{self, Tcf};

/// More sections than the specification knows.
pub const SECTIONS_MAX: usize = 64;

const HEADER: &str = "header";

/// The header's `Type` ("Header").
const HEADER_TYPE: u8 = 3;

/// The header's `Version`.
const HEADER_VERSION: u8 = 1;

/// The section of IAB Europe's TCF.
const TCF_EU: u32 = 2;

/// The section of the old US Privacy string.
const USP: u32 = 6;

/// A GPP string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpp {
    /// Its sections, by id. Each is read by itself: one that cannot be read does not hide a refusal
    /// in another.
    pub sections: Vec<Section>,
}

/// One section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its id ("Section Information").
    pub id: u32,
    /// What it says. [`Code::Unknown`] where it is skipped, because its layout is not known to us: the
    /// TCF of Canada (5), signatures (4), and 24 to 27 (Maryland, Indiana, Kentucky, Rhode Island),
    /// for which specification and reference library differ.
    pub content: Result<Content, Fault>,
}

/// What a section says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// IAB Europe's TCF.
    TcfEu(Box<Tcf>),
    /// The US Privacy string.
    Usp(Usp),
    /// A section of the United States, national or of a state.
    Us(UsSection),
}

/// A US Privacy string (IAB Tech Lab, "U.S. Privacy String", version 1), such as `1YNN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usp {
    /// Whether the customer was told of the opportunity to opt out; nothing when the law does not
    /// apply (`-`).
    pub notice: Option<bool>,
    /// Whether the customer opted out of the sale.
    pub opt_out_sale: Option<bool>,
    /// Whether the Limited Service Provider Agreement covers it.
    pub lspa_covered: Option<bool>,
    /// What of it was not read first, if anything; what was read counts all the same.
    pub fault: Option<Fault>,
}

/// Reads a GPP string.
///
/// # Errors
///
/// [`Fault`] when its header cannot be read or names other sections than there are: which section
/// is which is not known then.
pub fn read(string: &str) -> Result<Gpp, Fault> {
    bounded(string, HEADER)?;
    let mut parts = string.split('~');
    let ids = read_header(Bits::of(parts.next().unwrap_or_default(), HEADER)?)?;
    let texts: Vec<&str> = parts.take(SECTIONS_MAX + 1).collect();
    if texts.len() != ids.len() {
        return Err(Fault { code: Code::Sections, segment: HEADER, field: "SectionIds" });
    }
    let section = |(id, text)| Section { id, content: read_section(id, text) };
    Ok(Gpp { sections: ids.into_iter().zip(texts).map(section).collect() })
}

/// The ids of the sections, ascending ("Range (Fibonacci)": each number is what it is more than the
/// one before).
fn read_header(mut bits: Bits) -> Result<Vec<u32>, Fault> {
    if bits.small(6, "Type")? != HEADER_TYPE {
        return Err(bits.fault(Code::Version, "Type"));
    }
    if bits.small(6, "Version")? != HEADER_VERSION {
        return Err(bits.fault(Code::Version, "Version"));
    }
    let field = "SectionIds";
    let mut ids: Vec<u32> = Vec::new();
    let mut last = 0;
    for _ in 0..bits.short(12, field)? {
        let is_range = bits.flag(field)?;
        let first = last + bits.fibonacci(field)?;
        last = if is_range { first + bits.fibonacci(field)? } else { first };
        ids.extend((first..=last).take(SECTIONS_MAX + 1));
        if ids.len() > SECTIONS_MAX {
            return Err(bits.fault(Code::TooMany, field));
        }
    }
    Ok(ids)
}

fn read_section(id: u32, text: &str) -> Result<Content, Fault> {
    match id {
        TCF_EU => tcf::read(text).map(|tcf| Content::TcfEu(Box::new(tcf))),
        USP => read_usp(text).map(Content::Usp),
        _ => us::read(id, text).map(Content::Us),
    }
}

fn read_usp(text: &str) -> Result<Usp, Fault> {
    let fault = |code, field| Fault { code, segment: "uspv1", field };
    let mut letters = text.chars();
    if letters.next() != Some('1') {
        return Err(fault(Code::Version, "Version"));
    }
    let mut answer = |field| match letters.next() {
        // The specification writes capitals; a small letter is no reason to miss a refusal.
        Some('Y' | 'y') => Ok(Some(true)),
        Some('N' | 'n') => Ok(Some(false)),
        Some('-') => Ok(None),
        Some(_) => Err(fault(Code::Undefined, field)),
        None => Err(fault(Code::Ends, field)),
    };
    let notice = answer("Notice");
    let opt_out_sale = answer("OptOutSale");
    let lspa_covered = answer("LspaCovered");
    let faults = [notice.err(), opt_out_sale.err(), lspa_covered.err()];
    let spare = letters.next().map(|_| fault(Code::TooLong, ""));
    Ok(Usp {
        notice: notice.ok().flatten(),
        opt_out_sale: opt_out_sale.ok().flatten(),
        lspa_covered: lspa_covered.ok().flatten(),
        fault: faults.into_iter().flatten().next().or(spare),
    })
}

impl Section {
    /// What of it was not read first, if anything.
    pub fn fault(&self) -> Option<Fault> {
        match &self.content {
            Ok(Content::TcfEu(_)) => None,
            Ok(Content::Usp(usp)) => usp.fault,
            Ok(Content::Us(us)) => us.fault,
            Err(fault) => Some(*fault),
        }
    }
}

impl Gpp {
    /// Whether any section says that the customer opted out of sale, of sharing or of targeted
    /// advertising, or that the browser signals Global Privacy Control. Not having opted out says
    /// nothing: silence is not consent.
    pub fn opted_out(&self) -> bool {
        self.sections.iter().filter_map(|section| section.content.as_ref().ok()).any(|content| {
            match content {
                Content::TcfEu(_) => false,
                Content::Usp(usp) => usp.opt_out_sale == Some(true),
                Content::Us(us) => us.opted_out(),
            }
        })
    }
}

#[cfg(test)]
mod tests;
