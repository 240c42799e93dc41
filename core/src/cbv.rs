//! Our states, accounts, kinds and documents in the words of GS1's Core Business Vocabulary 2.0, and back.
//!
//! Where CBV has a word, that is what is said ([`Term::uri`]); where it has none, a URI of our own leads to the page that
//! prints our tables. Some kinds share a word (goods arrive from a supplier, on a transfer or from a customer: all are
//! `receiving`), so a word alone may read back as another kind; [`Term::own_uri`] says which it was, and always reads back as itself.
//!
//! [`WORDS`] has every business step, disposition and business transaction type of CBV 2.0, with what we read it as, and why
//! not or what is lost. Source: GS1's ontology of CBV 2.0 (`gs1/EPCIS`, `Ontology/CBV.ttl`).

use alloc::format;
use alloc::string::String;

use crate::kind::{Kind, Ledger};
use crate::place::{Outside, StockState, codes};

/// Where the words of CBV are.
const CBV: &str = "https://ref.gs1.org/cbv/";
/// Where our own words are: the page of tables has a place for each.
const OWN: &str = "https://github.com/onhand/onhand/blob/main/docs/TABLES.md#";

/// A list of words of CBV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vocabulary {
    /// What is done: business steps.
    Step,
    /// How things stand: dispositions.
    Disposition,
    /// What papers are about: business transaction types.
    Transaction,
}

impl Vocabulary {
    /// What stands before its words in a web URI, and in the older form.
    const fn prefixes(self) -> (&'static str, &'static str) {
        match self {
            Vocabulary::Step => ("BizStep-", "urn:epcglobal:cbv:bizstep:"),
            Vocabulary::Disposition => ("Disp-", "urn:epcglobal:cbv:disp:"),
            Vocabulary::Transaction => ("BTT-", "urn:epcglobal:cbv:btt:"),
        }
    }
}

/// What the subject of an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Document {
    /// An order of a customer.
    Order,
    /// A transfer between nodes.
    Transfer,
    /// The right to sell what somebody else holds.
    Lease,
    /// An order to a supplier: a dated supply.
    PurchaseOrder,
    /// The permission to send something back.
    Return,
    /// A request for approval.
    Approval,
}

codes!(Document:
    Order "order", Transfer "transfer", Lease "lease", PurchaseOrder "purchase_order", Return "return", Approval "approval",
);

impl From<Ledger> for Document {
    fn from(ledger: Ledger) -> Document {
        match ledger {
            Ledger::Order => Document::Order,
            Ledger::Transfer => Document::Transfer,
            Ledger::Lease => Document::Lease,
        }
    }
}

/// Something that we have a word for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Term {
    /// A state of stock.
    State(StockState),
    /// An account outside.
    Account(Outside),
    /// Being on the way: a location here, a disposition there.
    InTransit,
    /// A kind of event.
    Kind(Kind),
    /// A kind of document.
    Document(Document),
}

/// A word of CBV 2.0.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// The list that it is in.
    pub vocabulary: Vocabulary,
    /// The word.
    pub word: &'static str,
    /// What we read it as; `None` for what says nothing about stock.
    pub reads: Option<Term>,
    /// What is lost between the two, or why it is not read.
    pub note: &'static str,
}

const fn step(word: &'static str, kind: Kind, note: &'static str) -> Word {
    Word { vocabulary: Vocabulary::Step, word, reads: Some(Term::Kind(kind)), note }
}

const fn no_step(word: &'static str, note: &'static str) -> Word {
    Word { vocabulary: Vocabulary::Step, word, reads: None, note }
}

const fn disposition(word: &'static str, term: Term, note: &'static str) -> Word {
    Word { vocabulary: Vocabulary::Disposition, word, reads: Some(term), note }
}

const fn no_disposition(word: &'static str, note: &'static str) -> Word {
    Word { vocabulary: Vocabulary::Disposition, word, reads: None, note }
}

const fn paper(word: &'static str, document: Document, note: &'static str) -> Word {
    Word { vocabulary: Vocabulary::Transaction, word, reads: Some(Term::Document(document)), note }
}

const fn no_paper(word: &'static str, note: &'static str) -> Word {
    Word { vocabulary: Vocabulary::Transaction, word, reads: None, note }
}

const LABELS: &str = "about identifiers and labels, not about goods";
const CONTAINERS: &str = "about containers, not about what is in stock";
const ON_THE_WAY: &str = "a part of shipping or receiving that moves nothing here";
const QUALITY: &str = "the outcome of a check, which no state follows from";

/// Every word of CBV 2.0 for steps, dispositions and transactions, each list in the order of the alphabet.
pub static WORDS: &[Word] = &[
    step("accepting", Kind::Receipt, "that possession or ownership changes"),
    no_step("arriving", ON_THE_WAY),
    step("assembling", Kind::KitAssemble, ""),
    no_step("collecting", "for disposal or reuse: no stock of ours"),
    no_step("commissioning", LABELS),
    step("consigning", Kind::Ship, "that possession or ownership changes where it leaves"),
    no_step("creating_class_instance", "goods are produced: no retailer's event"),
    step("cycle_counting", Kind::Count, ""),
    no_step("decommissioning", LABELS),
    step("departing", Kind::Ship, "that staging and loading came before"),
    step("destroying", Kind::WriteOff, ""),
    step("disassembling", Kind::KitBreak, ""),
    no_step("dispensing", "a part of a unit is made available: quantities here are whole units"),
    no_step("encoding", LABELS),
    no_step("entering_exiting", "a customer at the door moves nothing that is on the book"),
    step("holding", Kind::Hold, "why: the disposition says it"),
    step("inspecting", Kind::Grade, "what came of it: the disposition says it"),
    no_step("installing", "into something that exists: no stock of ours"),
    no_step("killing", LABELS),
    no_step("loading", ON_THE_WAY),
    no_step("other", "says nothing"),
    no_step("packing", CONTAINERS),
    step("picking", Kind::Pick, ""),
    step("receiving", Kind::Receipt, ""),
    no_step("removing", "out of something that goes on: no stock of ours"),
    step("repackaging", Kind::Relabel, "that it may still be the same item"),
    no_step("repairing", "a state here (`refurbishing`), not an event"),
    no_step("replacing", "one object for another: two events here"),
    no_step("reserving", "of identifiers for somebody who labels; a claim on goods has no word there"),
    step("retail_selling", Kind::Sell, ""),
    no_step("sampling", "a part is used up for a test: a write-off with its reason, when it is told"),
    no_step("sensor_reporting", "says nothing about quantities"),
    step("shipping", Kind::Ship, ""),
    no_step("staging_outbound", ON_THE_WAY),
    step("stock_taking", Kind::Count, "that it counts for the accounts"),
    step("stocking", Kind::Relocate, "that customers or pickers reach it"),
    step("storing", Kind::Relocate, ""),
    no_step("transporting", ON_THE_WAY),
    no_step("unloading", ON_THE_WAY),
    no_step("unpacking", CONTAINERS),
    step("void_shipping", Kind::VoidShip, ""),
    no_disposition("active", LABELS),
    disposition("available", Term::State(StockState::Sellable), "that it came back into service"),
    no_disposition("completeness_inferred", CONTAINERS),
    no_disposition("completeness_verified", CONTAINERS),
    no_disposition("conformant", QUALITY),
    no_disposition("container_closed", CONTAINERS),
    no_disposition("container_open", CONTAINERS),
    disposition("damaged", Term::State(StockState::Damaged), ""),
    disposition("destroyed", Term::Account(Outside::Scrapped), ""),
    no_disposition("dispensed", "of a unit of which parts were given away: quantities here are whole units"),
    disposition(
        "disposed",
        Term::Account(Outside::Scrapped),
        "that it was handed to somebody who disposes of it",
    ),
    no_disposition("encoded", LABELS),
    disposition("expired", Term::State(StockState::Quarantined), "why: the lot says it"),
    no_disposition("in_progress", "says nothing"),
    disposition("in_transit", Term::InTransit, ""),
    no_disposition("inactive", LABELS),
    no_disposition("mismatch_class", "a finding about a delivery, not a state"),
    no_disposition("mismatch_instance", "a finding about a delivery, not a state"),
    no_disposition("mismatch_quantity", "a finding about a delivery, not a state"),
    no_disposition("needs_replacement", QUALITY),
    disposition("no_pedigree_match", Term::State(StockState::Quarantined), "why"),
    disposition("non_conformant", Term::State(StockState::Quarantined), "that a check has failed"),
    disposition(
        "non_sellable_other",
        Term::State(StockState::Quarantined),
        "that it may be sold and wait for its customer",
    ),
    no_disposition(
        "partially_dispensed",
        "of a unit of which parts were given away: quantities here are whole units",
    ),
    disposition("recalled", Term::State(StockState::Recalled), ""),
    no_disposition("reserved", "of identifiers for somebody who labels; a claim on goods has no word there"),
    disposition("retail_sold", Term::Account(Outside::Customer), ""),
    disposition("returned", Term::State(StockState::Returned), "whether it was graded"),
    disposition(
        "sellable_accessible",
        Term::State(StockState::Sellable),
        "that customers reach it: the place says it",
    ),
    disposition(
        "sellable_not_accessible",
        Term::State(StockState::Sellable),
        "that customers do not reach it: the place says it",
    ),
    disposition("stolen", Term::Account(Outside::Shrink), "how: the reason says it"),
    disposition(
        "unavailable",
        Term::State(StockState::Refurbishing),
        "that it may be out of service for other reasons than repair",
    ),
    no_disposition("unknown", "says nothing"),
    no_paper("bol", "the carrier's paper: no document of ours"),
    no_paper("cert", "says nothing about quantities"),
    paper("desadv", Document::Transfer, "that it may come from a supplier, not from a node"),
    no_paper("inv", "money, not stock"),
    no_paper("pedigree", "says nothing about quantities"),
    paper("po", Document::PurchaseOrder, ""),
    paper("poc", Document::Order, "that a seller confirmed it: a sales order there, a customer's order here"),
    no_paper("prodorder", "goods are produced: no retailer's event"),
    no_paper("recadv", "what was found at the dock: a finding here"),
    paper("rma", Document::Return, ""),
    no_paper("testprd", QUALITY),
    no_paper("testres", QUALITY),
];

/// Terms that are said by a word that reads as another term, and the words that are said where several read as one.
static SAID_AS: &[(Term, &str)] = &[
    (Term::Kind(Kind::Receipt), "receiving"),
    (Term::Kind(Kind::TransferReceive), "receiving"),
    (Term::Kind(Kind::ReturnReceive), "receiving"),
    (Term::Kind(Kind::TransferPick), "picking"),
    (Term::Kind(Kind::Ship), "shipping"),
    (Term::Kind(Kind::TransferShip), "shipping"),
    (Term::Kind(Kind::HandOver), "retail_selling"),
    (Term::Kind(Kind::Relocate), "storing"),
    (Term::State(StockState::Sellable), "sellable_accessible"),
];

/// States and accounts that CBV has no word for, though it has words that read as them: a partner's word says less than ours.
static UNSAID: &[Term] = &[Term::State(StockState::Quarantined), Term::Account(Outside::Shrink)];

impl Term {
    /// Every term.
    pub fn all() -> impl Iterator<Item = Term> {
        let states = StockState::ALL.iter().map(|state| Term::State(*state));
        let accounts = Outside::ALL.iter().map(|account| Term::Account(*account));
        let kinds = Kind::ALL.iter().map(|kind| Term::Kind(*kind));
        let documents = Document::ALL.iter().map(|document| Term::Document(*document));
        states.chain(accounts).chain([Term::InTransit]).chain(kinds).chain(documents)
    }

    /// The word of CBV that is said for it, if there is one.
    pub fn word(self) -> Option<&'static Word> {
        if UNSAID.contains(&self) {
            return None;
        }
        let said = SAID_AS.iter().find(|(term, _)| *term == self).map(|(_, word)| *word);
        WORDS.iter().find(|one| match said {
            Some(word) => one.word == word,
            None => one.reads == Some(self),
        })
    }

    /// What is said for it: the URI of the CBV word, or our own where there is none.
    ///
    /// ```
    /// use onhand::cbv::Term;
    /// use onhand::{Kind, StockState};
    /// assert_eq!(Term::Kind(Kind::TransferShip).uri(), "https://ref.gs1.org/cbv/BizStep-shipping");
    /// assert_eq!(Term::State(StockState::Damaged).uri(), "https://ref.gs1.org/cbv/Disp-damaged");
    /// let own = Term::State(StockState::Quarantined).uri();
    /// assert!(own.ends_with("docs/TABLES.md#state-quarantined"));
    /// ```
    pub fn uri(self) -> String {
        match self.word() {
            Some(word) => word.uri(),
            None => self.own_uri(),
        }
    }

    /// Our own URI for it, whether CBV has a word or not: beside that word it says which of ours it was.
    pub fn own_uri(self) -> String {
        format!("{OWN}{}", self.anchor())
    }

    /// Its place on the page of tables: `state-sellable`, `kind-sell`.
    pub fn anchor(self) -> String {
        let (section, code) = match self {
            Term::State(state) => ("state", state.code()),
            Term::Account(account) => ("account", account.code()),
            Term::InTransit => ("location", "in_transit"),
            Term::Kind(kind) => ("kind", kind.code()),
            Term::Document(document) => ("document", document.code()),
        };
        format!("{section}-{code}")
    }

    /// What a URI says: our own, a CBV word as a web URI or in the older form `urn:epcglobal:cbv:`. `None` for what we do not know
    /// or do not read.
    ///
    /// ```
    /// use onhand::Kind;
    /// use onhand::cbv::Term;
    /// let transfer = Term::Kind(Kind::TransferShip);
    /// assert_eq!(Term::read(&transfer.own_uri()), Some(transfer));
    /// assert_eq!(Term::read("urn:epcglobal:cbv:bizstep:shipping"), Some(Term::Kind(Kind::Ship)));
    /// assert_eq!(Term::read("https://ref.gs1.org/cbv/BizStep-reserving"), None);
    /// ```
    pub fn read(uri: &str) -> Option<Term> {
        if let Some(anchor) = uri.strip_prefix(OWN) {
            return Term::all().find(|term| term.anchor() == anchor);
        }
        Word::read(uri)?.reads
    }
}

impl Word {
    /// The web URI of the word.
    pub fn uri(&self) -> String {
        format!("{CBV}{}{}", self.vocabulary.prefixes().0, self.word)
    }

    /// The word that a URI names, in either form; `None` for what CBV 2.0 does not have.
    pub fn read(uri: &str) -> Option<&'static Word> {
        WORDS.iter().find(|one| {
            let (web, older) = one.vocabulary.prefixes();
            let word = uri.strip_prefix(CBV).and_then(|rest| rest.strip_prefix(web));
            word.or_else(|| uri.strip_prefix(older)) == Some(one.word)
        })
    }
}
