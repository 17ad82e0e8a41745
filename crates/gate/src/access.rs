//! Who of staff and services may do what: Cedar policies (cedarpolicy.com), compiled to a table as the house
//! opens.
//!
//! What the configuration binds a service to becomes a permit for it and nobody else; the operator's own
//! policies may permit more, and forbid. They see who asks, the kind of use and the purpose, which do not
//! change while the house is open: so each question is decided once, and asked of a table from then on.

use crate::permit::UseKind;
use crate::service::{Granted, Service, Services};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, Schema, ValidationMode, Validator,
};
use model::Purpose;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::{self, Write as _};
use std::str::FromStr;

/// What policies can speak of.
const SCHEMA: &str = include_str!("access.cedarschema");

/// Why policies cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessError {
    /// They cannot be read: the parser's words, with line and column.
    Malformed(String),
    /// They speak of what there is not, or compare what cannot be compared.
    Invalid(String),
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "these are no Cedar policies: {why}"),
            Self::Invalid(why) => write!(f, "a policy does not fit the schema: {why}"),
        }
    }
}

impl std::error::Error for AccessError {}

impl Services {
    /// Registers services under the operator's policies (Cedar); beside them each service is permitted what
    /// it is bound to.
    ///
    /// # Errors
    ///
    /// [`AccessError`], with the place.
    pub fn under(services: Vec<Service>, policies: &str) -> Result<Self, AccessError> {
        let own: PolicySet = policies.parse().map_err(malformed)?;
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(malformed)?;
        let validator = Validator::new(schema.clone());
        let found = validator.validate(&own, ValidationMode::Strict);
        if let Some(error) = found.validation_errors().next() {
            return Err(AccessError::Invalid(error.to_string()));
        }
        let mut text = policies.to_owned();
        for service in &services {
            write_bound(&mut text, service)?;
        }
        let policies: PolicySet = text.parse().map_err(malformed)?;
        let entities = entities(&services, &schema)?;
        let decide = |service: &Service, action: &str, of: (&str, &str)| {
            let principal = uid("Service", &service.name)?;
            let (action, resource) = (uid("Action", action)?, uid(of.0, of.1)?);
            let asked = Request::new(principal, action, resource, Context::empty(), Some(&schema));
            let asked = asked.map_err(malformed)?;
            let answer = Authorizer::new().is_authorized(&asked, &policies, &entities);
            Ok(answer.decision() == Decision::Allow)
        };
        let mut all = Vec::with_capacity(services.len());
        for service in services {
            let mut may = BTreeSet::new();
            for kind in UseKind::ALL {
                for purpose in Purpose::ALL {
                    if decide(&service, kind.word(), ("Purpose", purpose.word()))? {
                        may.insert((kind, *purpose));
                    }
                }
            }
            let operates = decide(&service, "operate", ("House", "house"))?;
            all.push(Granted { service, may, operates });
        }
        Ok(Self::granted(all))
    }
}

fn malformed(why: impl fmt::Display) -> AccessError {
    AccessError::Malformed(why.to_string())
}

fn uid(kind: &str, name: &str) -> Result<EntityUid, AccessError> {
    let kind = EntityTypeName::from_str(kind).map_err(malformed)?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(name)))
}

/// What a service is bound to, as permits.
fn write_bound(text: &mut String, service: &Service) -> Result<(), AccessError> {
    let name = uid("Service", &service.name)?;
    for kind in &service.kinds {
        for purpose in &service.purposes {
            let (action, resource) = (uid("Action", kind.word())?, uid("Purpose", purpose.word())?);
            writeln!(
                text,
                "\npermit (principal == {name}, action == {action}, resource == {resource});"
            )
            .map_err(malformed)?;
        }
    }
    if service.operates {
        let action = uid("Action", "operate")?;
        writeln!(text, "\npermit (principal == {name}, action == {action}, resource);")
            .map_err(malformed)?;
    }
    Ok(())
}

/// Services, in their teams.
fn entities(services: &[Service], schema: &Schema) -> Result<Entities, AccessError> {
    let mut all = Vec::with_capacity(2 * services.len());
    let mut teams = BTreeSet::new();
    for service in services {
        let mut parents = HashSet::new();
        if let Some(team) = &service.team {
            parents.insert(uid("Team", team)?);
            teams.insert(team.as_str());
        }
        let own = Entity::new(uid("Service", &service.name)?, HashMap::new(), parents);
        all.push(own.map_err(malformed)?);
    }
    for team in teams {
        let own = Entity::new(uid("Team", team)?, HashMap::new(), HashSet::new());
        all.push(own.map_err(malformed)?);
    }
    Entities::from_entities(all, Some(schema)).map_err(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::key_sha256;

    fn service(name: &str, team: Option<&str>, purposes: &[Purpose], kinds: &[UseKind]) -> Service {
        Service {
            name: name.to_owned(),
            team: team.map(str::to_owned),
            key_sha256: key_sha256(name),
            purposes: purposes.to_vec(),
            kinds: kinds.to_vec(),
            operates: false,
        }
    }

    fn some() -> Vec<Service> {
        use Purpose::{Analytics, Marketing};
        let odd = "odd \" name \\ with { quotes }";
        vec![
            service(
                "newsletter",
                Some("marketing"),
                &[Marketing],
                &[UseKind::View, UseKind::Export],
            ),
            service("analyst", Some("insight"), &[Marketing, Analytics], &[UseKind::View]),
            Service { operates: true, ..service(odd, None, &[], &[]) },
        ]
    }

    #[test]
    fn without_policies_each_may_what_it_is_bound_to() {
        assert_eq!(Services::under(some(), "").unwrap(), Services::new(some()));
    }

    #[test]
    fn policies_permit_more_and_forbid() {
        let policies = r#"
            // Nobody exports for marketing, whatever they are bound to.
            forbid (principal, action == Action::"export", resource == Purpose::"marketing");
            permit (principal in Team::"insight", action == Action::"train",
                    resource == Purpose::"model_training");
        "#;
        let services = Services::under(some(), policies).unwrap();
        let may = |name: &str, kind, purpose| {
            let found = services.all().find(|granted| granted.service.name == name).unwrap();
            found.may.contains(&(kind, purpose))
        };
        assert!(may("newsletter", UseKind::View, Purpose::Marketing));
        assert!(!may("newsletter", UseKind::Export, Purpose::Marketing));
        assert!(may("analyst", UseKind::Train, Purpose::ModelTraining));
        assert!(!may("newsletter", UseKind::Train, Purpose::ModelTraining));
        let table = services.to_string();
        assert!(table.contains("model_training") && table.contains("operates"), "{table}");
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_place() {
        let check = |policies: &str, expected: &str| {
            let error = Services::under(some(), policies).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check("permit (principal, action, resource", "no Cedar policies");
        check("permit (principal == User::\"a\", action, resource);", "does not fit the schema");
        check(
            "permit (principal, action == Action::\"peek\", resource);",
            "does not fit the schema",
        );
    }
}
