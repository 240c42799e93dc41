//! Rulebooks as JSON text. The keys are those that the types have under serde; this reader is a tenth of its size, which a page
//! pays for.

use alloc::string::String;
use alloc::vec::Vec;

use super::chance::ErrorModel;
use super::objective::{Goal, Measure, Objective, Tie};
use super::protection::{AllocationRow, SafetyRow};
use super::rules::{
    Group, LotRow, Part, Rejection, Room, Rule, Rulebook, Scope, Site, StandInRow, Term, VerdictRow, WorthRow,
};
use super::timetable::{CarrierHours, NamedCalendar, NamedClock, NodeHours, Timetable};
use crate::calendar::{Calendar, Day, Hours, OffsetTable, Span};
use crate::event::NodeType;
use crate::json::{Read, Reader, TextError, Wrong};
use crate::measure::{Money, Quantity, Time};
use crate::name::Name;

/// A text, as far as it is one of a rulebook.
enum Tree {
    Nothing,
    Flag(bool),
    Number(i64),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

/// No rulebook is deeper.
const DEPTH_MAX: u32 = 12;

fn tree(reader: &mut Reader<'_>, depth: u32) -> Read<Tree> {
    if depth > DEPTH_MAX {
        return Err(Wrong::new("too deep"));
    }
    Ok(match reader.peek() {
        Some(b'{') => {
            let mut fields: Vec<(String, Tree)> = Vec::new();
            reader.pairs(|reader, key| {
                let value = tree(reader, depth + 1)?;
                match fields.iter().any(|(held, _)| *held == key) {
                    true => Err(Wrong::value("duplicate field ", key, "")),
                    false => {
                        fields.push((String::from(key), value));
                        Ok(())
                    }
                }
            })?;
            Tree::Object(fields)
        }
        Some(b'[') => {
            let mut list = Vec::new();
            reader.list(|reader| {
                list.push(tree(reader, depth + 1)?);
                Ok(())
            })?;
            Tree::List(list)
        }
        Some(b'"') => {
            let span = reader.string()?;
            Tree::Text(reader.text(span)?.into_owned())
        }
        Some(b't' | b'f') => Tree::Flag(reader.boolean()?),
        Some(b'n') if reader.null() => Tree::Nothing,
        _ => Tree::Number(reader.number()?),
    })
}

/// The fields of an object, taken out one by one: what is left is unknown.
struct Fields(Vec<(String, Tree)>);

impl Tree {
    fn fields(self) -> Read<Fields> {
        match self {
            Tree::Object(fields) => Ok(Fields(fields)),
            _ => Err(Wrong::new("expected an object")),
        }
    }

    /// An object, all of whose fields are taken.
    fn object(self, one: &mut dyn FnMut(&mut Fields) -> Read<()>) -> Read<()> {
        let mut fields = self.fields()?;
        one(&mut fields)?;
        fields.end()
    }

    fn list(self) -> Read<Vec<Tree>> {
        match self {
            Tree::List(list) => Ok(list),
            _ => Err(Wrong::new("expected a list")),
        }
    }

    fn number(self) -> Read<i64> {
        match self {
            Tree::Number(number) => Ok(number),
            _ => Err(Wrong::new("expected a whole number")),
        }
    }

    fn text(self) -> Read<String> {
        match self {
            Tree::Text(text) => Ok(text),
            _ => Err(Wrong::new("expected a text")),
        }
    }

    fn name(self) -> Read<Name> {
        let text = self.text()?;
        Name::new(&text).map_err(|problem| Wrong::value("name ", &text, &alloc::format!(" is {problem}")))
    }

    fn minute(self) -> Read<u16> {
        let minute = self.number()?;
        u16::try_from(minute).map_err(|_| out_of_range(minute))
    }
}

fn out_of_range(number: i64) -> Wrong {
    Wrong::value("", &alloc::format!("{number}"), " is out of range")
}

impl Fields {
    fn take(&mut self, key: &str) -> Option<Tree> {
        let place = self.0.iter().position(|(held, _)| held == key)?;
        Some(self.0.swap_remove(place).1).filter(|value| !matches!(value, Tree::Nothing))
    }

    fn need(&mut self, key: &str) -> Read<Tree> {
        self.take(key).ok_or_else(|| Wrong::value("missing field ", key, ""))
    }

    fn end(self) -> Read<()> {
        match self.0.first() {
            Some((key, _)) => Err(Wrong::value("unknown field ", key, "")),
            None => Ok(()),
        }
    }

    fn name(&mut self, key: &str) -> Read<Name> {
        self.need(key)?.name()
    }

    fn maybe_name(&mut self, key: &str) -> Read<Option<Name>> {
        self.take(key).map(Tree::name).transpose()
    }

    fn names(&mut self, key: &str) -> Read<Vec<Name>> {
        self.many(key, Tree::name)
    }

    fn number(&mut self, key: &str) -> Read<i64> {
        self.need(key)?.number()
    }

    fn number_or(&mut self, key: &str, usual: i64) -> Read<i64> {
        self.take(key).map_or(Ok(usual), Tree::number)
    }

    fn small(&mut self, key: &str) -> Read<u32> {
        let number = self.number(key)?;
        u32::try_from(number).map_err(|_| out_of_range(number))
    }

    fn flag(&mut self, key: &str) -> Read<Option<bool>> {
        match self.take(key) {
            None => Ok(None),
            Some(Tree::Flag(flag)) => Ok(Some(flag)),
            Some(_) => Err(Wrong::new("expected `true` or `false`")),
        }
    }

    fn time(&mut self, key: &str) -> Read<Time> {
        self.maybe_time(key)?.ok_or_else(|| Wrong::value("missing field ", key, ""))
    }

    fn maybe_time(&mut self, key: &str) -> Read<Option<Time>> {
        let Some(number) = self.take(key).map(Tree::number).transpose()? else { return Ok(None) };
        Time::new(number).map(Some).ok_or_else(|| out_of_range(number))
    }

    fn units(&mut self, key: &str) -> Read<Quantity> {
        self.maybe_units(key)?.ok_or_else(|| Wrong::value("missing field ", key, ""))
    }

    fn maybe_units(&mut self, key: &str) -> Read<Option<Quantity>> {
        let Some(number) = self.take(key).map(Tree::number).transpose()? else { return Ok(None) };
        Quantity::new(number).map(Some).ok_or_else(|| out_of_range(number))
    }

    /// Nothing unless said.
    fn money(&mut self, key: &str) -> Read<Money> {
        let number = self.number_or(key, 0)?;
        Money::new(number).ok_or_else(|| out_of_range(number))
    }

    fn many<T>(&mut self, key: &str, one: fn(Tree) -> Read<T>) -> Read<Vec<T>> {
        let mut list = Vec::new();
        self.each(key, &mut |tree| {
            list.push(one(tree)?);
            Ok(())
        })?;
        Ok(list)
    }

    /// Rows, each an object; none unless said.
    fn rows<T>(&mut self, key: &str, one: fn(&mut Fields) -> Read<T>) -> Read<Vec<T>> {
        let mut rows = Vec::new();
        self.each(key, &mut |row| {
            row.object(&mut |fields| {
                rows.push(one(fields)?);
                Ok(())
            })
        })?;
        Ok(rows)
    }

    /// One object; the default unless said.
    fn part<T: Default>(&mut self, key: &str, one: fn(&mut Fields) -> Read<T>) -> Read<T> {
        let mut part = T::default();
        if let Some(tree) = self.take(key) {
            tree.object(&mut |fields| {
                part = one(fields)?;
                Ok(())
            })?;
        }
        Ok(part)
    }

    /// What all lists have in common, compiled once.
    fn each(&mut self, key: &str, one: &mut dyn FnMut(Tree) -> Read<()>) -> Read<()> {
        match self.take(key) {
            None => Ok(()),
            Some(list) => list.list()?.into_iter().try_for_each(one),
        }
    }
}

impl Rulebook {
    /// Reads a rulebook from JSON; [`Rulebook::check`] holds it against its limits.
    ///
    /// # Errors
    ///
    /// [`TextError`] when the text is no rulebook.
    pub fn from_json(text: &str) -> Result<Rulebook, TextError> {
        Reader::whole(text, |reader| {
            let mut fields = tree(reader, 0)?.fields()?;
            let rulebook = Rulebook {
                rules: fields.rows("rules", rule)?,
                groups: fields.rows("groups", |row| {
                    Ok(Group { name: row.name("name")?, nodes: row.names("nodes")? })
                })?,
                sites: fields.rows("sites", |row| {
                    let (latitude, longitude) = (row.number("latitude")?, row.number("longitude")?);
                    Ok(Site { name: row.name("name")?, latitude, longitude })
                })?,
                priority: fields
                    .many("priority", |list| list.list()?.into_iter().map(Tree::name).collect())?,
                objective: fields.part("objective", objective)?,
                ties: fields.many("ties", |tie| coded(tie, "tie", Tie::from_code))?,
                timetable: fields.part("timetable", timetable)?,
            };
            fields.end()?;
            Ok(rulebook)
        })
    }
}

fn coded<T>(tree: Tree, what: &str, of: fn(&str) -> Option<T>) -> Read<T> {
    let code = tree.text()?;
    of(&code).ok_or_else(|| Wrong::value("", &code, &alloc::format!(" is no {what}")))
}

fn rule(row: &mut Fields) -> Read<Rule> {
    Ok(Rule {
        name: row.name("name")?,
        soft: row.flag("soft")?.unwrap_or(false),
        from: row.maybe_time("from")?,
        until: row.maybe_time("until")?,
        when: row.part("when", |row| {
            Ok(Scope {
                channels: row.names("channels")?,
                zones: row.names("zones")?,
                pick_up: row.flag("pick_up")?,
                skus: row.names("skus")?,
                nodes: row.names("nodes")?,
                groups: row.names("groups")?,
                types: row.many("types", |one| coded(one, "type of node", NodeType::from_code))?,
            })
        })?,
        then: term(row.need("then")?)?,
    })
}

fn term(tree: Tree) -> Read<Term> {
    let mut terms = tree.fields()?.0;
    let Some((code, tree)) = terms.pop().filter(|_| terms.is_empty()) else {
        return Err(Wrong::new("expected one term"));
    };
    let mut row = tree.fields()?;
    let term = match code.as_str() {
        "safety" => Term::Safety { rows: row.rows("rows", safety)? },
        "allocation" => Term::Allocation {
            rows: row.rows("rows", allocation)?,
            ranked: row.flag("ranked")?.unwrap_or(false),
        },
        "buffer" => {
            let mut error = row.need("error")?.fields()?;
            let model =
                ErrorModel { wrong_ppm: error.number("wrong_ppm")?, mean_milli: error.number("mean_milli")? };
            error.end()?;
            Term::Buffer { error: model, cancel_ppm: row.number("cancel_ppm")? }
        }
        "exclude" => Term::Exclude {},
        "only" => Term::Only {},
        "distance" => Term::Distance { max_m: row.number("max_m")? },
        "capacity" => Term::Capacity { rows: row.rows("rows", room)? },
        "cool_down" => Term::CoolDown {
            rows: row.rows("rows", |row| {
                Ok(Rejection { node: row.name("node")?, sku: row.maybe_name("sku")?, at: row.time("at")? })
            })?,
            count: row.number_or("count", 1)?,
            for_ms: row.number("for_ms")?,
        },
        "minimum" => Term::Minimum { units: row.units("units")? },
        "lot_life" => Term::LotLife {
            rows: row.rows("rows", |row| {
                Ok(LotRow { sku: row.name("sku")?, lot: row.name("lot")?, expires: row.time("expires")? })
            })?,
            least_ms: row.number("least_ms")?,
        },
        "launch" => {
            let pre_order = row.flag("pre_order")?.ok_or_else(|| Wrong::new("missing field `pre_order`"))?;
            Term::Launch { at: row.time("at")?, pre_order }
        }
        "hold" => Term::Hold { to: row.time("to")? },
        "backorder" => Term::Backorder { depth: row.units("depth")?, lead_ms: row.number("lead_ms")? },
        "ship_complete" => Term::ShipComplete {},
        "no_line_split" => Term::NoLineSplit {},
        "max_shipments" => Term::MaxShipments { most: row.small("most")? },
        "max_per_line" => Term::MaxPerLine { most: row.small("most")? },
        "least_units" => Term::LeastUnits { units: row.units("units")? },
        "least_value" => Term::LeastValue {
            rows: row
                .rows("rows", |row| Ok(WorthRow { sku: row.name("sku")?, value: row.money("value")? }))?,
            value: row.money("value")?,
        },
        "price" => Term::Price { unit: row.money("unit")?, parcel: row.money("parcel")? },
        "lateness" => Term::Lateness {
            due: row.time("due")?,
            unit: row.money("unit")?,
            step_ms: row.number("step_ms")?,
        },
        "stand_in" => Term::StandIn {
            rows: row.rows("rows", |row| {
                Ok(StandInRow {
                    sku: row.name("sku")?,
                    parts: row.rows("parts", |row| {
                        Ok(Part { sku: row.name("sku")?, units: row.units("units")? })
                    })?,
                    split: row.flag("split")?.unwrap_or(false),
                    unit: row.money("unit")?,
                })
            })?,
        },
        "verdict" => Term::Verdict {
            rows: row.rows("rows", |row| {
                Ok(VerdictRow {
                    node: row.name("node")?,
                    sku: row.maybe_name("sku")?,
                    refuse: row.take("refuse").map(Tree::number).transpose()?,
                    unit: row.money("unit")?,
                })
            })?,
        },
        _ => return Err(Wrong::value("unknown term ", &code, "")),
    };
    row.end()?;
    Ok(term)
}

fn safety(row: &mut Fields) -> Read<SafetyRow> {
    Ok(SafetyRow {
        sku: row.maybe_name("sku")?,
        node: row.maybe_name("node")?,
        method: row.maybe_name("method")?,
        on_line: row.units("on_line")?,
        routing: row.units("routing")?,
    })
}

fn allocation(row: &mut Fields) -> Read<AllocationRow> {
    let priority = row.number_or("priority", 0)?;
    Ok(AllocationRow {
        channel: row.name("channel")?,
        sku: row.maybe_name("sku")?,
        node: row.maybe_name("node")?,
        units: row.units("units")?,
        used: row.maybe_units("used")?.unwrap_or_default(),
        priority: u32::try_from(priority).map_err(|_| out_of_range(priority))?,
        until: row.maybe_time("until")?,
    })
}

fn room(row: &mut Fields) -> Read<Room> {
    Ok(Room {
        node: row.name("node")?,
        from: row.maybe_time("from")?,
        until: row.maybe_time("until")?,
        orders: row.maybe_units("orders")?,
        lines: row.maybe_units("lines")?,
        units: row.maybe_units("units")?,
    })
}

fn objective(row: &mut Fields) -> Read<Objective> {
    Ok(Objective {
        goals: row.rows("goals", |row| {
            let weight = row.number_or("weight", 1)?;
            Ok(Goal {
                measure: coded(row.need("measure")?, "measure", Measure::from_code)?,
                weight: Quantity::new(weight).ok_or_else(|| out_of_range(weight))?,
            })
        })?,
        weighed: row.flag("weighed")?.unwrap_or(false),
        band_m: row.number_or("band_m", 1_000)?,
    })
}

fn timetable(row: &mut Fields) -> Read<Timetable> {
    Ok(Timetable {
        clocks: row.rows("clocks", |row| {
            let (name, mut table) = (row.name("name")?, row.need("table")?.fields()?);
            let read = clock(&mut table)?;
            table.end()?;
            Ok(NamedClock { name, table: read })
        })?,
        calendars: row.rows("calendars", |row| {
            let (name, mut calendar) = (row.name("name")?, row.need("calendar")?.fields()?);
            let read = week(&mut calendar)?;
            calendar.end()?;
            Ok(NamedCalendar { name, calendar: read })
        })?,
        nodes: row.rows("nodes", |row| {
            Ok(NodeHours {
                node: row.name("node")?,
                clock: row.name("clock")?,
                picking: row.name("picking")?,
                opening: row.maybe_name("opening")?,
            })
        })?,
        carriers: row.rows("carriers", |row| {
            Ok(CarrierHours {
                method: row.name("method")?,
                node: row.maybe_name("node")?,
                zone: row.maybe_name("zone")?,
                calls: row.name("calls")?,
                clock: row.name("clock")?,
                deliveries: row.name("deliveries")?,
                transit_days: row.small("transit_days")?,
            })
        })?,
    })
}

fn clock(row: &mut Fields) -> Read<OffsetTable> {
    let version = row.take("version").map_or(Ok(String::new()), Tree::text)?;
    let rows = row.many("rows", |pair| {
        let (from, seconds) = pair_of(pair)?;
        let from = from.number()?;
        Ok((Time::new(from).ok_or_else(|| out_of_range(from))?, seconds.number()?))
    })?;
    let until = row.maybe_time("until")?.unwrap_or(Time::MAX);
    OffsetTable::new(version, rows, until).map_err(|problem| Wrong(alloc::format!("{problem}")))
}

fn week(row: &mut Fields) -> Read<Calendar> {
    let mut days = row.rows("week", hours)?.into_iter();
    let week: [Hours; 7] = core::array::from_fn(|_| days.next().unwrap_or_default());
    let holidays = row.rows("holidays", |row| {
        let number = row.number("day")?;
        let day = Day::new(number).ok_or_else(|| out_of_range(number))?;
        Ok((day, row.part("hours", hours)?))
    })?;
    Calendar::new(week, holidays).map_err(|problem| Wrong(alloc::format!("{problem}")))
}

fn hours(row: &mut Fields) -> Read<Hours> {
    let spans = row.many("spans", |pair| {
        let (from, to) = pair_of(pair)?;
        Ok(Span { from: from.minute()?, to: to.minute()? })
    })?;
    Ok(Hours { spans, cut_off: row.take("cut_off").map(Tree::minute).transpose()? })
}

fn pair_of(tree: Tree) -> Read<(Tree, Tree)> {
    let mut list = tree.list()?.into_iter();
    match (list.next(), list.next(), list.next()) {
        (Some(one), Some(other), None) => Ok((one, other)),
        _ => Err(Wrong::new("expected a pair")),
    }
}
