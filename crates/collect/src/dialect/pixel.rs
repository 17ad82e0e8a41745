//! Events in the query of an image.

use super::Intake;
use super::envelope::Envelope;
use super::headers::{BASE64, BASE64_URL, IntakeHeaders, write_key};
use super::item::ItemReader;
use crate::json::{Map, Value};
use crate::message::Refused;
use base64::Engine as _;
use model::Limits;
use people::EventKind;

/// Reads the event of a pixel: the JSON in `data` (base64, either alphabet; Segment, Jitsu), or the
/// parameters as fields, where a dot goes one object deeper (Rudder).
pub(super) fn read(
    headers: &IntakeHeaders,
    kind: EventKind,
    limits: &Limits,
) -> Result<Intake, Refused> {
    let data = headers.parameters().find(|(name, _)| name == "data").map(|(_, value)| value);
    if let Some(data) = data {
        // A `+` that was not escaped arrives as a space.
        let data = data.trim().replace(' ', "+");
        let body = BASE64.decode(&data).or_else(|_| BASE64_URL.decode(&data));
        let body = body.map_err(|_| DATA_UNREADABLE)?;
        return super::read_json(&body, headers, Some(kind), limits);
    }
    let mut event = Map::default();
    for (name, value) in headers.parameters() {
        if !NOT_OF_THE_EVENT.contains(&name.as_str()) {
            let steps: Vec<&str> = name.split('.').take(limits.depth_max).collect();
            set(&mut event, &steps, value);
        }
    }
    let envelope = Envelope::of_headers(headers);
    let reader = ItemReader { envelope: &envelope, kind: Some(kind), limits };
    let bytes_plain = event.to_string().len();
    Ok(Intake {
        write_key: write_key(headers, None),
        sent_at: envelope.sent,
        items: vec![reader.read_map(0, event)],
        bytes_plain,
    })
}

const NOT_OF_THE_EVENT: [&str; 4] = ["writeKey", "writekey", "gdpr_consent", "gpp"];

/// Sets `value` at `steps`; what is in the way and no object stays.
fn set(map: &mut Map, steps: &[&str], value: String) {
    match steps {
        [] => {}
        [last] => {
            map.set(*last, value.into());
        }
        [step, deeper @ ..] => {
            if map.get(step).is_none() {
                map.set(*step, Value::Object(Map::default()));
            }
            if let Some(Value::Object(inside)) = map.get_mut(step) {
                set(inside, deeper, value);
            }
        }
    }
}

const DATA_UNREADABLE: Refused = Refused {
    status: 400,
    code: "pixel_data_unreadable",
    message: "`data` is not base64",
    remedy: "encode the event's JSON as base64",
    place: "query",
};
