//! `bonafide erase`: a person's right, from the command line.

use super::{Place, say};
use anyhow::{Context, Result};
use clap::Args;
use gate::{Service, Services, SubjectAccess, UseKind, key_sha256};
use model::{Grant, IdentifierKind, PersonId, Purpose, Sensitive};

/// Words of the command.
#[derive(Debug, Args)]
pub(super) struct EraseOptions {
    /// The person's id, or the id of one of its records
    #[arg(long, conflicts_with = "email", required_unless_present = "email")]
    id: Option<String>,
    /// An email address of the person
    #[arg(long)]
    email: Option<String>,
    /// Say yes to the question whether this is meant
    #[arg(long)]
    yes: bool,
}

pub(super) fn erase(place: &Place, options: &EraseOptions) -> Result<()> {
    let house = place.open()?;
    let person = match (&options.id, &options.email) {
        (Some(id), _) => house.people.locate(id.parse::<PersonId>()?)?,
        (None, email) => {
            let email = email.as_deref().unwrap_or_default();
            let blind = house
                .intake
                .identifier(IdentifierKind::Email, email)
                .context("that is not an email address")?;
            let people = house.people.lookup(blind)?;
            match people.as_slice() {
                [person] => *person,
                [] => anyhow::bail!("nobody has that address"),
                several => anyhow::bail!("{} people share it: give an id", several.len()),
            }
        }
    };
    if !options.yes {
        anyhow::bail!("erasing {person} cannot be undone: say --yes if it is meant");
    }
    let caller = operator()?;
    let grant = Grant::whole(Purpose::SubjectAccess);
    let permit = house.gate.ask::<SubjectAccess>(&caller, person, &grant)?;
    let erased = house.people.erase(permit)?;
    say::line(&format!(
        "erased: {} records, {} rows; ledger entry {}",
        erased.records, erased.rows, erased.entry
    ));
    house.close()
}

/// Whoever can read the key directory may act for the subject; the ledger says it was done here.
pub(super) fn operator() -> Result<gate::Caller> {
    let key = "the command line";
    let services = Services::new(vec![Service {
        name: "command line".to_owned(),
        team: None,
        key_sha256: key_sha256(key),
        purposes: vec![Purpose::SubjectAccess],
        kinds: vec![UseKind::SubjectAccess],
        operates: true,
    }]);
    services.authenticate(&Sensitive::new(key.to_owned())).context("the command line's own key")
}
