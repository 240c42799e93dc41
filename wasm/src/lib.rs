//! Translates between JavaScript and the crate `onhand`; decides nothing.
//!
//! Events, commands and readings cross as JSON text, bulk also as rows of bytes, and what is asked often as numbers. An `Err` here
//! is a misuse that the package has not caught (a refusal is an ordinary answer) and reaches JavaScript as an exception.

#[cfg(feature = "floor")]
mod floor;
mod reader;
#[cfg(feature = "rules")]
mod rules;
#[cfg(feature = "floor")]
mod trail;
#[cfg_attr(
    not(feature = "promising"),
    allow(dead_code, reason = "a module without promising asks little in numbers")
)]
mod words;

use onhand::catalogue::Catalogue;
#[cfg(feature = "promising")]
use onhand::promise::RequestRefused;
use onhand::rows::NameKind;
use onhand::{Answer, Book, Event, Image, InWords, Outcome, Time, to_json};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::reader::Reader;

/// As quick as the allocator of the standard library, in two kilobytes less.
#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Version of the binding; the package refuses a module of another one.
#[wasm_bindgen]
pub fn binding_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// What reaches JavaScript as an exception.
pub struct Misuse(String);

impl<E: InWords> From<E> for Misuse {
    fn from(error: E) -> Misuse {
        Misuse(error.in_words())
    }
}

impl From<Misuse> for JsValue {
    fn from(misuse: Misuse) -> JsValue {
        JsError::new(&misuse.0).into()
    }
}

/// A book behind a handle.
#[wasm_bindgen]
#[derive(Default)]
pub struct Engine {
    held: Held,
    /// What the engine was told of master data. No snapshot carries it: who restores one tells it again, and the book answers
    /// that it was here before.
    catalogue: Catalogue,
    /// The answer of [`Engine::available`], read in place: what is asked most often gets no memory of its own.
    shelf: [f64; 8],
    /// Where JavaScript writes a batch of text.
    text: Vec<u8>,
    #[cfg(feature = "promising")]
    desk: words::Desk,
}

/// What an engine holds.
struct Held {
    book: Book,
    /// What was loaded and not changed since: it takes the place of `book` until something needs all of it.
    image: Option<Image>,
}

impl Default for Held {
    fn default() -> Held {
        Held::of(Book::new())
    }
}

impl Held {
    fn of(book: Book) -> Held {
        Held { book, image: None }
    }

    /// The whole book.
    fn whole(&mut self) -> &mut Book {
        if let Some(image) = self.image.take() {
            self.book = image.into_book();
        }
        &mut self.book
    }

    /// A book in which these items are.
    fn with(&mut self, skus: &[&str]) -> &Book {
        match &mut self.image {
            Some(image) => image.with(skus),
            None => &self.book,
        }
    }
}

#[wasm_bindgen]
impl Engine {
    /// An engine with an empty book.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Engine {
        Engine::default()
    }

    /// Puts the book of a snapshot in the place of the one held; if it is not to be had, nothing changes.
    pub fn load(&mut self, snapshot: Vec<u8>) -> Result<(), Misuse> {
        let image = Image::open(snapshot)?;
        self.held = Held { image: Some(image), book: Book::new() };
        Ok(())
    }

    /// Tells an event: posts a fact (0), checks an intent and applies it (1), or says what would be answered to an intent (2).
    pub fn tell(&mut self, how: u8, event: &str) -> Result<String, Misuse> {
        let event = Event::from_json(event)?;
        let book = self.held.whole();
        let (accepted, answer) = match how {
            0 => answered(book.evolve(&event)),
            1 => answered(book.execute(&event)),
            _ => (false, Answer(book.decide(&event)).to_json()),
        };
        if accepted {
            self.catalogue.note(&event);
        }
        Ok(answer)
    }

    /// Answers what is asked now and then: see [`Engine::asked`].
    pub fn ask(&mut self, door: u8, numbers: &[f64], names: &str) -> Result<String, Misuse> {
        understood(self.asked(door, &mut Reader::new(numbers, names), names))
    }

    /// Makes room for a text of so many bytes: JavaScript writes it in place. Its address.
    pub fn text_at(&mut self, length: usize) -> usize {
        self.text.resize(length, 0);
        self.text.as_ptr().addr()
    }

    /// Posts a JSON array of facts of which so many bytes, in UTF-8, were written there.
    pub fn apply_json(&mut self, length: usize) -> Result<String, Misuse> {
        let catalogue = &mut self.catalogue;
        let text = core::mem::take(&mut self.text);
        let text = understood(core::str::from_utf8(text.get(..length).unwrap_or_default()).ok())?;
        let batch = self.held.whole().evolve_json_noting(text, &mut |event| catalogue.note(event));
        Ok(to_json(&batch?))
    }

    /// Posts rows; answers rows, posted, replayed, parked, turned away, first turned away and exceptions.
    pub fn apply_rows(&mut self, rows: &[u8]) -> Vec<u32> {
        let batch = self.held.whole().evolve_rows(rows);
        vec![
            batch.rows,
            batch.posted,
            batch.replayed,
            batch.parked,
            batch.turned_away,
            batch.first_turned_away,
            batch.exceptions,
        ]
    }

    /// The number of a name: new if it has none yet, or 2^32 - 1 where none is to be made.
    pub fn number_of(&mut self, kind: u8, name: &str, make: bool) -> Result<u32, Misuse> {
        let kind = understood(name_kind(kind.into()))?;
        let skus = if kind == NameKind::Sku { core::slice::from_ref(&name) } else { &[] };
        match make {
            true => Ok(self.held.whole().intern(kind, name)?),
            false => Ok(self.held.with(skus).number_of(kind, name)),
        }
    }

    /// Availability by number: where in memory the fields of an availability are, in order, or 0 for nothing.
    pub fn available(&mut self, sku: u32, node: u32, now: f64) -> *const f64 {
        let now = words::integer(now).and_then(Time::new);
        match now.and_then(|now| self.held.with(&[]).availability_by_number(sku, node, now)) {
            Some(shelf) => {
                self.shelf = words::availability(&shelf);
                self.shelf.as_ptr()
            }
            None => core::ptr::null(),
        }
    }

    /// SHA-256 of the canonical form.
    pub fn digest(&self) -> Vec<u8> {
        self.held.image.as_ref().map_or_else(|| self.held.book.digest(), Image::digest).to_vec()
    }

    /// The whole book as bytes.
    pub fn snapshot(&self) -> Vec<u8> {
        self.held.image.as_ref().map_or_else(|| self.held.book.snapshot(), |image| image.as_bytes().to_vec())
    }

    /// Events accepted since the book began.
    pub fn version(&self) -> f64 {
        let version = self.held.image.as_ref().map_or_else(|| self.held.book.version(), Image::version);
        words::number(i64::try_from(version).unwrap_or(i64::MAX))
    }

    /// Traps, so that tests see what the package does with an engine that is lost.
    pub fn trap(&self) {
        core::hint::black_box(None::<u32>).expect("planted trap");
    }
}

impl Engine {
    /// What is asked by its door, whose number is that of the package; `None` for a question that is malformed. The names are the text that
    /// the words have them from, for what may have a line break itself.
    fn asked(&mut self, door: u8, words: &mut Reader<'_>, names: &str) -> Option<String> {
        Some(match door {
            0 => {
                let (sku, now) = (words.text()?, words.time()?);
                to_json(&self.held.with(&[sku]).availability_everywhere(sku, now))
            }
            1 => to_json(&self.held.whole().exceptions(words.time()?)),
            // The claims that the stock of an item at a node no longer covers.
            2 => {
                let (sku, node, now) = (words.text()?, words.text()?, words.time()?);
                to_json(&self.held.with(&[sku]).losing_claims(sku, node, now))
            }
            3 => {
                let sku = words.text()?;
                to_json(&self.held.with(&[sku]).positions(sku))
            }
            // The supply of an item that a node expects.
            4 => {
                let (sku, node) = (words.text()?, words.text()?);
                to_json(&self.held.with(&[sku]).dated_supply(sku, node))
            }
            // What a scanned code means, or why it means nothing.
            5 => Answer(self.catalogue.scan(names, words.time()?)).to_json(),
            // How many of a kit can be had at a node, or why it is none.
            6 => {
                let (sku, node, now) = (words.name()?, words.name()?, words.time()?);
                let parts = self.catalogue.expand(&sku, 1, now).unwrap_or_default();
                let items: Vec<&str> =
                    parts.iter().map(|(part, _)| part.as_str()).chain([sku.as_str()]).collect();
                let book = self.held.with(&items);
                Answer(self.catalogue.kit_availability(book, &sku, &node, now)).to_json()
            }
            // The name behind a number.
            7 => {
                let (kind, number) = (name_kind(words.id()?)?, words.id()?);
                to_json(&self.held.with(&[]).name_of(kind, number))
            }
            #[cfg(feature = "floor")]
            13 => floor::counted(words)?,
            #[cfg(feature = "promising")]
            _ => return self.asked_of_promises(door, words),
            #[cfg(not(feature = "promising"))]
            _ => return None,
        })
    }
}

#[cfg(feature = "promising")]
#[wasm_bindgen]
impl Engine {
    /// What may be sold of an item at each node, in the order in which nodes came, and before it whether that is so at every moment
    /// until the book changes: the address, or 0 for nothing.
    pub fn available_by_node(&mut self, sku: u32, now: f64) -> usize {
        let now = words::integer(now).and_then(Time::new);
        let units = now.and_then(|now| self.held.with(&[]).available_by_node(sku, now));
        units.map_or(0, |(units, always)| self.desk.column(always, &units))
    }

    /// A number that is another one whenever what `available_by_node` says at every moment, or the list of nodes, may be another.
    pub fn item_stamp(&mut self, sku: u32) -> f64 {
        // INVARIANT: it is below 2^53.
        self.held.with(&[]).item_stamp(sku).map_or(-1.0, |stamp| stamp as f64)
    }

    /// Known nodes in the order of their names: how many, their numbers, their places among the nodes. The address of that.
    pub fn nodes_by_name(&mut self) -> usize {
        self.desk.columns(&self.held.with(&[]).nodes_by_name())
    }

    /// Where JavaScript writes questions of promising.
    pub fn question_at(&self) -> usize {
        self.desk.address()
    }

    /// A promise in numbers (see [`words`]): answers the question of so many numbers at its place. The address of the answer, good
    /// until the next call; 0 for a question that is malformed.
    pub fn promise(&mut self, length: usize) -> usize {
        let Some(question) = self.desk.question(length) else { return 0 };
        let book = self.held.with(&[]);
        #[cfg(not(feature = "rules"))]
        let plan = book.plan(&question);
        #[cfg(feature = "rules")]
        let plan = book.plan_at_once(&question).transpose().unwrap_or_else(|| {
            let no_rules = onhand::promise::Rulebook::default();
            let answered = book.plan_under_with(&no_rules, &question, None, &[], None, None);
            answered.map(|(under, _)| under.plan)
        });
        self.desk.answer(book, &plan)
    }
}

/// With rules, these are asked under a rulebook that says nothing: it answers the same, and the module needs one way to the answer.
#[cfg(all(feature = "promising", not(feature = "rules")))]
#[wasm_bindgen]
impl Engine {
    /// A promise on a changed view.
    pub fn promise_if(&mut self, length: usize, changes: &[f64]) -> usize {
        let changes = words::changes(&mut Reader::new(changes, ""));
        let Some((question, changes)) = self.desk.question(length).zip(changes) else {
            return 0;
        };
        let book = self.held.with(&[]);
        let plan = book.overlay(&changes).and_then(|overlay| book.plan_if(&question, &overlay));
        self.desk.answer(book, &plan)
    }

    /// A promise and how sure it is, in numbers: see [`words`]. The address of the answer, as [`Engine::promise`].
    pub fn promise_surely(&mut self, length: usize, risk: &[f64]) -> usize {
        let risk = words::risk(&mut Reader::new(risk, ""));
        let Some((question, risk)) = self.desk.question(length).zip(risk) else { return 0 };
        let book = self.held.with(&[]);
        self.desk.sure_answer(book, book.plan_surely(&question, &risk))
    }

    /// A promise to an order that holds claims, in numbers. The address of the answer, as [`Engine::promise`].
    pub fn promise_again(&mut self, length: usize, order: &str) -> Result<usize, Misuse> {
        let Some(question) = self.desk.question(length) else { return Ok(0) };
        let book = self.held.with(&[]);
        let overlay = book.given_back(&onhand::Name::new(order)?, question.now);
        Ok(self.desk.answer(book, &book.plan_if(&question, &overlay)))
    }
}

#[cfg(feature = "promising")]
impl Engine {
    fn asked_of_promises(&mut self, door: u8, words: &mut Reader<'_>) -> Option<String> {
        Some(match door {
            // Available to promise, in numbers: see [`words`]. None where the book knows the item or the node not.
            8 => {
                let (sku, node) = (words.text()?, words.text()?);
                let (now, rule, demand) = words::rule(words)?;
                let atp = self.held.with(&[sku]).atp(sku, node, now, &rule, &demand);
                to_json(&atp.map_or_else(Vec::new, |atp| words::buckets(&atp)))
            }
            // Open promises, a page at a time; the page begins after an order and line, where they are given.
            9 => {
                let (order, line) = (words.maybe_name()?, words.maybe_name()?);
                let after =
                    order.as_ref().zip(line.as_ref()).map(|(order, line)| (order.as_str(), line.as_str()));
                let (most, now) = (words.place()?, words.time()?);
                told(self.held.whole().open_promises(after, most, now).map(|page| to_json(&page)))
            }
            // Deals out anew what there is of an item at a node.
            10 => {
                let (sku, node, now) = (words.text()?, words.text()?, words.time()?);
                let wants = words.list(words::want)?;
                let dealt = self.held.with(&[sku]).redistribute(sku, node, now, &wants);
                told(dealt.map(|dealt| to_json(&dealt)))
            }
            // Where to look for one item and in which order.
            #[cfg(not(feature = "rules"))]
            11 => {
                let (question, risk) = (self.desk.question(words.place()?)?, words::risk(words)?);
                told(self.held.with(&[]).tries_of(&question, &risk).map(|tries| to_json(&tries)))
            }
            // What would have made a promise hold or cheaper.
            #[cfg(not(feature = "rules"))]
            12 => {
                let (question, (wish, steps_max)) =
                    (self.desk.question(words.place()?)?, words::wish(words)?);
                let answer = self.held.with(&[]).counterfactual_of(&question, wish, steps_max);
                told(answer.map(|answer| to_json(&answer)))
            }
            _ => return None,
        })
    }
}

fn understood<T>(answer: Option<T>) -> Result<T, Misuse> {
    answer.ok_or_else(|| Misuse("question is malformed".to_owned()))
}

/// Whether it was accepted, and the answer.
fn answered(outcome: Result<Outcome, impl Serialize>) -> (bool, String) {
    (outcome.is_ok(), Answer(outcome).to_json())
}

/// An answer, or the code of the refusal: what a refusal names, JavaScript knows.
#[cfg(feature = "promising")]
fn told(answer: Result<String, RequestRefused>) -> String {
    answer.unwrap_or_else(|refused| to_json(&refused.code()))
}

fn name_kind(kind: u32) -> Option<NameKind> {
    Some(match kind {
        0 => NameKind::Source,
        1 => NameKind::Sku,
        2 => NameKind::Node,
        3 => NameKind::Word,
        4 => NameKind::Supply,
        _ => return None,
    })
}

#[cfg(feature = "floor")]
fn time(millis: f64) -> Result<Time, Misuse> {
    let time = words::integer(millis).and_then(Time::new);
    time.ok_or_else(|| Misuse("time is out of range".to_owned()))
}
