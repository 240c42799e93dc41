//! Events as cases write them, turned into the JSON that every host reads.
//!
//! ```text
//! KIND ID [@MOMENT] [QUANTITY SKU [line fields] {+ QUANTITY SKU [line fields]}]
//!         [at NODE] [to NODE or SUBJECT] [for SUBJECT] [KEY=VALUE …] [with TERM=VALUE …]
//! ```
//!
//! Nothing is filled in that the text does not say, so that a case can leave out what a kind needs.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::moment;

/// What a step tells a host.
#[derive(Clone, Debug)]
pub struct Told {
    /// The event as JSON text.
    pub json: String,
    /// Its moment.
    pub occurred: i64,
    /// The first node and SKU that it names: what a reading is about unless it says.
    pub node: Option<String>,
    pub sku: Option<String>,
}

const LINE_TEXTS: &[&str] =
    &["line", "node", "owner", "lot", "place", "to_place", "state", "to_state", "to_sku", "supply", "pack"];
const LINE_NUMBERS: &[&str] = &["value", "grams", "granted"];
const EVENT_TEXTS: &[&str] =
    &["source", "actor", "role", "to_node", "subject", "to_subject", "channel", "reason", "asks"];
/// Terms that are texts though they may be digits.
const TERMS_TEXTS: &[&str] = &["sku", "node", "of", "name", "gtin", "gln", "contains", "version"];
const EVENT_MOMENTS: &[&str] = &["expires", "due", "recorded"];

/// Reads the words of an event; `clock` is its moment unless it says one.
pub fn parse(words: &[&str], clock: i64) -> Result<Told> {
    let [kind, id, rest @ ..] = words else { bail!("an event needs a kind and an id") };
    let mut event = Map::new();
    event.insert("source".into(), json!("shop"));
    event.insert("id".into(), id_of(id));
    event.insert("kind".into(), json!(kind));
    let mut reader =
        Reader { words: rest.iter().copied().collect(), event, lines: Vec::new(), occurred: clock };
    reader.read()?;
    Ok(reader.told(kind))
}

/// Digits are a number that the source gave, anything else a text.
fn id_of(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number))
}

struct Reader<'a> {
    words: std::collections::VecDeque<&'a str>,
    event: Map<String, Value>,
    lines: Vec<Map<String, Value>>,
    occurred: i64,
}

impl<'a> Reader<'a> {
    fn next(&mut self, after: &str) -> Result<&'a str> {
        self.words.pop_front().with_context(|| format!("nothing follows `{after}`"))
    }

    fn read(&mut self) -> Result<()> {
        while let Some(word) = self.words.pop_front() {
            match word {
                "at" => {
                    let node = self.next(word)?;
                    self.event.insert("node".into(), json!(node));
                }
                "for" => {
                    let subject = self.next(word)?;
                    self.event.insert("subject".into(), json!(subject));
                }
                "to" => {
                    let key = if self.event["kind"] == "reallocate" { "to_subject" } else { "to_node" };
                    let to = self.next(word)?;
                    self.event.insert(key.into(), json!(to));
                }
                "partial" => drop(self.event.insert("partial".into(), json!(true))),
                "+" => {}
                "with" => {
                    let terms = self.terms()?;
                    self.event.insert("terms".into(), terms);
                }
                _ => self.field_or_line(word)?,
            }
        }
        Ok(())
    }

    fn field_or_line(&mut self, word: &str) -> Result<()> {
        if let Some(moment) = word.strip_prefix('@') {
            self.occurred = moment::parse(moment)?;
        } else if let Some((key, value)) = word.split_once('=') {
            self.field(key, value)?;
        } else if let Ok(quantity) = word.parse::<i64>() {
            let sku = self.next(word)?;
            let mut line = Map::new();
            line.insert("sku".into(), json!(sku));
            line.insert("quantity".into(), json!(quantity));
            self.lines.push(line);
        } else {
            bail!("`{word}` is neither a quantity nor a field");
        }
        Ok(())
    }

    fn field(&mut self, key: &str, value: &str) -> Result<()> {
        if EVENT_TEXTS.contains(&key) {
            self.event.insert(key.into(), json!(value));
        } else if EVENT_MOMENTS.contains(&key) {
            self.event.insert(key.into(), json!(moment::parse(value)?));
        } else {
            let value = match (LINE_TEXTS.contains(&key), LINE_NUMBERS.contains(&key)) {
                (true, _) => json!(value),
                (_, true) => json!(value.parse::<i64>().with_context(|| format!("`{value}` is no number"))?),
                _ => bail!("`{key}` is no field of an event or line"),
            };
            let line = self.lines.last_mut().with_context(|| format!("`{key}` belongs to a line"))?;
            line.insert(key.into(), value);
        }
        Ok(())
    }

    /// Everything after `with`: master data. What is digits is a number, `yes` and `no` are flags.
    fn terms(&mut self) -> Result<Value> {
        let mut terms = Map::new();
        for word in std::mem::take(&mut self.words) {
            let (key, value) = word.split_once('=').with_context(|| format!("`{word}` is no term"))?;
            let value = match value {
                text if TERMS_TEXTS.contains(&key) => json!(text),
                "yes" => json!(true),
                "no" => json!(false),
                text if key == "expires" => json!(moment::parse(text)?),
                text => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
            };
            terms.insert(key.into(), value);
        }
        let kind = self.event["kind"].as_str().unwrap_or_default();
        let kind = self.event.get("asks").and_then(Value::as_str).unwrap_or(kind);
        let subject = match kind {
            "catalogue_change" => "card".to_owned(),
            kind => kind.strip_suffix("_change").unwrap_or(kind).to_owned(),
        };
        if subject == "node" {
            for (key, usual) in [
                ("type", json!("store")),
                ("on_line", json!(true)),
                ("ships", json!(true)),
                ("picks_up", json!(true)),
            ] {
                terms.entry(key).or_insert(usual);
            }
        }
        Ok(json!({ subject: terms }))
    }

    fn told(mut self, kind: &str) -> Told {
        self.event.insert("occurred".into(), json!(self.occurred));
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let first = self.lines.first();
        let node = text(self.event.get("node")).or_else(|| text(first.and_then(|line| line.get("node"))));
        let sku = text(first.and_then(|line| line.get("sku")));
        if !self.lines.is_empty() {
            self.event.insert("lines".into(), Value::from(self.lines));
        }
        debug_assert_eq!(self.event["kind"], kind);
        Told { json: Value::from(self.event).to_string(), occurred: self.occurred, node, sku }
    }
}
