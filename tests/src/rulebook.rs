//! Rulebooks as cases write them, line by line, turned into the JSON that every host reads.
//!
//! ```text
//! rule NAME [soft] [from=MOMENT] [until=MOMENT] TERM [KEY=VALUE …] {row KEY=VALUE …} [when KEY=VALUE …]
//! rule NAME off
//! group NAME NODE,NODE                     site NODE|ZONE LATITUDE LONGITUDE
//! priority NODE,GROUP NODE …               objective [weighed] MEASURE[*WEIGHT] … [band_m=N]
//! ties rank|distance …                     clock NAME MOMENT=MINUTES … [until=MOMENT]
//! calendar NAME DAYS=HH:MM-HH:MM,…[!HH:MM] …   (DAYS: daily, mon, mon-fri, day5; `closed`; a cut-off after `!`)
//! hours NODE clock=NAME picking=NAME [opening=NAME]
//! carrier METHOD calls=NAME clock=NAME deliveries=NAME days=N [node=NODE] [zone=ZONE]
//! ```
//!
//! Keys are those of the wire; the parts of what stands in are `parts=SKU*UNITS,SKU`. Every promise of the case that follows is asked under what was said so far.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::moment;

/// The words that begin such a line.
pub const WORDS: &[&str] =
    &["rule", "group", "site", "priority", "objective", "ties", "clock", "calendar", "hours", "carrier"];

const MOMENTS: &[&str] = &["at", "to", "due", "from", "until", "expires"];
const LISTS: &[&str] = &["channels", "zones", "skus", "nodes", "groups", "types"];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Reads a line into the rulebook.
pub fn add(rulebook: &mut Map<String, Value>, words: &[&str]) -> Result<()> {
    match words {
        ["rule", name, "off"] => {
            let rules = list(rulebook, "rules");
            let before = rules.len();
            rules.retain(|rule| rule["name"] != json!(name));
            if rules.len() == before {
                bail!("there is no rule `{name}`");
            }
        }
        ["rule", name, rest @ ..] => {
            let rule = rule(name, rest)?;
            let rules = list(rulebook, "rules");
            match rules.iter_mut().find(|held| held["name"] == json!(name)) {
                Some(held) => *held = rule,
                None => rules.push(rule),
            }
        }
        ["group", name, nodes] => {
            list(rulebook, "groups").push(json!({ "name": name, "nodes": names(nodes) }))
        }
        ["site", name, latitude, longitude] => {
            let site =
                json!({ "name": name, "latitude": degrees(latitude)?, "longitude": degrees(longitude)? });
            list(rulebook, "sites").push(site);
        }
        ["priority", lists @ ..] => {
            let lists: Vec<Value> = lists.iter().map(|list| json!(names(list))).collect();
            rulebook.insert("priority".into(), json!(lists));
        }
        ["objective", goals @ ..] => drop(rulebook.insert("objective".into(), objective(goals)?)),
        ["ties", ties @ ..] => drop(rulebook.insert("ties".into(), json!(ties))),
        ["clock", name, rest @ ..] => {
            let clock = json!({ "name": name, "table": clock(rest)? });
            timetable(rulebook, "clocks").push(clock);
        }
        ["calendar", name, rest @ ..] => {
            let calendar = json!({ "name": name, "calendar": calendar(rest)? });
            timetable(rulebook, "calendars").push(calendar);
        }
        ["hours", node, rest @ ..] => {
            let mut row = pairs(rest)?;
            row.insert("node".into(), json!(node));
            timetable(rulebook, "nodes").push(Value::from(row));
        }
        ["carrier", method, rest @ ..] => {
            let mut row = pairs(rest)?;
            row.insert("method".into(), json!(method));
            let days = row.remove("days").context("a carrier needs its days in transit")?;
            row.insert("transit_days".into(), days);
            timetable(rulebook, "carriers").push(Value::from(row));
        }
        _ => bail!("`{}` is no part of a rulebook", words.join(" ")),
    }
    Ok(())
}

fn list<'a>(rulebook: &'a mut Map<String, Value>, key: &str) -> &'a mut Vec<Value> {
    let list = rulebook.entry(key).or_insert_with(|| json!([]));
    list.as_array_mut().expect("it is a list")
}

fn timetable<'a>(rulebook: &'a mut Map<String, Value>, key: &str) -> &'a mut Vec<Value> {
    let table = rulebook.entry("timetable").or_insert_with(|| json!({}));
    list(table.as_object_mut().expect("it is an object"), key)
}

fn names(text: &str) -> Vec<&str> {
    text.split(',').collect()
}

fn degrees(text: &str) -> Result<i64> {
    let degrees: f64 = text.parse().with_context(|| format!("`{text}` is no angle"))?;
    Ok((degrees * 1e6).round() as i64)
}

fn rule(name: &str, words: &[&str]) -> Result<Value> {
    let mut rule = Map::new();
    rule.insert("name".into(), json!(name));
    let mut words = words;
    while let [first, rest @ ..] = words {
        match first.split_once('=') {
            _ if *first == "soft" => drop(rule.insert("soft".into(), json!(true))),
            Some((key @ ("from" | "until"), value)) => {
                drop(rule.insert(key.into(), json!(moment::parse(value)?)))
            }
            _ => break,
        }
        words = rest;
    }
    let [term, rest @ ..] = words else { bail!("a rule needs a term") };
    let (rest, when) = match rest.iter().position(|word| *word == "when") {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, &[][..]),
    };
    let mut parts = rest.split(|word| *word == "row");
    let mut fields = pairs(parts.next().unwrap_or_default())?;
    let rows: Vec<Value> = parts.map(|row| pairs(row).map(Value::from)).collect::<Result<_>>()?;
    if !rows.is_empty() {
        fields.insert("rows".into(), json!(rows));
    }
    if let Some(wrong) = fields.remove("wrong_ppm") {
        let mean = fields.remove("mean_milli").context("an error needs its mean")?;
        fields.insert("error".into(), json!({ "wrong_ppm": wrong, "mean_milli": mean }));
    }
    rule.insert("then".into(), json!({ *term: fields }));
    if !when.is_empty() {
        rule.insert("when".into(), Value::from(pairs(when)?));
    }
    Ok(Value::from(rule))
}

fn pairs(words: &[&str]) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    for word in words {
        let (key, value) = word.split_once('=').with_context(|| format!("`{word}` is no field"))?;
        let value = match (key, value) {
            (key, value) if MOMENTS.contains(&key) => json!(moment::parse(value)?),
            ("parts", value) => json!(names(value).into_iter().map(part).collect::<Result<Vec<_>>>()?),
            (key, value) if LISTS.contains(&key) => json!(names(value)),
            (_, "yes") => json!(true),
            (_, "no") => json!(false),
            (key, value) => match value.parse::<i64>() {
                Ok(number) => json!(number),
                Err(_) if key.ends_with("_ms") => json!(moment::duration(value)?),
                Err(_) => json!(value),
            },
        };
        fields.insert(key.into(), value);
    }
    Ok(fields)
}

/// `SKU` or `SKU*UNITS`.
fn part(text: &str) -> Result<Value> {
    let (sku, units) = text.split_once('*').unwrap_or((text, "1"));
    Ok(json!({ "sku": sku, "units": units.parse::<i64>()? }))
}

fn objective(words: &[&str]) -> Result<Value> {
    let mut objective = Map::new();
    let mut goals = Vec::new();
    for word in words {
        if *word == "weighed" {
            objective.insert("weighed".into(), json!(true));
        } else if let Some(band) = word.strip_prefix("band_m=") {
            objective.insert("band_m".into(), json!(band.parse::<i64>()?));
        } else {
            let (measure, weight) = word.split_once('*').unwrap_or((word, "1"));
            goals.push(json!({ "measure": measure, "weight": weight.parse::<i64>()? }));
        }
    }
    objective.insert("goals".into(), json!(goals));
    Ok(Value::from(objective))
}

fn clock(words: &[&str]) -> Result<Value> {
    let mut rows = Vec::new();
    let mut until = None;
    for word in words {
        let (from, offset) = word.split_once('=').with_context(|| format!("`{word}` is no offset"))?;
        match from {
            "until" => until = Some(moment::parse(offset)?),
            _ => rows.push(json!([moment::parse(from)?, offset.parse::<i64>()? * 60])),
        }
    }
    let mut clock = Map::from_iter([("version".to_owned(), json!("case")), ("rows".to_owned(), json!(rows))]);
    if let Some(until) = until {
        clock.insert("until".into(), json!(until));
    }
    Ok(Value::from(clock))
}

fn calendar(words: &[&str]) -> Result<Value> {
    let mut week = vec![json!({ "spans": [] }); 7];
    let mut holidays = Vec::new();
    for word in words {
        let (days, hours) = word.split_once('=').with_context(|| format!("`{word}` has no hours"))?;
        let hours = open(hours)?;
        if let Some(day) = days.strip_prefix("day").and_then(|day| day.parse::<i64>().ok()) {
            holidays.push(json!({ "day": day - 1, "hours": hours }));
            continue;
        }
        let place =
            |day: &str| DAYS.iter().position(|one| *one == day).with_context(|| format!("`{day}` is no day"));
        let (from, to) = match days.split_once('-') {
            _ if days == "daily" => (0, 6),
            Some((from, to)) => (place(from)?, place(to)?),
            None => (place(days)?, place(days)?),
        };
        week[from..=to].fill(hours);
    }
    Ok(json!({ "week": week, "holidays": holidays }))
}

fn open(text: &str) -> Result<Value> {
    let minute = |text: &str| -> Result<i64> { Ok(moment::parse(text)? / 60_000) };
    let (spans, cut_off) = match text.split_once('!') {
        Some((spans, cut_off)) => (spans, Some(minute(cut_off)?)),
        None => (text, None),
    };
    let spans: Vec<Value> = match spans {
        "closed" => Vec::new(),
        spans => spans
            .split(',')
            .map(|span| {
                let (from, to) = span.split_once('-').with_context(|| format!("`{span}` are no hours"))?;
                Ok(json!([minute(from)?, minute(to)?]))
            })
            .collect::<Result<_>>()?,
    };
    let mut hours = Map::from_iter([("spans".to_owned(), json!(spans))]);
    if let Some(cut_off) = cut_off {
        hours.insert("cut_off".into(), json!(cut_off));
    }
    Ok(Value::from(hours))
}
