//! The same tables as JSON Schemas (draft 2020-12), so that editors complete and underline while one writes.
//!
//! Deliberately does not know: what a schema cannot say: which names exist elsewhere, which days a month has.

use super::check::RESERVED;
use super::{Heads, Record, Rule, Shape, tables};
use crate::fault::{Faults, Sheet};
use crate::tree;
use serde_json::{Map, Value, json};

/// A kind of file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `program.yaml`
    Settings,
    /// `dictionary.yaml`
    Dictionary,
    /// `catalogue.yaml`
    Catalogue,
    /// `segments/NAME.yaml`
    Segment,
    /// `journeys/NAME.yaml`
    Journey,
    /// `messages/NAME/message.yaml`
    Message,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 6] = [
        Kind::Settings,
        Kind::Dictionary,
        Kind::Catalogue,
        Kind::Segment,
        Kind::Journey,
        Kind::Message,
    ];

    /// What its schema is called: `segment` is published as `segment.schema.json`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Settings => "program",
            Kind::Dictionary => "dictionary",
            Kind::Catalogue => "catalogue",
            Kind::Segment => "segment",
            Kind::Journey => "journey",
            Kind::Message => "message",
        }
    }

    pub(crate) fn shape(self) -> &'static Shape {
        match self {
            Kind::Settings => &tables::SETTINGS,
            Kind::Dictionary => &tables::DICTIONARY,
            Kind::Catalogue => &tables::CATALOGUE,
            Kind::Segment => &tables::SEGMENT,
            Kind::Journey => &tables::JOURNEY,
            Kind::Message => &tables::MESSAGE,
        }
    }
}

/// The JSON Schema of a kind of file.
pub fn schema(kind: Kind) -> Value {
    let mut definitions = Map::new();
    let root = of(kind.shape(), &mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Égard: {}", kind.name()),
        "$ref": root.get("$ref").cloned().unwrap_or_default(),
        "$defs": definitions,
    })
}

/// The schema as it is published: keys in the order of the alphabet, whatever features of `serde_json` other
/// crates switch on.
pub fn schema_text(kind: Kind) -> String {
    format!("{:#}\n", sorted(schema(kind)))
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let entries: std::collections::BTreeMap<String, Value> = entries
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect();
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(values) => values.into_iter().map(sorted).collect(),
        plain => plain,
    }
}

/// The structure of one file alone: what it says in JSON, and every fault that [`schema`] can know of. `None`:
/// it is not YAML.
pub fn structure(kind: Kind, bytes: &[u8]) -> (Option<Value>, Faults) {
    let mut faults = Faults::default();
    let file = format!("{}.yaml", kind.name());
    let mut sheet = Sheet {
        file: &file,
        faults: &mut faults,
    };
    let node = tree::read(bytes, &mut sheet);
    if let Some(node) = &node {
        super::check(kind.shape(), node, &mut sheet);
    }
    (node.map(|node| node.json()), faults)
}

fn of(shape: &Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Text(most) => json!({"type": "string", "pattern": "\\S", "maxLength": most}),
        Shape::Label => {
            json!({"type": "string", "pattern": "^\\S([^\\u0000-\\u001f\\u007f-\\u009f]*\\S)?$", "maxLength": 100})
        }
        Shape::Name => json!({
            "type": "string",
            "pattern": "^[a-z][a-z0-9_]{0,63}$",
            "not": {"enum": RESERVED},
        }),
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Yes => json!({"const": true}),
        Shape::Number => json!({"type": "number"}),
        Shape::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Shape::Form(form) => json!({
            "type": "string",
            "pattern": form.pattern(),
            "description": form.mend(),
        }),
        Shape::Choice(words) => json!({"enum": words}),
        Shape::Scalar => json!({"type": ["string", "number", "boolean"]}),
        Shape::List(item, least, most) => json!({
            "type": "array",
            "items": of(item, definitions),
            "minItems": least,
            "maxItems": most,
        }),
        Shape::Map(key, item) => json!({
            "type": "object",
            "propertyNames": of(key, definitions),
            "additionalProperties": of(item, definitions),
        }),
        Shape::Record(record) => define(record, definitions),
        Shape::Heads(heads) => one_of(heads, definitions),
        Shape::Either(scalar, other) => json!({"anyOf": [of(scalar, definitions), of(other, definitions)]}),
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn one_of(heads: &Heads, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(heads.name) {
        // There before its parts are made: they may mean it again.
        definitions.insert(heads.name.to_owned(), Value::Null);
        let records: Vec<Value> = heads
            .records
            .iter()
            .map(|record| define(record, definitions))
            .collect();
        definitions.insert(heads.name.to_owned(), json!({"oneOf": records}));
    }
    reference(heads.name)
}

fn define(record: &Record, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(record.name) {
        definitions.insert(record.name.to_owned(), Value::Null);
        let properties: Map<String, Value> = record
            .fields
            .iter()
            .map(|field| {
                let mut schema = of(field.shape, definitions);
                if let Some(schema) = schema.as_object_mut() {
                    schema.insert("description".to_owned(), field.about.into());
                }
                (field.key.to_owned(), schema)
            })
            .collect();
        let required: Vec<&str> = record
            .fields
            .iter()
            .filter(|field| field.required)
            .map(|field| field.key)
            .collect();
        let mut schema = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        let rules: Vec<Value> = record.rules.iter().flat_map(rule).collect();
        if let (Some(schema), false) = (schema.as_object_mut(), rules.is_empty()) {
            schema.insert("allOf".to_owned(), rules.into());
        }
        definitions.insert(record.name.to_owned(), schema);
    }
    reference(record.name)
}

fn rule(rule: &Rule) -> Vec<Value> {
    let each = |keys: &[&str]| -> Vec<Value> { keys.iter().map(|key| json!({"required": [key]})).collect() };
    let pairs = |keys: &[&str]| -> Vec<Value> {
        let pair = |(at, one): (usize, &&str)| {
            let others = keys
                .iter()
                .skip(at + 1)
                .map(|other| json!({"not": {"required": [one, other]}}));
            others.collect::<Vec<_>>()
        };
        keys.iter().enumerate().flat_map(pair).collect()
    };
    match rule {
        Rule::ExactlyOne(keys) => vec![json!({"oneOf": each(keys)})],
        Rule::AtMostOne(keys) => pairs(keys),
        Rule::AtLeastOne(keys) => vec![json!({"anyOf": each(keys)})],
        Rule::Needs(key, other) => vec![json!({"dependentRequired": {(*key): [other]}})],
    }
}
