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
use crate::json::{Read, Reader, TextError, Wrong, shown};
use crate::measure::{Money, Quantity, Time};
use crate::name::Name;
use crate::sentence::{InWords, sentence};

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
///
/// The first that is wrong is noted, and reading goes on with something else in its place until the object ends: nothing that was
/// read before has to be taken apart field by field, and that is half of the code.
struct Fields {
    left: Vec<(String, Tree)>,
    wrong: Option<Wrong>,
}

/// What becomes of the fields of a row. Not `dyn FnMut`: see [`crate::ordered::Compare`].
trait Row {
    fn row(&mut self, fields: &mut Fields);
}

impl<F: FnMut(&mut Fields)> Row for F {
    fn row(&mut self, fields: &mut Fields) {
        self(fields);
    }
}

/// What becomes of an item of a list.
trait Item {
    fn item(&mut self, tree: Tree) -> Read<()>;
}

impl<F: FnMut(Tree) -> Read<()>> Item for F {
    fn item(&mut self, tree: Tree) -> Read<()> {
        self(tree)
    }
}

impl Tree {
    fn fields(self) -> Read<Fields> {
        match self {
            Tree::Object(left) => Ok(Fields { left, wrong: None }),
            _ => Err(Wrong::new("expected an object")),
        }
    }

    /// An object, all of whose fields are taken.
    fn object(self, one: &mut dyn Row) -> Read<()> {
        let mut fields = self.fields()?;
        one.row(&mut fields);
        fields.end(Ok(()))
    }

    /// A list, item by item.
    fn each(self, one: &mut dyn Item) -> Read<()> {
        for (at, item) in self.list()?.into_iter().enumerate() {
            one.item(item).map_err(|wrong| wrong.within(&sentence!("[", at, "]")))?;
        }
        Ok(())
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

    fn small(self) -> Read<u32> {
        self.measure(|number| u32::try_from(number).ok())
    }

    fn minute(self) -> Read<u16> {
        self.measure(|number| u16::try_from(number).ok())
    }

    fn time(self) -> Read<Time> {
        self.measure(Time::new)
    }

    fn units(self) -> Read<Quantity> {
        self.measure(Quantity::new)
    }

    fn money(self) -> Read<Money> {
        self.measure(Money::new)
    }

    /// A number in its range.
    fn measure<T>(self, of: impl Fn(i64) -> Option<T>) -> Read<T> {
        let number = self.number()?;
        of(number).ok_or_else(|| out_of_range(number))
    }

    fn flag(self) -> Read<bool> {
        match self {
            Tree::Flag(flag) => Ok(flag),
            _ => Err(Wrong::new("expected `true` or `false`")),
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
        Name::new(&text).map_err(|problem| Wrong::value("name ", &text, &sentence!(" is ", problem.code())))
    }
}

impl Fields {
    fn take(&mut self, key: &str) -> Option<Tree> {
        let place = self.left.iter().position(|(held, _)| held == key)?;
        Some(self.left.swap_remove(place).1).filter(|value| !matches!(value, Tree::Nothing))
    }

    /// The value of a field; `otherwise` takes its place when it is wrong.
    fn read<T>(&mut self, key: &str, how: fn(Tree) -> Read<T>, otherwise: T) -> T {
        let value = self.take(key).ok_or_else(missing);
        self.noted(key, value.and_then(how)).unwrap_or(otherwise)
    }

    /// The value of a field, if it is there.
    fn maybe<T>(&mut self, key: &str, how: fn(Tree) -> Read<T>) -> Option<T> {
        let value = self.take(key).map(how)?;
        self.noted(key, value)
    }

    fn noted<T>(&mut self, key: &str, value: Read<T>) -> Option<T> {
        value.map_err(|wrong| self.note(key, wrong)).ok()
    }

    #[cold]
    fn note(&mut self, key: &str, wrong: Wrong) {
        self.wrong.get_or_insert(wrong.within(key));
    }

    /// What the fields make, unless one of them was wrong or is unknown.
    fn end<T>(self, made: Read<T>) -> Read<T> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let made = made?;
        match self.left.first() {
            Some((key, _)) => Err(Wrong::new("unknown field").within(&shown(key))),
            None => Ok(made),
        }
    }

    fn name(&mut self, key: &str) -> Name {
        self.read(key, Tree::name, Name::known(""))
    }

    fn maybe_name(&mut self, key: &str) -> Option<Name> {
        self.maybe(key, Tree::name)
    }

    fn names(&mut self, key: &str) -> Vec<Name> {
        self.many(key, Tree::name)
    }

    fn number(&mut self, key: &str) -> i64 {
        self.read(key, Tree::number, 0)
    }

    fn small(&mut self, key: &str) -> u32 {
        self.read(key, Tree::small, 0)
    }

    fn flag(&mut self, key: &str) -> Option<bool> {
        self.maybe(key, Tree::flag)
    }

    fn time(&mut self, key: &str) -> Time {
        self.read(key, Tree::time, Time::ZERO)
    }

    fn maybe_time(&mut self, key: &str) -> Option<Time> {
        self.maybe(key, Tree::time)
    }

    fn units(&mut self, key: &str) -> Quantity {
        self.read(key, Tree::units, Quantity::ZERO)
    }

    fn maybe_units(&mut self, key: &str) -> Option<Quantity> {
        self.maybe(key, Tree::units)
    }

    /// Nothing unless said.
    fn money(&mut self, key: &str) -> Money {
        self.maybe(key, Tree::money).unwrap_or_default()
    }

    fn many<T>(&mut self, key: &str, one: fn(Tree) -> Read<T>) -> Vec<T> {
        let mut list = Vec::new();
        self.each(key, &mut |tree: Tree| {
            list.push(one(tree)?);
            Ok(())
        });
        list
    }

    /// Rows, each an object; none unless said.
    fn rows<T>(&mut self, key: &str, one: fn(&mut Fields) -> T) -> Vec<T> {
        let mut rows = Vec::new();
        self.each_object(key, &mut |fields: &mut Fields| rows.push(one(fields)));
        rows
    }

    /// One object; the default unless said.
    fn part<T: Default>(&mut self, key: &str, one: fn(&mut Fields) -> T) -> T {
        let mut part = T::default();
        if let Some(tree) = self.take(key) {
            let read = tree.object(&mut |fields: &mut Fields| part = one(fields));
            self.noted(key, read);
        }
        part
    }

    fn each_object(&mut self, key: &str, one: &mut dyn Row) {
        self.each(key, &mut |row: Tree| row.object(one));
    }

    /// What all lists have in common, compiled once.
    fn each(&mut self, key: &str, one: &mut dyn Item) {
        if let Some(list) = self.take(key) {
            let read = list.each(one);
            self.noted(key, read);
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
                rules: fields.rows("rules", rule),
                groups: fields
                    .rows("groups", |row| Group { name: row.name("name"), nodes: row.names("nodes") }),
                sites: fields.rows("sites", |row| {
                    let (latitude, longitude) = (row.number("latitude"), row.number("longitude"));
                    Site { name: row.name("name"), latitude, longitude }
                }),
                priority: fields.many("priority", |list| {
                    let mut names = Vec::new();
                    list.each(&mut |name: Tree| {
                        names.push(name.name()?);
                        Ok(())
                    })?;
                    Ok(names)
                }),
                objective: fields.part("objective", objective),
                ties: fields.many("ties", |tie| coded(tie, "tie", Tie::from_code)),
                timetable: fields.part("timetable", timetable),
            };
            fields.end(Ok(rulebook))
        })
    }
}

#[cold]
fn out_of_range(number: i64) -> Wrong {
    Wrong::value("", &sentence!(number), " is out of range")
}

#[cold]
fn missing() -> Wrong {
    Wrong::new("missing field")
}

fn coded<T>(tree: Tree, what: &str, of: fn(&str) -> Option<T>) -> Read<T> {
    let code = tree.text()?;
    of(&code).ok_or_else(|| Wrong::value("", &code, &sentence!(" is no ", what)))
}

fn rule(row: &mut Fields) -> Rule {
    Rule {
        name: row.name("name"),
        soft: row.flag("soft").unwrap_or(false),
        from: row.maybe_time("from"),
        until: row.maybe_time("until"),
        when: row.part("when", |row| Scope {
            channels: row.names("channels"),
            zones: row.names("zones"),
            pick_up: row.flag("pick_up"),
            skus: row.names("skus"),
            nodes: row.names("nodes"),
            groups: row.names("groups"),
            types: row.many("types", |one| coded(one, "type of node", NodeType::from_code)),
        }),
        then: row.read("then", term, Term::Exclude {}),
    }
}

fn term(tree: Tree) -> Read<Term> {
    let mut terms = tree.fields()?.left;
    let Some((code, tree)) = terms.pop().filter(|_| terms.is_empty()) else {
        return Err(Wrong::new("expected one term"));
    };
    term_of(&code, tree).map_err(|wrong| wrong.within(&shown(&code)))
}

fn term_of(code: &str, tree: Tree) -> Read<Term> {
    let mut row = tree.fields()?;
    let term = match code {
        "safety" => Term::Safety { rows: row.rows("rows", safety) },
        "allocation" => Term::Allocation {
            rows: row.rows("rows", allocation),
            ranked: row.flag("ranked").unwrap_or(false),
        },
        "buffer" => Term::Buffer {
            error: row.read("error", error_model, ErrorModel::default()),
            cancel_ppm: row.number("cancel_ppm"),
        },
        "exclude" => Term::Exclude {},
        "only" => Term::Only {},
        "distance" => Term::Distance { max_m: row.number("max_m") },
        "capacity" => Term::Capacity { rows: row.rows("rows", room) },
        "cool_down" => Term::CoolDown {
            rows: row.rows("rows", |row| Rejection {
                node: row.name("node"),
                sku: row.maybe_name("sku"),
                at: row.time("at"),
            }),
            count: row.maybe("count", Tree::number).unwrap_or(1),
            for_ms: row.number("for_ms"),
        },
        "minimum" => Term::Minimum { units: row.units("units") },
        "lot_life" => Term::LotLife {
            rows: row.rows("rows", |row| LotRow {
                sku: row.name("sku"),
                lot: row.name("lot"),
                expires: row.time("expires"),
            }),
            least_ms: row.number("least_ms"),
        },
        "launch" => {
            let pre_order = row.read("pre_order", Tree::flag, false);
            Term::Launch { at: row.time("at"), pre_order }
        }
        "hold" => Term::Hold { to: row.time("to") },
        "backorder" => Term::Backorder { depth: row.units("depth"), lead_ms: row.number("lead_ms") },
        "ship_complete" => Term::ShipComplete {},
        "no_line_split" => Term::NoLineSplit {},
        "max_shipments" => Term::MaxShipments { most: row.small("most") },
        "max_per_line" => Term::MaxPerLine { most: row.small("most") },
        "least_units" => Term::LeastUnits { units: row.units("units") },
        "least_value" => Term::LeastValue {
            rows: row.rows("rows", |row| WorthRow { sku: row.name("sku"), value: row.money("value") }),
            value: row.money("value"),
        },
        "price" => Term::Price { unit: row.money("unit"), parcel: row.money("parcel") },
        "lateness" => {
            Term::Lateness { due: row.time("due"), unit: row.money("unit"), step_ms: row.number("step_ms") }
        }
        "stand_in" => Term::StandIn {
            rows: row.rows("rows", |row| StandInRow {
                sku: row.name("sku"),
                parts: row.rows("parts", |row| Part { sku: row.name("sku"), units: row.units("units") }),
                split: row.flag("split").unwrap_or(false),
                unit: row.money("unit"),
            }),
        },
        "verdict" => Term::Verdict {
            rows: row.rows("rows", |row| VerdictRow {
                node: row.name("node"),
                sku: row.maybe_name("sku"),
                refuse: row.maybe("refuse", Tree::number),
                unit: row.money("unit"),
            }),
        },
        _ => return Err(Wrong::new("unknown term")),
    };
    row.end(Ok(term))
}

fn error_model(tree: Tree) -> Read<ErrorModel> {
    let mut row = tree.fields()?;
    let model = ErrorModel { wrong_ppm: row.number("wrong_ppm"), mean_milli: row.number("mean_milli") };
    row.end(Ok(model))
}

fn safety(row: &mut Fields) -> SafetyRow {
    SafetyRow {
        sku: row.maybe_name("sku"),
        node: row.maybe_name("node"),
        method: row.maybe_name("method"),
        on_line: row.units("on_line"),
        routing: row.units("routing"),
    }
}

fn allocation(row: &mut Fields) -> AllocationRow {
    AllocationRow {
        priority: row.maybe("priority", Tree::small).unwrap_or_default(),
        channel: row.name("channel"),
        sku: row.maybe_name("sku"),
        node: row.maybe_name("node"),
        units: row.units("units"),
        used: row.maybe_units("used").unwrap_or_default(),
        until: row.maybe_time("until"),
    }
}

fn room(row: &mut Fields) -> Room {
    Room {
        node: row.name("node"),
        from: row.maybe_time("from"),
        until: row.maybe_time("until"),
        orders: row.maybe_units("orders"),
        lines: row.maybe_units("lines"),
        units: row.maybe_units("units"),
    }
}

fn objective(row: &mut Fields) -> Objective {
    Objective {
        goals: row.rows("goals", |row| Goal {
            measure: row.read("measure", |tree| coded(tree, "measure", Measure::from_code), Measure::Cost),
            weight: row.maybe("weight", Tree::units).or(Quantity::new(1)).unwrap_or_default(),
        }),
        weighed: row.flag("weighed").unwrap_or(false),
        band_m: row.maybe("band_m", Tree::number).unwrap_or(1_000),
    }
}

fn timetable(row: &mut Fields) -> Timetable {
    Timetable {
        clocks: row.many("clocks", clock),
        calendars: row.many("calendars", calendar),
        nodes: row.rows("nodes", |row| NodeHours {
            node: row.name("node"),
            clock: row.name("clock"),
            picking: row.name("picking"),
            opening: row.maybe_name("opening"),
        }),
        carriers: row.rows("carriers", |row| CarrierHours {
            method: row.name("method"),
            node: row.maybe_name("node"),
            zone: row.maybe_name("zone"),
            calls: row.name("calls"),
            clock: row.name("clock"),
            deliveries: row.name("deliveries"),
            transit_days: row.small("transit_days"),
        }),
    }
}

fn clock(tree: Tree) -> Read<NamedClock> {
    let mut row = tree.fields()?;
    let name = row.name("name");
    let table = row.maybe("table", |tree| {
        let mut row = tree.fields()?;
        let version = row.maybe("version", Tree::text).unwrap_or_default();
        let rows = row.many("rows", |pair| {
            let (from, seconds) = pair_of(pair)?;
            Ok((from.time()?, seconds.number()?))
        });
        let until = row.maybe_time("until").unwrap_or(Time::MAX);
        row.end(OffsetTable::new(version, rows, until).map_err(|problem| Wrong::said(problem.in_words())))
    });
    row.end(table.map(|table| NamedClock { name, table }).ok_or_else(|| missing().within("table")))
}

fn calendar(tree: Tree) -> Read<NamedCalendar> {
    let mut row = tree.fields()?;
    let name = row.name("name");
    let calendar = row.maybe("calendar", |tree| {
        let mut row = tree.fields()?;
        let mut days = row.rows("week", hours).into_iter();
        let week: [Hours; 7] = core::array::from_fn(|_| days.next().unwrap_or_default());
        let holidays = row.many("holidays", holiday);
        row.end(Calendar::new(week, holidays).map_err(|problem| Wrong::said(problem.in_words())))
    });
    row.end(
        calendar.map(|calendar| NamedCalendar { name, calendar }).ok_or_else(|| missing().within("calendar")),
    )
}

fn holiday(tree: Tree) -> Read<(Day, Hours)> {
    let mut row = tree.fields()?;
    let day = row.maybe("day", |tree| tree.measure(Day::new));
    let hours = row.part("hours", hours);
    row.end(day.map(|day| (day, hours)).ok_or_else(|| missing().within("day")))
}

fn hours(row: &mut Fields) -> Hours {
    Hours {
        spans: row.many("spans", |pair| {
            let (from, to) = pair_of(pair)?;
            Ok(Span { from: from.minute()?, to: to.minute()? })
        }),
        cut_off: row.maybe("cut_off", Tree::minute),
    }
}

fn pair_of(tree: Tree) -> Read<(Tree, Tree)> {
    let mut list = tree.list()?.into_iter();
    match (list.next(), list.next(), list.next()) {
        (Some(one), Some(other), None) => Ok((one, other)),
        _ => Err(Wrong::new("expected a pair")),
    }
}
