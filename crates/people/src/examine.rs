//! The doctor's part in this room: references lead somewhere, folds equal their recomputation.

use crate::cluster::{Node, cluster, components};
use crate::household;
use crate::likeness::{Fresh, join, near};
use crate::limits::POSTING_MAX;
use crate::row::{
    COMPONENTS, EVENTS, HOMES, POSTINGS, POSTINGS_APART, POSTINGS_MORE, RECORDS, RecordRow, TRAITS,
};
use crate::{People, PeopleError};
use gate::Contract;
use linkage::engine::Index;
use model::{Blind, PersonId, RecordId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{KeyPart, Table, Value, View, limits};

/// Findings beyond this number are counted no further: something is broken throughout.
const FINDINGS_MAX: usize = 1_000;

/// What an examination found.
#[derive(Debug, Default)]
pub struct Report {
    /// Records examined.
    pub records: u64,
    /// People examined.
    pub people: u64,
    /// Postings examined.
    pub postings: u64,
    /// Events examined.
    pub events: u64,
    /// Components examined: records that hang together and are decided together.
    pub components: u64,
    /// How many records the largest of them has.
    pub component_max: u64,
    /// What is wrong; ids and table names only.
    pub findings: Vec<String>,
}

impl Report {
    fn wrong(&mut self, finding: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }
}

/// What is held in memory while examining.
#[derive(Default)]
struct House {
    records: HashMap<RecordId, RecordRow>,
    totals: HashMap<Blind, u64>,
}

impl People {
    /// Examines every row of this room in one snapshot. Holds all records in memory, about half a
    /// kilobyte each. `progress` is given the rows examined so far.
    ///
    /// # Errors
    ///
    /// When the store fails; what is wrong with the data is in the report.
    pub fn examine(&self, progress: &mut dyn FnMut(u64)) -> Result<Report, PeopleError> {
        let view = self.store.read()?;
        let (mut report, mut house) = (Report::default(), House::default());
        let mut rows = 0;
        each(&view, &RECORDS, &mut |record, (), row: RecordRow| {
            house.records.insert(record, row);
            rows += 1;
            progress(rows);
        })?;
        report.records = house.records.len() as u64;
        examine_postings(&view, &mut report, &mut house)?;
        progress(rows + report.postings);
        let facts = examine_facts(&view, &mut report, &house)?;
        examine_homes(&view, &mut report, &house)?;
        progress(rows + report.postings + facts);
        self.examine_people(&view, &mut report, &house)?;
        let fresh = self.index_afresh(&view)?;
        let index = fresh.as_ref().map(Fresh::index);
        examine_likeness(&mut report, &house, index);
        examine_components(&view, &mut report, &house, index)?;
        Ok(report)
    }

    fn examine_people(
        &self,
        view: &View<'_>,
        report: &mut Report,
        house: &House,
    ) -> Result<(), PeopleError> {
        let mut held: BTreeMap<PersonId, BTreeSet<RecordId>> = BTreeMap::new();
        for (record, row) in &house.records {
            held.entry(row.person).or_default().insert(*record);
        }
        for (record, row) in &house.records {
            if row.linkable != self.gate.may_link(&row.grounds) {
                report.wrong(format!("record {record}: its contract says otherwise of linking it"));
            }
        }
        examine_pairs(report, house);
        let mut ordinals = BTreeSet::new();
        self.gate.each_contract(view, None, &mut |person, contract| {
            report.people += 1;
            let records = held.remove(&person).unwrap_or_default();
            if !records.iter().eq(&contract.records) {
                report.wrong(format!("contract {person}: its records are not those that name it"));
            }
            if !ordinals.insert(contract.ordinal) {
                report.wrong(format!("contract {person}: its ordinal is another's too"));
            }
            self.examine_mask(report, house, person, contract);
            for record in &contract.records {
                let row = house.records.get(record);
                if row.is_some_and(|row| !household::fits(&self.gate, &row.home, contract)) {
                    report.wrong(format!(
                        "record {record}: its contract says otherwise of counting its home"
                    ));
                }
            }
            true
        })?;
        for person in held.keys() {
            report.wrong(format!("person {person}: it has records but no contract"));
        }
        Ok(())
    }

    fn examine_mask(
        &self,
        report: &mut Report,
        house: &House,
        person: PersonId,
        contract: &Contract,
    ) {
        let grounds: Vec<_> = contract
            .records
            .iter()
            .filter_map(|record| house.records.get(record))
            .map(|row| &row.grounds)
            .collect();
        if self.gate.allowed(&grounds.into_iter()) != contract.allowed {
            report.wrong(format!("contract {person}: its mask is not the fold of what was said"));
        }
    }
}

/// Which records say a house is what they say, of those that count and no others.
fn examine_homes(view: &View<'_>, report: &mut Report, house: &House) -> Result<(), PeopleError> {
    let counted = house.records.iter().filter(|(_, row)| row.home.counted);
    let mut said: BTreeSet<(Blind, RecordId)> = counted
        .flat_map(|(record, row)| row.home.houses().into_iter().map(|house| (house, *record)))
        .collect();
    each(view, &HOMES, &mut |home: Blind, record: RecordId, ()| {
        if !said.remove(&(home, record)) {
            report
                .wrong(format!("home {home}: it has a record that does not say it, or counts not"));
        }
    })?;
    for (home, record) in said {
        report.wrong(format!("home {home}: record {record} says it and is missing"));
    }
    Ok(())
}

/// What was said of two people's home stands on the records of both.
fn examine_pairs(report: &mut Report, house: &House) {
    for (record, row) in &house.records {
        for (other, said) in &row.home.said {
            let back = house.records.get(other).and_then(|row| {
                row.home.said.iter().find(|(known, _)| known == record).map(|(_, said)| said)
            });
            let fits = |back: &household::PairSaid| *said == back.turned();
            if !back.is_some_and(fits) {
                report
                    .wrong(format!("record {record}: {other} does not know what was said of both"));
            }
        }
    }
}

/// What stands in the rows of likeness is what comparing all records again finds.
fn examine_likeness(report: &mut Report, house: &House, index: Option<&Index>) {
    for (record, row) in &house.records {
        if row.links.alike != near(index, *record) {
            report.wrong(format!("record {record}: comparing again finds other records like it"));
        }
    }
}

fn examine_components(
    view: &View<'_>,
    report: &mut Report,
    house: &House,
    index: Option<&Index>,
) -> Result<(), PeopleError> {
    let mut in_component = BTreeSet::new();
    let mut parts = Vec::new();
    each(view, &COMPONENTS, &mut |id: RecordId, (), row| {
        in_component.extend(row.members.iter().copied());
        report.components += 1;
        report.component_max = report.component_max.max(row.members.len() as u64);
        parts.push((id, row.members));
    })?;
    for (record, row) in &house.records {
        if row.component.is_some() != in_component.contains(record) {
            report.wrong(format!("record {record}: its component does not know it"));
        }
        if row.component.is_none() && row.person != PersonId::from(*record) {
            report.wrong(format!("record {record}: it stands alone under another's name"));
        }
    }
    for (id, members) in parts {
        examine_component(report, house, index, id, &members);
    }
    Ok(())
}

/// Decides a component again and compares.
fn examine_component(
    report: &mut Report,
    house: &House,
    index: Option<&Index>,
    id: RecordId,
    members: &[RecordId],
) {
    let nodes: Vec<Node> = members
        .iter()
        .filter_map(|record| Some(Node::of(*record, house.records.get(record)?)))
        .collect();
    let generic =
        |blind: &Blind| house.totals.get(blind).is_some_and(|total| *total > POSTING_MAX as u64);
    if nodes.len() != members.len() || components(&nodes, &generic).len() != 1 {
        report.wrong(format!("component {id}: its members do not hang together"));
    }
    let mut clusters = cluster(&nodes, &generic);
    if let Some(index) = index {
        clusters = join(clusters, &nodes.iter().collect::<Vec<_>>(), index);
    }
    for cluster in clusters {
        let person = PersonId::from(cluster.oldest);
        let stored = |record| house.records.get(record).map(|row| row.person);
        if cluster.records.iter().any(|record| stored(record) != Some(person)) {
            report.wrong(format!("person {person}: deciding again gives other records"));
        }
    }
}

fn examine_postings(
    view: &View<'_>,
    report: &mut Report,
    house: &mut House,
) -> Result<(), PeopleError> {
    let mut borne: HashMap<Blind, u64> = HashMap::new();
    let mut borne_apart = 0_u64;
    for row in house.records.values() {
        for (_, blind) in &row.links.identifiers {
            if row.linkable {
                *borne.entry(*blind).or_default() += 1;
            } else {
                borne_apart += 1;
            }
        }
    }
    let mut found: HashMap<Blind, (u64, u64)> = HashMap::new();
    let bears = |record: &RecordId, blind: &Blind, linkable: bool| {
        house.records.get(record).is_some_and(|row| {
            row.linkable == linkable && row.links.identifiers.iter().any(|(_, own)| own == blind)
        })
    };
    each(view, &POSTINGS, &mut |blind, (), row| {
        report.postings += 1;
        if !row.members.iter().all(|record| bears(record, &blind, true)) {
            report.wrong(format!("posting {blind}: it names a record that does not bear it"));
        }
        found.insert(blind, (row.members.len() as u64, row.total));
    })?;
    each(view, &POSTINGS_MORE, &mut |blind: Blind, record: RecordId, ()| {
        if !bears(&record, &blind, true) {
            report.wrong(format!("posting {blind}: it names a record that does not bear it"));
        }
        found.entry(blind).or_default().0 += 1;
    })?;
    let mut apart = 0_u64;
    each(view, &POSTINGS_APART, &mut |blind: Blind, record: RecordId, ()| {
        apart += 1;
        if !bears(&record, &blind, false) {
            report.wrong(format!("posting {blind}: it keeps a record apart that it should not"));
        }
    })?;
    if apart != borne_apart {
        report.wrong(format!("postings: {apart} kept apart where {borne_apart} should be"));
    }
    for (blind, (members, total)) in &found {
        if members != total || borne.get(blind) != Some(total) {
            report.wrong(format!(
                "posting {blind}: its total is not how many bear it and may be linked"
            ));
        }
    }
    for blind in borne.keys().filter(|blind| !found.contains_key(*blind)) {
        report.wrong(format!("posting {blind}: it is missing"));
    }
    house.totals = found.into_iter().map(|(blind, (_, total))| (blind, total)).collect();
    Ok(())
}

fn examine_facts(view: &View<'_>, report: &mut Report, house: &House) -> Result<u64, PeopleError> {
    let mut events: HashMap<RecordId, u64> = HashMap::new();
    each(view, &EVENTS, &mut |record: RecordId, _, _row| {
        *events.entry(record).or_default() += 1;
    })?;
    for (record, count) in &events {
        report.events += count;
        if house.records.get(record).is_none_or(|row| row.events != *count) {
            report.wrong(format!("record {record}: its count is not that of its events"));
        }
    }
    for (record, row) in &house.records {
        if row.events > 0 && !events.contains_key(record) {
            report.wrong(format!("record {record}: its events are missing"));
        }
    }
    let mut traits = 0;
    each(view, &TRAITS, &mut |record: RecordId, (), _row| {
        traits += 1;
        if !house.records.contains_key(&record) {
            report.wrong(format!("traits {record}: their record is missing"));
        }
    })?;
    Ok(report.events + traits)
}

/// Visits every row of a table.
fn each<P, S, V>(
    view: &View<'_>,
    table: &Table<P, S, V>,
    visit: &mut dyn FnMut(P, S, V),
) -> Result<(), PeopleError>
where
    P: KeyPart + Clone,
    S: KeyPart + Clone,
    V: Value,
{
    let mut after: Option<(P, S)> = None;
    loop {
        let page = view.scan(table, after.as_ref(), limits::PAGE_MAX)?;
        let full = page.len() == limits::PAGE_MAX;
        for (partition, sort, row) in page {
            after = Some((partition.clone(), sort.clone()));
            visit(partition, sort, row.value);
        }
        if !full {
            return Ok(());
        }
    }
}
