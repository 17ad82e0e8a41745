//! What an event says, sorted by what kind of data it is, with personal data cut out of free text.

use crate::consent;
use crate::json::{Map, Value};
use crate::message::Message;
use crate::source::Source;
use linkage::perfect::pii;
use model::{Category, Sensitive};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Properties of the Segment specification's semantic events, by what kind of data they are. A
/// tracking plan says more; what neither names is unclassified, and sealed as such.
const KNOWN: &[(Category, &[&str])] = &[
    (
        Category::Transactional,
        &[
            "affiliation",
            "brand",
            "cart_id",
            "checkout_id",
            "coupon",
            "currency",
            "discount",
            "order_id",
            "orderId",
            "payment_method",
            "price",
            "product_id",
            "productId",
            "products",
            "quantity",
            "revenue",
            "shipping",
            "shipping_method",
            "sku",
            "store",
            "subtotal",
            "tax",
            "total",
            "value",
            "variant",
        ],
    ),
    (
        Category::Behavioural,
        &[
            "campaign", "category", "duration", "filters", "list_id", "path", "position", "query",
            "referrer", "search", "sorts", "step", "tab", "title", "url",
        ],
    ),
    (Category::Preference, &["preferences", "favourites", "favorites", "interests", "wishlist_id"]),
];

/// Members of the context, likewise.
const KNOWN_CONTEXT: &[(Category, &[&str])] = &[
    (
        Category::Device,
        &[
            "app",
            "device",
            "ip",
            "library",
            "locale",
            "network",
            "os",
            "screen",
            "timezone",
            "userAgent",
            "userAgentData",
        ],
    ),
    (Category::Behavioural, &["campaign", "page", "referrer"]),
];

type Parts = BTreeMap<Category, Map>;

/// The event as JSON objects, one for each category in it.
#[expect(clippy::disallowed_methods, reason = "sorted and wrapped again below, to be sealed")]
pub(super) fn parts(message: &Message, source: &Source) -> Vec<(Category, Sensitive<Vec<u8>>)> {
    let mut parts = Parts::new();
    let mut found = Vec::new();
    let name = message.name.as_ref().map(|name| name.reveal().as_str());
    if let Some(name) = name {
        let clean = cut(name, &mut found);
        put(&mut parts, Category::Behavioural, "name", Value::from(clean.into_owned()));
    }
    for (key, value) in message.properties.reveal().iter() {
        let planned = name.and_then(|name| source.plan.property_category(name, key));
        let category = planned.unwrap_or_else(|| known(KNOWN, key));
        let value = cut_value(value, &mut found);
        nest(&mut parts, category, "properties", key, value);
    }
    for (key, value) in message.context.reveal().iter() {
        // Consent has become signals, traits have become traits.
        if matches!(key, "consent" | "consentManagement" | "traits") {
            continue;
        }
        let value = cut_value(value, &mut found);
        nest(&mut parts, known(KNOWN_CONTEXT, key), "context", key, value);
    }
    // Whoever passes the event on one day must know where its sender did not want it.
    if let Some(held) = consent::held(message.integrations.reveal()) {
        put(&mut parts, Category::Behavioural, "integrations", Value::Object(held));
    }
    let traits = message.traits.reveal();
    if message.kind == people::EventKind::Group && !traits.is_empty() {
        put(&mut parts, Category::Unclassified, "traits", Value::Object(traits.clone()));
    }
    if let Some(group) = &message.group_id {
        let group = Value::from(group.reveal().as_str());
        put(&mut parts, Category::Identifier, "groupId", group);
    }
    if !found.is_empty() {
        put(&mut parts, Category::Contact, "found", Value::List(found));
    }
    let sealed = |map: Map| Sensitive::new(map.to_string().into_bytes());
    parts.into_iter().map(|(category, map)| (category, sealed(map))).collect()
}

fn known(table: &[(Category, &[&str])], key: &str) -> Category {
    table
        .iter()
        .find(|(_, keys)| keys.contains(&key))
        .map_or(Category::Unclassified, |(category, _)| *category)
}

fn put(parts: &mut Parts, category: Category, key: &str, value: Value) {
    parts.entry(category).or_default().set(key, value);
}

fn nest(parts: &mut Parts, category: Category, under: &str, key: &str, value: Value) {
    let map = parts.entry(category).or_default();
    let mut inner = match map.take(under) {
        Some(Value::Object(inner)) => inner,
        Some(_) | None => Map::default(),
    };
    inner.set(key, value);
    map.set(under, Value::Object(inner));
}

/// The value without the personal data found in its texts.
fn cut_value(value: &Value, found: &mut Vec<Value>) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        Value::Text(text) => Value::from(cut(text, found).into_owned()),
        Value::List(list) => {
            Value::List(list.iter().map(|value| cut_value(value, found)).collect())
        }
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key, cut_value(value, found))).collect())
        }
    }
}

fn cut<'a>(text: &'a str, found: &mut Vec<Value>) -> Cow<'a, str> {
    let cut = pii::cut(text);
    found.extend(cut.found.into_iter().map(|found| {
        let members =
            [("kind", Value::from(found.kind.placeholder())), ("value", Value::from(found.value))];
        Value::Object(members.into_iter().collect())
    }));
    cut.clean
}
