//! What perfecting a value can come to, and what was changed on the way.

/// A value made comparable.
#[derive(Clone, Debug, PartialEq)]
pub struct Perfected<T> {
    /// The value in its standard form.
    pub value: T,
    /// How likely this is what was meant, from 0 to 1. It orders choices; it is not calibrated.
    pub confidence: f32,
    /// What was changed or noticed.
    pub notes: Notes,
}

impl<T> Perfected<T> {
    /// A value that was read without doubt.
    pub fn sure(value: T) -> Self {
        Self { value, confidence: 1.0, notes: Notes::NONE }
    }

    /// The same verdict about something made from the value.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Perfected<U> {
        Perfected { value: make(self.value), confidence: self.confidence, notes: self.notes }
    }
}

/// What reading a raw value came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict<T> {
    /// A value worth keeping and comparing.
    Good(Perfected<T>),
    /// Well-formed, but nobody's: it must never link two records.
    Junk(Junk),
    /// Not a value of this kind.
    Unreadable(Unreadable),
}

impl<T> Verdict<T> {
    /// The same verdict about something made from the value.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Verdict<U> {
        match self {
            Self::Good(good) => Verdict::Good(good.map(make)),
            Self::Junk(reason) => Verdict::Junk(reason),
            Self::Unreadable(reason) => Verdict::Unreadable(reason),
        }
    }

    /// The perfected value, if it is good.
    pub fn good(self) -> Option<Perfected<T>> {
        match self {
            Self::Good(good) => Some(good),
            Self::Junk(_) | Self::Unreadable(_) => None,
        }
    }
}

/// Why a well-formed value is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Junk {
    /// A word that says there is no value: "n/a", "unbekannt", "不明".
    Placeholder,
    /// Typed to get past a form: "asdf", 5555555555, test@test.com.
    Filler,
    /// What software writes when it has no value: 1900-01-01, 9999-12-31.
    Sentinel,
}

impl Junk {
    /// The word for it in quarantine and reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Placeholder => "placeholder",
            Self::Filler => "filler",
            Self::Sentinel => "sentinel",
        }
    }
}

/// Why a value cannot be read as what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unreadable {
    /// Nothing but blanks.
    Empty,
    /// Longer than [`super::VALUE_MAX`].
    TooLong,
    /// Not of the form that values of this kind have.
    Malformed,
    /// Of the right form, but no such thing exists: 31 April, a number no plan assigns.
    Impossible,
}

impl Unreadable {
    /// The word for it in quarantine and reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Impossible => "impossible",
        }
    }
}

macro_rules! notes {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// Something that was changed in a value, or noticed about it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Note { $($(#[$doc])* $name,)* }

        impl Note {
            /// Every note.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word for it in API and explanations.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

notes! {
    /// Blanks, control characters or quotes were removed.
    Trimmed = "trimmed";
    /// Characters were brought to one Unicode form or to ASCII digits.
    Unicode = "unicode";
    /// Upper and lower case were changed.
    Case = "case";
    /// A title such as "Dr" was taken off.
    TitleRemoved = "title_removed";
    /// A suffix such as "Jr" was taken off.
    SuffixRemoved = "suffix_removed";
    /// It was written family name first.
    FamilyFirst = "family_first";
    /// The parts could not be told apart for certain.
    SplitAssumed = "split_assumed";
    /// A display name, `mailto:` or brackets were taken off.
    WrappingRemoved = "wrapping_removed";
    /// Several values were given; this is the first.
    FirstOfSeveral = "first_of_several";
    /// The domain looks like a typing error; see the suggestion.
    DomainSuspect = "domain_suspect";
    /// A mailbox of a function, not of a person.
    RoleMailbox = "role_mailbox";
    /// A throw-away mailbox.
    Disposable = "disposable";
    /// A domain reserved for examples (RFC 2606).
    ReservedDomain = "reserved_domain";
    /// The country was not written; the default was taken.
    CountryAssumed = "country_assumed";
    /// An extension was split off.
    ExtensionRemoved = "extension_removed";
    /// The right length, but not in the country's numbering plan.
    NotInPlan = "not_in_plan";
    /// An abbreviation was expanded.
    Expanded = "expanded";
    /// A leading zero that a spreadsheet ate was put back.
    ZeroRestored = "zero_restored";
    /// Day and month could be the other way round.
    OrderAssumed = "order_assumed";
    /// The century was not written.
    CenturyAssumed = "century_assumed";
    /// A time of day was dropped.
    TimeRemoved = "time_removed";
    /// Day or month is not known.
    Partial = "partial";
    /// Another calendar's year was converted.
    CalendarConverted = "calendar_converted";
    /// The word means different things in different languages.
    Ambiguous = "ambiguous";
    /// Personal data was cut out of it.
    PiiCut = "pii_cut";
}

/// A small set of notes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Notes(u32);

impl Notes {
    /// Nothing was changed.
    pub const NONE: Self = Self(0);

    /// Adds a note.
    pub fn add(&mut self, note: Note) {
        self.0 |= 1 << note as u8;
    }

    /// Adds a note when `condition` holds.
    pub fn add_if(&mut self, condition: bool, note: Note) {
        if condition {
            self.add(note);
        }
    }

    /// Adds all notes of another set.
    pub fn join(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether the note is in the set.
    pub const fn has(self, note: Note) -> bool {
        self.0 & (1 << note as u8) != 0
    }

    /// Whether nothing was noted.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The notes in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Note> {
        Note::ALL.iter().copied().filter(move |note| self.has(*note))
    }
}

impl std::fmt::Debug for Notes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter().map(Note::word)).finish()
    }
}

const _: () = assert!(Note::ALL.len() <= 32, "a note is a bit of a u32");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_added() {
        let mut notes = Notes::NONE;
        notes.add(Note::Case);
        notes.add_if(false, Note::Partial);
        assert!(notes.has(Note::Case) && !notes.has(Note::Partial));
        assert_eq!(notes.iter().collect::<Vec<_>>(), [Note::Case]);
    }
}
