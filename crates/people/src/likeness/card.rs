//! A card: what is compared of one record, read from its traits.

use linkage::record::{Field, NONE, Options, Pool, Reader, Row, Schema};
use std::collections::HashMap;

/// What is read of a card, in this order. A second phone is a record's mobile.
const FIELDS: [Field; 17] = [
    Field::Given,
    Field::Middle,
    Field::Family,
    Field::Suffix,
    Field::FullName,
    Field::Sex,
    Field::BirthDate,
    Field::Street,
    Field::HouseNumber,
    Field::Unit,
    Field::City,
    Field::State,
    Field::Postcode,
    Field::Country,
    Field::Email,
    Field::GovernmentId,
    Field::Phone,
];

/// Phones of one record that are read.
const PHONES: usize = 2;

/// Names of traits that are remembered.
const NAMES_MAX: usize = 4_096;

/// Reads cards.
#[derive(Debug)]
pub(crate) struct Cards {
    /// Of records that say given or family name by itself.
    parted: Reader,
    /// Of records that say the name as a whole only.
    whole: Reader,
    /// Where a trait of a name stands among [`FIELDS`].
    places: HashMap<String, Option<usize>>,
}

impl Default for Cards {
    fn default() -> Self {
        let phones = std::iter::repeat_n(Field::Phone, PHONES - 1);
        let parted: Vec<Field> = FIELDS.into_iter().chain(phones).collect();
        let own = |field: &Field| matches!(field, Field::Given | Field::Middle | Field::Family);
        let whole = parted.iter().map(|f| if own(f) { Field::Ignored } else { *f }).collect();
        let reader = |fields| Reader::new(Schema::new(fields), Options::default());
        Self { parted: reader(parted), whole: reader(whole), places: HashMap::new() }
    }
}

impl Cards {
    /// What is compared of a record that says these traits, by name and value; nothing when it says
    /// neither a name nor a birth date nor an authority's number: without one of them nothing tells
    /// the people of one contact point apart.
    pub(crate) fn read<'a>(
        &mut self,
        pool: &mut Pool,
        traits: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Option<Row> {
        let mut values = [""; FIELDS.len() + PHONES - 1];
        for (name, value) in traits {
            let Some(place) = self.place(name) else { continue };
            let width = if place + 1 == FIELDS.len() { PHONES } else { 1 };
            let room = values.get_mut(place..place + width).into_iter().flatten();
            if let Some(free) = room.into_iter().find(|known| known.is_empty()) {
                *free = value;
            }
        }
        let [given, _, family, ..] = values;
        let parted = !given.is_empty() || !family.is_empty();
        let reader = if parted { &mut self.parted } else { &mut self.whole };
        let row = reader.read(pool, &values);
        let named = row.given != NONE
            || row.family != NONE
            || row.tokens.iter().any(|token| *token != NONE);
        let tells = named || row.birth_date != 0 || row.government != NONE;
        tells.then_some(row)
    }

    fn place(&mut self, name: &str) -> Option<usize> {
        if let Some(known) = self.places.get(name) {
            return *known;
        }
        let field = Field::of_column(name);
        let field = if field == Field::Suburb { Field::City } else { field };
        let place = FIELDS.iter().position(|known| *known == field);
        if self.places.len() >= NAMES_MAX {
            self.places.clear();
        }
        self.places.insert(name.to_owned(), place);
        place
    }
}
