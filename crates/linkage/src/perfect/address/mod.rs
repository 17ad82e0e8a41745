//! Postal addresses: street lines, postcodes, towns, and the key of "the same address".

mod place;
mod postcode;
mod street;
mod words;

pub use place::{city, region};
pub use postcode::postcode;
pub use street::{Street, street};

use super::name::phonetic;
use super::{
    Country, Junk, Note, Notes, Perfected, Unreadable, Verdict, country, junk, match_form, text,
};

/// The longest address line that is read, in bytes.
pub const LINE_MAX: usize = 512;

/// The parts of an address as a source sent them.
#[derive(Clone, Copy, Debug, Default)]
pub struct RawAddress<'a> {
    /// Street and house number, and perhaps more.
    pub street: Option<&'a str>,
    /// Flat, floor or building.
    pub unit: Option<&'a str>,
    /// Town.
    pub city: Option<&'a str>,
    /// State, province, county.
    pub region: Option<&'a str>,
    /// Postal code.
    pub postcode: Option<&'a str>,
    /// Country, by code or name.
    pub country: Option<&'a str>,
}

/// A postal address in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The street line, or the post office box.
    pub street: Option<Street>,
    /// Town.
    pub city: Option<String>,
    /// State, province, county; a code where the country has codes.
    pub region: Option<String>,
    /// Postal code in the country's notation.
    pub postcode: Option<String>,
    /// Country.
    pub country: Option<Country>,
}

impl Address {
    /// The key of "the same address": country, postcode (its coarse part where mail reaches a house
    /// by the fine one) or town, street, number and unit. Nothing when the place or the street is
    /// missing.
    pub fn match_form(&self) -> Option<String> {
        let street = self.street.as_ref().filter(|street| street.is_precise())?;
        let place = self.place_form()?;
        let country = self.country.map_or("", Country::word).to_ascii_lowercase();
        Some(format!("{country}|{place}|{}", street.match_form()))
    }

    /// The key of "the same house", whoever of its flats is meant: postcode or town, the street as it
    /// sounds, and the number. Nothing without a number: a post office box is no house.
    pub fn house_form(&self) -> Option<String> {
        Some(format!("{}|{}", self.place_form()?, self.street.as_ref()?.house_form()?))
    }

    /// The key of the flat within its house, if one is named.
    pub fn unit_form(&self) -> Option<String> {
        self.street.as_ref()?.unit_form()
    }

    /// Postcode, its coarse part where mail reaches a house by the fine one, or town.
    fn place_form(&self) -> Option<String> {
        match (&self.postcode, &self.city) {
            (Some(postcode), _) => {
                let coarse = postcode.split_once('-').filter(|_| self.is_american());
                let coarse = coarse.map_or(&**postcode, |(coarse, _)| coarse);
                Some(match_form(coarse).replace(' ', ""))
            }
            (None, Some(city)) => Some(match_form(city)),
            (None, None) => None,
        }
    }

    /// One line, parts separated by commas.
    pub fn display(&self) -> String {
        let street = self.street.as_ref().map(Street::display);
        let country = self.country.map(|country| country.word().to_owned());
        let american = self.is_american()
            || self.country.is_some_and(|country| country.is_in(&["CA", "AU", "GB"]));
        let place = if american {
            [&self.city, &self.region, &self.postcode]
        } else {
            [&self.postcode, &self.city, &self.region]
        };
        let place: Vec<&str> = place.into_iter().flatten().map(String::as_str).collect();
        let place = Some(place.join(" ")).filter(|place| !place.is_empty());
        let parts: Vec<String> = [street, place, country].into_iter().flatten().collect();
        parts.join(", ")
    }

    fn is_american(&self) -> bool {
        self.country.is_some_and(|country| country.is_in(&["US", "PR"]))
    }
}

/// Reads an address from its parts. Parts that are junk or unreadable are left out and lower the
/// confidence; without any good part the verdict is that of the street or of the first part there is.
pub fn address_parts(raw: &RawAddress<'_>, country_default: Option<Country>) -> Verdict<Address> {
    let mut notes = Notes::NONE;
    let mut read = Reader { confidence: 1.0, notes: Notes::NONE, refused: None };
    let written = raw.country.and_then(|raw| read.take(country::parse(raw)));
    notes.add_if(written.is_none() && country_default.is_some(), Note::CountryAssumed);
    let home = written.or(country_default);
    let mut line = raw.street.and_then(|raw| read.take(street(raw, home)));
    if let Some(unit) = raw.unit.and_then(street::unit_field) {
        match &mut line {
            Some(line) if line.unit.is_none() => line.unit = Some(unit),
            Some(_) => {}
            None => line = raw.unit.and_then(|raw| street(raw, home).good()).map(|good| good.value),
        }
    }
    let mut postcode = raw.postcode.and_then(|raw| read.take(postcode(raw, home)));
    let mut city = raw.city.and_then(|raw| read.take(city(raw, home)));
    if postcode.is_none()
        && let Some((code, town)) = raw.city.and_then(|raw| place::postcode_and_city(raw, home))
    {
        postcode = Some(code);
        city = Some(town);
    }
    let region = raw.region.and_then(|raw| read.take(region(raw, home)));
    let value = Address { street: line, city, region, postcode, country: home };
    notes.join(read.notes);
    if value.street.is_none()
        && value.city.is_none()
        && value.postcode.is_none()
        && value.region.is_none()
        && written.is_none()
    {
        return read.refused.unwrap_or(Verdict::Unreadable(Unreadable::Empty));
    }
    Verdict::Good(Perfected { value, confidence: read.confidence, notes })
}

/// Collects what the parts come to.
struct Reader {
    confidence: f32,
    notes: Notes,
    refused: Option<Verdict<Address>>,
}

impl Reader {
    fn take<T>(&mut self, verdict: Verdict<T>) -> Option<T> {
        match verdict {
            Verdict::Good(good) => {
                self.confidence = self.confidence.min(good.confidence);
                self.notes.join(good.notes);
                return Some(good.value);
            }
            Verdict::Unreadable(Unreadable::Empty) => {}
            Verdict::Junk(reason) => self.refuse(Verdict::Junk(reason)),
            Verdict::Unreadable(reason) => self.refuse(Verdict::Unreadable(reason)),
        }
        None
    }

    fn refuse(&mut self, verdict: Verdict<Address>) {
        self.confidence *= 0.8;
        self.refused.get_or_insert(verdict);
    }
}

/// Flat and street line, where the flat is written first: `Flat 3, 12 Elm Street`.
pub fn flat_first(raw: &str) -> Option<(&str, &str)> {
    let (flat, line) = raw.split_once(',')?;
    let numbered = line.bytes().any(|byte| byte.is_ascii_digit());
    (numbered && street::looks_like_unit(flat.trim())).then(|| (flat.trim(), line.trim()))
}

/// A street as it sounds; its digits tell Fifth Avenue from Seventh. What sounds leave out letters of
/// stays as it is written.
fn heard(key: &str) -> String {
    if !key.is_ascii() {
        return key.to_owned();
    }
    let digits: String = key.chars().filter(char::is_ascii_digit).collect();
    format!("{}{digits}", phonetic(key))
}

/// Reads a whole address in one text, its parts separated by commas or line ends.
pub fn line(raw: &str, country_default: Option<Country>) -> Verdict<Address> {
    if raw.len() > LINE_MAX {
        return Verdict::Unreadable(Unreadable::TooLong);
    }
    if let Some(reason) = junk::text(raw) {
        return if raw.trim().is_empty() {
            Verdict::Unreadable(Unreadable::Empty)
        } else {
            Verdict::Junk(reason)
        };
    }
    let mut pieces: Vec<&str> = raw
        .split([',', '\n', '\r', ';'])
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .collect();
    let Some(first) = pieces.first().copied() else {
        return Verdict::Unreadable(Unreadable::Malformed);
    };
    let written =
        pieces.last().filter(|_| pieces.len() > 1).and_then(|last| country::parse(last).good());
    // Two letters at the end of an American address are a state: CA is California, DE Delaware.
    let written = written.filter(|_| {
        pieces.last().is_some_and(|last| last.len() > 2)
            || !country_default.is_some_and(|home| home.is_in(&["US", "CA", "AU", "BR"]))
    });
    if written.is_some() {
        pieces.pop();
    }
    let home = written.map(|good| good.value).or(country_default);
    let mut address = Address { country: home, ..Address::default() };
    let mut read = Reader { confidence: 0.8, notes: Notes::NONE, refused: None };
    let rest = pieces.get(1..).unwrap_or_default();
    let mut street_line = first.to_owned();
    for piece in rest {
        place_of(piece, home, &mut address, &mut street_line);
    }
    address.street = read.take(street(&street_line, home));
    match (&address.street, read.refused.take()) {
        (None, Some(refused)) if address.city.is_none() => refused,
        _ => Verdict::Good(Perfected {
            value: address,
            confidence: read.confidence,
            notes: read.notes,
        }),
    }
}

/// Puts a piece behind the street where it belongs.
fn place_of(piece: &str, home: Option<Country>, address: &mut Address, street_line: &mut String) {
    if street::looks_like_unit(piece)
        || (piece.len() <= 6
            && address.city.is_none()
            && piece.starts_with(|letter: char| letter.is_ascii_digit())
            && postcode(piece, home).good().is_none())
    {
        street_line.push_str(", ");
        street_line.push_str(piece);
        return;
    }
    if let Some((code, town)) = place::postcode_and_city(piece, home) {
        if let Some((city, region)) = place::city_and_region(&town, home) {
            address.region = Some(region);
            address.city = address.city.take().or(city);
        } else {
            address.city = address.city.take().or(Some(town));
        }
        address.postcode = Some(code);
    } else if let (None, true, Some(good)) = (
        &address.postcode,
        piece.bytes().any(|byte| byte.is_ascii_digit()),
        postcode(piece, home).good(),
    ) {
        address.postcode = Some(good.value);
    } else if address.city.is_none() {
        address.city = city(piece, home).good().map(|good| good.value);
    } else if address.region.is_none() {
        address.region = region(piece, home).good().map(|good| good.value);
    }
}

#[cfg(test)]
mod tests;
