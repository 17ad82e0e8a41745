//! The description of the API (`OpenAPI` 3.1.1), made from the table of routes.

use crate::answer::Answer;
use crate::edge::Server;
use crate::intake::NotTakenBody;
use crate::problem::ProblemBody;
use crate::route::{Auth, Gives, Holds, Param, Route};
use crate::table::ROUTES;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

pub(crate) fn serve(server: &Server) -> Answer {
    Answer::json(&document(server.edge.version)).brief()
}

/// The whole document.
pub fn document(version: &str) -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in ROUTES {
        let operations = paths.entry(path_of(route)).or_insert_with(|| json!({}));
        if let Value::Object(operations) = operations {
            let method = route.method.as_str().to_ascii_lowercase();
            operations.insert(method, operation(route, &mut generator));
        }
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Bonafide",
            "version": version,
            "description": "The customer data platform that keeps its word: every use names a \
                purpose, passes the gate, and leaves a record the customer can see.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "paths": paths,
        "components": { "schemas": schemas, "securitySchemes": schemes() },
    })
}

/// `OpenAPI` writes a wildcard like any other part.
fn path_of(route: &Route) -> String {
    route.path.replace("{*", "{")
}

fn schemes() -> Value {
    json!({
        "service": {
            "type": "http",
            "scheme": "bearer",
            "description": "The API key of a registered service.",
        },
        "writeKey": {
            "type": "http",
            "scheme": "basic",
            "description": "The write key of a source as user, no password. X-Write-Key, \
                ?writeKey= and writeKey in the body stand for it.",
        },
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route),
        "tags": [route.tag],
        "summary": route.summary,
        "description": guarded(route),
        "parameters": parameters(route),
        "responses": responses(route, generator),
        "security": match route.auth {
            Auth::WriteKey => json!([{ "writeKey": [] }]),
            Auth::Service(_) | Auth::Recipient | Auth::Operator => json!([{ "service": [] }]),
            Auth::Open(_) => json!([]),
        },
    });
    if let (Some(schema), Value::Object(operation)) = (route.request, &mut operation) {
        let content = json!({ "application/json": { "schema": schema(generator) } });
        operation.insert("requestBody".to_owned(), json!({ "content": content }));
    }
    operation
}

fn operation_id(route: &Route) -> String {
    let words = route.path.split(|at: char| !at.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    format!("{}_{}", route.method.as_str().to_ascii_lowercase(), words.join("_"))
}

/// How data behind the route is guarded.
fn guarded(route: &Route) -> String {
    match route.auth {
        Auth::WriteKey => "Takes data in for the source whose write key is shown.".to_owned(),
        Auth::Service(kind) => {
            format!("Passes the gate: the ledger records a use of kind `{}`.", kind.word())
        }
        Auth::Recipient => "For any service, about what was exported to it.".to_owned(),
        Auth::Operator => "For services that operate.".to_owned(),
        Auth::Open(reason) => format!("Open: {reason}."),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?.trim_start_matches('*');
        Some(
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
        )
    });
    let in_query = route.params.iter().map(|param| {
        json!({
            "name": param.name,
            "in": "query",
            "required": param.required,
            "description": param.about,
            "schema": holds(param),
        })
    });
    let purpose = |place: &str, name: &str| {
        json!({
            "name": name,
            "in": place,
            "required": false,
            "description": "Why: `marketing`, `marketing/email`, `third_party_sharing@acme`. \
                Needed in the header or in the query.",
            "schema": { "type": "string" },
        })
    };
    let purposes = [purpose("header", "Bonafide-Purpose"), purpose("query", "purpose")];
    let purposes = purposes.into_iter().filter(|_| route.purpose);
    in_path.chain(in_query).chain(purposes).collect()
}

fn holds(param: &Param) -> Value {
    match param.holds {
        Holds::Text => json!({ "type": "string" }),
        Holds::Count { max } => json!({ "type": "integer", "minimum": 0, "maximum": max }),
        Holds::Instant => json!({ "type": "string", "format": "date-time" }),
        Holds::Id => json!({ "type": "string", "pattern": "^[0-9a-fA-F]{32}$" }),
    }
}

fn responses(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let content = match route.gives {
        Gives::Json(schema) => json!({ "application/json": { "schema": schema(generator) } }),
        Gives::Media(media) => json!({ media: {} }),
    };
    let (media, schema) = if route.cors() {
        ("application/json", generator.subschema_for::<NotTakenBody<'_>>())
    } else {
        ("application/problem+json", generator.subschema_for::<ProblemBody<'_>>())
    };
    json!({
        "200": { "description": "Done.", "content": content },
        "default": { "description": "Not done.", "content": { media: { "schema": schema } } },
    })
}
