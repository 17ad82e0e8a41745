//! What IAB strings mean for our purposes.

use super::bits::Fault;
use super::gpp::{self, Content, Section};
use super::tcf::{self, Tcf};
use model::{Purpose, Sensitive, Timestamp};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Which purposes of the TCF stand for a purpose of ours. Purpose 1 (storing on the device) is a
/// question between page and visitor and stands for none.
pub const TCF_PURPOSES: [(Purpose, &[u8]); 4] = [
    (Purpose::CrossContextAdvertising, &[2, 3, 4, 7]),
    (Purpose::Personalisation, &[5, 6, 11]),
    (Purpose::Analytics, &[8, 9]),
    (Purpose::ModelTraining, &[10]),
];

/// What an opt-out in a section of the United States refuses, as Global Privacy Control does.
pub const GPP_REFUSED: [Purpose; 2] =
    [Purpose::ThirdPartySharing, Purpose::CrossContextAdvertising];

/// [`TCF_PURPOSES`] and [`GPP_REFUSED`] in words, a line for each purpose.
#[derive(Clone, Copy, Debug)]
pub struct Table;

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (purpose, of_tcf) in TCF_PURPOSES {
            let numbers: Vec<String> = of_tcf.iter().map(u8::to_string).collect();
            writeln!(f, "{}: TCF purposes {}", purpose.word(), numbers.join(", "))?;
        }
        for purpose in GPP_REFUSED {
            writeln!(f, "{}: refused by a GPP opt-out", purpose.word())?;
        }
        Ok(())
    }
}

/// An IAB string and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// As it came. Shared, because the string of a header is that of every event of its batch.
    pub string: Sensitive<Arc<str>>,
    /// Yes or no to purposes, by purpose.
    pub says: Vec<(Purpose, bool)>,
    /// The day on which the customer said it, where the string tells: its beginning. What an old string
    /// allows was allowed then, however often it is repeated.
    pub day: Option<Timestamp>,
    /// What of it was not read first, if anything.
    pub fault: Option<Fault>,
    /// Purposes the part that was not read could have refused. Whatever else is said with it, it is
    /// no yes to them.
    pub withholds: Vec<Purpose>,
}

impl Evidence {
    /// Reads a TCF string.
    pub(super) fn tcf(string: &str) -> Self {
        let (says, day, fault) = match tcf::read(string.trim()) {
            Ok(tcf) => (verdicts_of(&tcf), Some(tcf.core.last_updated), None),
            Err(fault) => (Vec::new(), None, Some(fault)),
        };
        Self { day, ..Self::new(string, says, fault, of_tcf()) }
    }

    /// Reads a GPP string. Opt-outs are a no; not having opted out says nothing. Its section of the
    /// TCF says what a TCF string says.
    pub(super) fn gpp(string: &str) -> Self {
        let could_refuse = of_tcf().into_iter().chain(GPP_REFUSED).collect();
        let gpp = match gpp::read(string.trim()) {
            Ok(gpp) => gpp,
            Err(fault) => return Self::new(string, Vec::new(), Some(fault), could_refuse),
        };
        let mut says: BTreeMap<Purpose, bool> = BTreeMap::new();
        let mut day = None;
        if gpp.opted_out() {
            says.extend(GPP_REFUSED.map(|purpose| (purpose, false)));
        }
        for section in &gpp.sections {
            if let Ok(Content::TcfEu(tcf)) = &section.content {
                day = Some(tcf.core.last_updated);
                for (purpose, allowed) in verdicts_of(tcf) {
                    says.entry(purpose).and_modify(|all| *all &= allowed).or_insert(allowed);
                }
            }
        }
        let fault = gpp.sections.iter().find_map(Section::fault);
        Self { day, ..Self::new(string, says.into_iter().collect(), fault, could_refuse) }
    }

    fn new(
        string: &str,
        mut says: Vec<(Purpose, bool)>,
        fault: Option<Fault>,
        could_refuse: Vec<Purpose>,
    ) -> Self {
        says.sort_unstable();
        let withholds = if fault.is_some() { could_refuse } else { Vec::new() };
        Self { string: Sensitive::new(string.into()), says, day: None, fault, withholds }
    }
}

fn of_tcf() -> Vec<Purpose> {
    TCF_PURPOSES.map(|(purpose, _)| purpose).into()
}

/// A purpose of ours is allowed when each purpose that stands for it has consent; legitimate
/// interest is none.
fn verdicts_of(tcf: &Tcf) -> Vec<(Purpose, bool)> {
    let allowed = |needed: &[u8]| needed.iter().all(|id| tcf.core.consents.contains(*id));
    TCF_PURPOSES.map(|(purpose, needed)| (purpose, allowed(needed))).into()
}

#[cfg(test)]
mod tests;
