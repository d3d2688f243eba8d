//! What stands on the wire, before it means anything: values that take any JSON, so that a wrong
//! type in one message is that message's fault and not the whole body's.

use serde::Deserialize;
use serde::de::{
    Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// One message. Everything it may carry and that nobody asked for (address, device, browser,
/// library) is skipped without being read.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Message<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Scalar<'a>,
    #[serde(borrow)]
    pub(super) write_key: Scalar<'a>,
    #[serde(borrow)]
    pub(super) message_id: Scalar<'a>,
    #[serde(borrow)]
    pub(super) user_id: Scalar<'a>,
    #[serde(borrow)]
    pub(super) anonymous_id: Scalar<'a>,
    #[serde(borrow)]
    pub(super) previous_id: Scalar<'a>,
    #[serde(borrow)]
    pub(super) group_id: Scalar<'a>,
    #[serde(borrow)]
    pub(super) event: Scalar<'a>,
    #[serde(borrow)]
    pub(super) name: Scalar<'a>,
    #[serde(borrow)]
    pub(super) category: Scalar<'a>,
    #[serde(borrow)]
    pub(super) timestamp: Scalar<'a>,
    #[serde(borrow)]
    pub(super) original_timestamp: Scalar<'a>,
    #[serde(borrow)]
    pub(super) sent_at: Scalar<'a>,
    pub(super) properties: Fields,
    pub(super) traits: Fields,
    #[serde(borrow)]
    pub(super) context: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) integrations: Option<&'a RawValue>,
}

/// The parts of `context` that are read.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Context<'a> {
    #[serde(borrow)]
    pub(super) consent: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) traits: Option<&'a RawValue>,
}

/// The parts of `integrations` that are read: whether this server is switched off by name.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(default)]
pub(super) struct Integrations {
    #[serde(rename = "Egard", alias = "Égard")]
    egard: Flag,
    #[serde(rename = "Segment.io")]
    segment: Flag,
}

impl Integrations {
    /// What `raw` says; anything unreadable says nothing.
    pub(super) fn read(raw: Option<&RawValue>) -> Integrations {
        raw.and_then(|raw| object(raw.get())).unwrap_or_default()
    }

    /// Whether the message asks not to be taken here. What it says itself goes before its batch.
    pub(super) fn off(self, batch: Integrations) -> bool {
        let off = |own: Flag, batch: Flag| own.0.or(batch.0) == Some(false);
        off(self.egard, batch.egard) || off(self.segment, batch.segment)
    }
}

/// `raw` as a struct. Only an object will do; PHP's empty array counts as an empty one. serde alone
/// would also read an array as a struct, by position.
pub(super) fn object<'a, T: Deserialize<'a> + Default>(raw: &'a str) -> Option<T> {
    if raw.starts_with('{') {
        serde_json::from_str(raw).ok()
    } else {
        let inside = raw.strip_prefix('[')?.strip_suffix(']')?;
        inside.trim_ascii().is_empty().then(T::default)
    }
}

/// A value that should be text, or sometimes a whole number. `null` counts as absent.
#[derive(Default, Clone, PartialEq, Debug)]
pub(super) enum Scalar<'a> {
    /// Not there, or `null`.
    #[default]
    Absent,
    /// A string, borrowed from the body unless it had escapes.
    Text(Cow<'a, str>),
    /// A whole number within 64 bits, signed or not.
    Integer(i128),
    /// Something else.
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Any<'a> {
            type Value = Scalar<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Scalar<'a>, E> {
                Ok(Scalar::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Scalar<'a>, E> {
                Ok(Scalar::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar<'a>, E> {
                Ok(Scalar::Integer(number.into()))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar<'a>, E> {
                Ok(Scalar::Integer(number.into()))
            }
            fn visit_f64<E: Error>(self, _: f64) -> Result<Scalar<'a>, E> {
                Ok(Scalar::Other)
            }
            fn visit_bool<E: Error>(self, _: bool) -> Result<Scalar<'a>, E> {
                Ok(Scalar::Other)
            }
            fn visit_unit<E: Error>(self) -> Result<Scalar<'a>, E> {
                Ok(Scalar::Absent)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar<'a>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'a>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }
        deserializer.deserialize_any(Any(PhantomData))
    }
}

/// `traits` or `properties`.
#[derive(Default, Clone, PartialEq, Debug)]
pub(super) enum Fields {
    /// Not there, or `null`.
    #[default]
    Absent,
    /// An object.
    Object(Map<String, Value>),
    /// Something else.
    Other,
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Fields, A::Error> {
                Map::deserialize(MapAccessDeserializer::new(map)).map(Fields::Object)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Fields, A::Error> {
                if seq.next_element::<IgnoredAny>()?.is_none() {
                    return Ok(Fields::Object(Map::new())); // PHP's empty object
                }
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Fields::Other)
            }
            fn visit_unit<E: Error>(self) -> Result<Fields, E> {
                Ok(Fields::Absent)
            }
            fn visit_str<E: Error>(self, _: &str) -> Result<Fields, E> {
                Ok(Fields::Other)
            }
            fn visit_u64<E: Error>(self, _: u64) -> Result<Fields, E> {
                Ok(Fields::Other)
            }
            fn visit_i64<E: Error>(self, _: i64) -> Result<Fields, E> {
                Ok(Fields::Other)
            }
            fn visit_f64<E: Error>(self, _: f64) -> Result<Fields, E> {
                Ok(Fields::Other)
            }
            fn visit_bool<E: Error>(self, _: bool) -> Result<Fields, E> {
                Ok(Fields::Other)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// `true`, `false`, or (an object of options, say) neither.
#[derive(Default, Clone, Copy)]
struct Flag(Option<bool>);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(Flag(raw.get().parse().ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_type_is_taken_and_told_apart() {
        let read = |json| serde_json::from_str::<Scalar<'_>>(json).unwrap();
        assert_eq!(read(r#""a""#), Scalar::Text("a".into()));
        assert_eq!(read(r#""\u00e9""#), Scalar::Text("é".into()));
        assert_eq!(read("18446744073709551615"), Scalar::Integer(u64::MAX.into()));
        assert_eq!(read("null"), Scalar::Absent);
        for other in ["1.5", "true", "[1,[2]]", r#"{"a":{}}"#] {
            assert_eq!(read(other), Scalar::Other, "{other}");
        }
    }

    #[test]
    fn an_array_is_not_read_as_a_struct() {
        assert!(object::<Context<'_>>(r#"[{"categoryPreferences":{"a":true}}]"#).is_none());
        assert!(object::<Context<'_>>("[ ]").is_some());
        assert!(object::<Context<'_>>("7").is_none());
    }

    #[test]
    fn integrations_switch_off_by_name_only() {
        let off = |own: &str, batch: &str| {
            let read = |json: &str| object::<Integrations>(json).unwrap_or_default();
            read(own).off(read(batch))
        };
        assert!(off(r#"{"Egard":false}"#, "{}"));
        assert!(off("{}", r#"{"Segment.io":false}"#));
        assert!(!off(r#"{"Egard":true}"#, r#"{"Egard":false}"#));
        assert!(!off(r#"{"All":false}"#, "{}"));
        assert!(!off(r#"{"Egard":{"x":1}}"#, r#"{"Segment.io":{"x":1}}"#));
    }
}
