//! The table of events: for every kind its door, what it needs, its legs and what it does to claims.
//!
//! The code runs on this table, the documentation prints it and tests walk it. A new kind is a new row.

use crate::place::{Outside, StockState, codes};
use Outside::{Conversion, CountVariance, Customer, Liquidated, Opening, Scrapped, Shrink, Supplier};
use StockState::{
    Clearance, Damaged, Liquidation, Picked, Quarantined, Recalled, Refurbishing, Returned, Sellable,
    VendorReturn,
};

/// What an event says happened, or what a command asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the table beside it says what each one is")]
pub enum Kind {
    Opening,
    Receipt,
    ReceiptCancel,
    Hold,
    ReleaseHold,
    Relocate,
    Reserve,
    Resize,
    Release,
    Expire,
    Reallocate,
    Pick,
    Unpick,
    ShortPick,
    Ship,
    VoidShip,
    HandOver,
    Sell,
    Substitute,
    TransferRequest,
    TransferApprove,
    TransferPick,
    TransferShip,
    TransferReceive,
    TransferReconcile,
    TransferCancel,
    ReturnReceive,
    Grade,
    Adjust,
    Count,
    CountExplain,
    MarkDown,
    WriteOff,
    Liquidate,
    KitAssemble,
    KitBreak,
    Relabel,
    PriceChange,
    CostChange,
    SupplyChange,
    ItemChange,
    NodeChange,
    LaneChange,
    ProtectionChange,
    ApprovalRequest,
    ApprovalGrant,
    ApprovalRefuse,
    ApprovalWithdraw,
    LeaseGrant,
    LeaseSpend,
    LeaseReturn,
    LeaseReclaim,
    ExceptionAssign,
    ExceptionResolve,
    PeriodClose,
    CatalogueChange,
    LotChange,
}

/// How an event may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Only as a fact: it happened, and is never refused for what it says about the world.
    Fact,
    /// Only as a command: checked, may be refused; what is accepted is then replayed as it stands.
    Command,
    /// Asked beforehand it is a command, reported afterwards a fact.
    Both,
}

/// Whether the kind belongs to an order, transfer or other document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// It belongs to none.
    None,
    /// It may.
    Optional,
    /// It must.
    Needed,
}

/// Whether the kind has lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// It has none.
    None,
    /// It may; without lines it means the whole of its subject.
    Optional,
    /// It must.
    Needed,
}

/// Which signs a quantity may have. Zero is accepted from a fact and moves nothing; a command of zero is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Zero or more.
    NotNegative,
    /// Either: the sign says which way the legs go.
    Signed,
}

/// A set of states of stock.
///
/// ```
/// use onhand::{StockState, kind::States};
/// let held = States::of(&[StockState::Damaged, StockState::Recalled]);
/// assert!(held.has(StockState::Recalled) && !held.has(StockState::Sellable));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct States(u16);

impl States {
    /// These.
    pub const fn of(mut states: &[StockState]) -> States {
        let mut bits = 0;
        while let [first, rest @ ..] = states {
            bits |= 1 << first.ordinal();
            states = rest;
        }
        States(bits)
    }

    /// All but these.
    const fn but(states: &[StockState]) -> States {
        States(States::of(StockState::ALL).0 & !States::of(states).0)
    }

    /// Whether a state is one of them.
    pub const fn has(self, state: StockState) -> bool {
        self.0 >> state.ordinal() & 1 == 1
    }
}

/// One end of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The node (or the line's place in it), in the line's `state`, or in this one unless the line says. What it says is one of these
    /// states: any other is refused as a command (`state_not_allowed`), and of a fact it is an exception (`out_of_order_move`).
    Here(StockState, States),
    /// The node (or the line's place in it), in the line's `to_state`, or in this one unless the line says; one of these, as above.
    Into(StockState, States),
    /// The node (or the line's place in it), always in this state.
    Always(StockState),
    /// The line's `to_place` (the node itself unless said), in the line's `state`.
    ToPlace(StockState),
    /// The transfer that the subject names, in the line's `state`; `picked` units are in transit like any other.
    Transit(StockState),
    /// The node (or the line's place in it), in the line's `to_state`, or as the units were in transit.
    Arrived(StockState),
    /// An account outside.
    Outside(Outside),
    /// Found when the quantity is added, shrink when it is taken.
    Adjustment,
}

/// The units of a line leave one end and arrive at the other; a negative quantity goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Where units leave.
    pub from: End,
    /// Where they arrive.
    pub to: End,
}

/// What an event does to the claims of its subject. Which moves a claim allows is in [`crate::claim::MOVES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimMove {
    /// Opens a claim of the line's quantity at the line's node.
    Open,
    /// Sets the open quantity.
    Resize,
    /// Gives open quantity back; of what an order has staged, where the line says `picked`, picked quantity.
    Release,
    /// Ends what is open because its time has come.
    Expire,
    /// Moves open quantity to another subject.
    Reallocate,
    /// Turns open quantity into picked.
    Pick,
    /// Turns picked quantity into open.
    Unpick,
    /// Could not be picked: gives open quantity back; of what is staged, where the line says `picked`, picked quantity.
    Short,
    /// Turns open quantity into shipped; of what is staged picked quantity first. What leaves the shelf while units are staged for the
    /// line is refused as a command, and of a fact told (`out_of_order_move`).
    Ship,
    /// Turns shipped quantity into open, or into picked where the units are back in that state.
    VoidShip,
}

/// Which documents share a space of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ledger {
    /// Orders: claims are reserved.
    Order,
    /// Transfers: claims are allocated.
    Transfer,
    /// Leases: claims are leased.
    Lease,
}

/// The parts that a kind cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the parts of an event")]
pub struct Needs {
    pub node: bool,
    pub to_node: bool,
    pub to_subject: bool,
    pub due: bool,
    pub terms: bool,
    pub asks: bool,
    pub to_state: bool,
    pub to_place: bool,
    pub to_sku: bool,
    pub reason: bool,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The kind.
    pub kind: Kind,
    /// What it is, in one sentence.
    pub says: &'static str,
    /// How it may come in.
    pub door: Door,
    /// Whether it belongs to a document, and which documents share names.
    pub subject: Subject,
    /// The documents whose claims it moves, and how.
    pub claim: Option<(Ledger, ClaimMove)>,
    /// Whether it has lines.
    pub lines: Lines,
    /// Signs of its quantities.
    pub sign: Sign,
    /// What each line moves.
    pub leg: Option<Leg>,
    /// Parts that it cannot do without. A missing reason is refused on a command and an exception on a fact.
    pub needs: Needs,
}

codes!(Ledger: Order "order", Transfer "transfer", Lease "lease");

codes!(Kind:
    Opening "opening", Receipt "receipt", ReceiptCancel "receipt_cancel", Hold "hold", ReleaseHold "release_hold", Relocate "relocate",
    Reserve "reserve", Resize "resize", Release "release", Expire "expire", Reallocate "reallocate",
    Pick "pick", Unpick "unpick", ShortPick "short_pick", Ship "ship", VoidShip "void_ship",
    HandOver "hand_over", Sell "sell", Substitute "substitute", TransferRequest "transfer_request",
    TransferApprove "transfer_approve", TransferPick "transfer_pick", TransferShip "transfer_ship",
    TransferReceive "transfer_receive", TransferReconcile "transfer_reconcile", TransferCancel "transfer_cancel",
    ReturnReceive "return_receive", Grade "grade", Adjust "adjust", Count "count", CountExplain "count_explain",
    MarkDown "mark_down", WriteOff "write_off", Liquidate "liquidate", KitAssemble "kit_assemble",
    KitBreak "kit_break", Relabel "relabel", PriceChange "price_change", CostChange "cost_change",
    SupplyChange "supply_change", ItemChange "item_change", NodeChange "node_change", LaneChange "lane_change",
    ProtectionChange "protection_change", ApprovalRequest "approval_request", ApprovalGrant "approval_grant",
    ApprovalRefuse "approval_refuse", ApprovalWithdraw "approval_withdraw", LeaseGrant "lease_grant",
    LeaseSpend "lease_spend", LeaseReturn "lease_return", LeaseReclaim "lease_reclaim",
    ExceptionAssign "exception_assign", ExceptionResolve "exception_resolve", PeriodClose "period_close",
    CatalogueChange "catalogue_change",
    LotChange "lot_change",
);

impl Kind {
    /// The row of this kind: what it is, how it may come in, and what an event of it needs. `docs/TABLES.md` prints them all.
    ///
    /// ```
    /// use onhand::{Kind, kind::Door};
    /// let row = Kind::Receipt.row();
    /// assert_eq!((row.door, row.needs.node), (Door::Fact, true));
    /// ```
    pub fn row(self) -> &'static Row {
        // INVARIANT: the table has one row for every kind, in declared order; a test walks it.
        TABLE.get(usize::from(self.ordinal())).unwrap_or(FIRST)
    }

    /// Whether a line that says a state is about a claim. Only what is fit for sale is claimed: what a transfer takes in another state
    /// leaves without one, but where it is picked it becomes what was claimed.
    pub(crate) fn claims_in(self, state: Option<StockState>) -> bool {
        let claimed = state.is_none_or(|state| matches!(state, Sellable | Picked));
        claimed || !matches!(self, Kind::TransferApprove | Kind::TransferShip | Kind::TransferCancel)
    }
}

const NO_NEEDS: Needs = Needs {
    node: false,
    to_node: false,
    to_subject: false,
    due: false,
    terms: false,
    asks: false,
    to_state: false,
    to_place: false,
    to_sku: false,
    reason: false,
};
const AT_NODE: Needs = Needs { node: true, ..NO_NEEDS };
const AT_NODE_WITH_REASON: Needs = Needs { reason: true, ..AT_NODE };
const MASTER: Needs = Needs { terms: true, ..NO_NEEDS };

/// What a table says for its readers. The modules of the package carry none of it: no page shows it.
pub(crate) const fn sentence(text: &'static str) -> &'static str {
    if cfg!(onhand_module) { "" } else { text }
}

const fn leg(from: End, to: End) -> Option<Leg> {
    Some(Leg { from, to })
}

const fn row(kind: Kind, door: Door, says: &'static str) -> Row {
    Row {
        kind,
        says: sentence(says),
        door,
        subject: Subject::Optional,
        claim: None,
        lines: Lines::Needed,
        sign: Sign::NotNegative,
        leg: None,
        needs: AT_NODE,
    }
}

/// A row about a claim of an order.
const fn claim(kind: Kind, door: Door, claim: ClaimMove, lines: Lines, says: &'static str) -> Row {
    Row {
        subject: Subject::Needed,
        claim: Some((Ledger::Order, claim)),
        lines,
        needs: NO_NEEDS,
        ..row(kind, door, says)
    }
}

/// A row about a document alone: it moves no stock.
const fn paper(kind: Kind, door: Door, says: &'static str) -> Row {
    Row { subject: Subject::Needed, lines: Lines::Optional, needs: NO_NEEDS, ..row(kind, door, says) }
}

const fn master(kind: Kind, says: &'static str) -> Row {
    // Its subject is the approval that it is made under.
    Row { lines: Lines::None, needs: MASTER, ..row(kind, Door::Both, says) }
}

const ANY: States = States::but(&[]);
/// What customers get.
const FOR_SALE: States = States::of(&[Sellable, Picked, Clearance]);
/// What stands where units are picked.
const TO_PICK: States = States::of(&[Sellable, Clearance]);
/// What is not staged.
const UNPICKED: States = States::but(&[Picked]);
/// What is set aside until somebody decides.
const HELD: States = States::of(&[Damaged, Quarantined, Recalled]);
/// What somebody may decide.
const DECIDED: States = States::but(&[Picked, Returned]);
/// What comes from a supplier and goes back.
const SUPPLIED: States = States::of(&[Sellable, Damaged, Quarantined, Recalled, VendorReturn, Clearance]);
/// What something else is made of.
const MADE: States = States::but(&[Quarantined, Recalled, VendorReturn, Liquidation]);

const SALE: Option<Leg> = leg(End::Here(Sellable, FOR_SALE), End::Outside(Customer));
const TO_PICKED: Option<Leg> = leg(End::Here(Sellable, TO_PICK), End::Always(Picked));
const MAKES: Option<Leg> = leg(End::Outside(Conversion), End::Here(Sellable, MADE));

const FIRST: &Row = &row(Kind::Opening, Door::Fact, "");

/// Every kind of event, in declared order.
pub const TABLE: &[Row] = &[
    Row {
        leg: leg(End::Outside(Opening), End::Here(Sellable, ANY)),
        sign: Sign::Signed,
        ..row(Kind::Opening, Door::Fact, "stock brought in when the book is opened")
    },
    Row {
        leg: leg(End::Outside(Supplier), End::Here(Sellable, SUPPLIED)),
        ..row(Kind::Receipt, Door::Fact, "goods arrived from a supplier")
    },
    Row {
        leg: leg(End::Here(Sellable, SUPPLIED), End::Outside(Supplier)),
        needs: AT_NODE_WITH_REASON,
        ..row(Kind::ReceiptCancel, Door::Both, "units of a receipt go back to the supplier, or never came")
    },
    Row {
        leg: leg(End::Here(Sellable, ANY), End::Into(Quarantined, HELD)),
        needs: AT_NODE_WITH_REASON,
        ..row(Kind::Hold, Door::Both, "stock is set aside: damaged, quarantined or recalled")
    },
    Row {
        leg: leg(
            End::Here(Quarantined, States::of(&[Damaged, Quarantined, Recalled, Clearance])),
            End::Into(Sellable, DECIDED),
        ),
        ..row(Kind::ReleaseHold, Door::Both, "stock set aside is released")
    },
    Row {
        leg: leg(End::Here(Sellable, ANY), End::ToPlace(Sellable)),
        needs: Needs { to_place: true, ..AT_NODE },
        ..row(Kind::Relocate, Door::Both, "stock moves between places of one node")
    },
    Row {
        needs: AT_NODE,
        ..claim(Kind::Reserve, Door::Command, ClaimMove::Open, Lines::Needed, "an order line claims stock")
    },
    claim(
        Kind::Resize,
        Door::Command,
        ClaimMove::Resize,
        Lines::Needed,
        "an order line claims another quantity",
    ),
    claim(
        Kind::Release,
        Door::Command,
        ClaimMove::Release,
        Lines::Optional,
        "an order gives its claim back, in state `picked` that on what is staged for it",
    ),
    claim(Kind::Expire, Door::Command, ClaimMove::Expire, Lines::Optional, "a hold has come to its end"),
    Row {
        needs: Needs { to_subject: true, ..AT_NODE },
        ..claim(
            Kind::Reallocate,
            Door::Command,
            ClaimMove::Reallocate,
            Lines::Needed,
            "a claim moves from one order to another at once",
        )
    },
    Row {
        subject: Subject::Optional,
        leg: TO_PICKED,
        needs: AT_NODE,
        ..claim(
            Kind::Pick,
            Door::Both,
            ClaimMove::Pick,
            Lines::Needed,
            "units are taken from the shelf for an order",
        )
    },
    Row {
        subject: Subject::Optional,
        leg: leg(End::Always(Picked), End::Into(Sellable, DECIDED)),
        needs: AT_NODE,
        ..claim(
            Kind::Unpick,
            Door::Both,
            ClaimMove::Unpick,
            Lines::Needed,
            "picked units go back to the shelf",
        )
    },
    Row {
        needs: AT_NODE_WITH_REASON,
        ..claim(
            Kind::ShortPick,
            Door::Both,
            ClaimMove::Short,
            Lines::Needed,
            "units to be picked for an order, or in state `picked` units staged for it, were not found; the line's quantity is what was missing",
        )
    },
    Row {
        subject: Subject::Optional,
        leg: SALE,
        needs: AT_NODE,
        ..claim(Kind::Ship, Door::Both, ClaimMove::Ship, Lines::Needed, "units leave for the customer")
    },
    Row {
        subject: Subject::Optional,
        leg: leg(End::Outside(Customer), End::Here(Sellable, FOR_SALE)),
        needs: AT_NODE,
        ..claim(
            Kind::VoidShip,
            Door::Both,
            ClaimMove::VoidShip,
            Lines::Needed,
            "a shipment is cancelled: the units are back where they left",
        )
    },
    Row {
        subject: Subject::Optional,
        leg: leg(End::Here(Picked, FOR_SALE), End::Outside(Customer)),
        needs: AT_NODE,
        ..claim(
            Kind::HandOver,
            Door::Both,
            ClaimMove::Ship,
            Lines::Needed,
            "units are handed over at the counter",
        )
    },
    Row { leg: SALE, ..row(Kind::Sell, Door::Fact, "a till sold units") },
    Row {
        needs: Needs { to_sku: true, ..NO_NEEDS },
        ..claim(
            Kind::Substitute,
            Door::Both,
            ClaimMove::Release,
            Lines::Needed,
            "an order line is filled with another item: its claim on the first ends",
        )
    },
    Row {
        needs: Needs { to_node: true, ..AT_NODE },
        ..paper(Kind::TransferRequest, Door::Command, "a node asks another for stock")
    },
    Row {
        subject: Subject::Needed,
        claim: Some((Ledger::Transfer, ClaimMove::Open)),
        needs: Needs { to_node: true, ..AT_NODE },
        ..row(Kind::TransferApprove, Door::Command, "a transfer claims stock at its origin")
    },
    Row {
        subject: Subject::Needed,
        claim: Some((Ledger::Transfer, ClaimMove::Pick)),
        leg: TO_PICKED,
        ..row(Kind::TransferPick, Door::Both, "units are taken from the shelf for a transfer")
    },
    Row {
        subject: Subject::Needed,
        claim: Some((Ledger::Transfer, ClaimMove::Ship)),
        leg: leg(End::Here(Sellable, ANY), End::Transit(Sellable)),
        needs: Needs { to_node: true, ..AT_NODE },
        ..row(
            Kind::TransferShip,
            Door::Both,
            "units leave for another node and are in transit; what is not sellable needs no claim",
        )
    },
    Row {
        subject: Subject::Needed,
        leg: leg(End::Transit(Sellable), End::Arrived(Sellable)),
        ..row(Kind::TransferReceive, Door::Fact, "units in transit arrive at a node")
    },
    Row {
        subject: Subject::Needed,
        leg: leg(End::Transit(Sellable), End::Outside(Shrink)),
        sign: Sign::Signed,
        needs: AT_NODE_WITH_REASON,
        ..row(Kind::TransferReconcile, Door::Command, "units that left and never arrived are explained")
    },
    Row {
        claim: Some((Ledger::Transfer, ClaimMove::Release)),
        ..paper(
            Kind::TransferCancel,
            Door::Command,
            "what a transfer has not shipped is given back, picked or not",
        )
    },
    Row {
        leg: leg(End::Outside(Customer), End::Here(Returned, UNPICKED)),
        ..row(Kind::ReturnReceive, Door::Fact, "a customer brought units back")
    },
    Row {
        leg: leg(
            End::Here(Returned, States::of(&[Returned, Refurbishing, VendorReturn, Liquidation])),
            End::Into(Sellable, UNPICKED),
        ),
        needs: Needs { to_state: true, ..AT_NODE },
        ..row(Kind::Grade, Door::Both, "returned units are graded into a state")
    },
    Row {
        leg: leg(End::Adjustment, End::Here(Sellable, ANY)),
        sign: Sign::Signed,
        needs: AT_NODE_WITH_REASON,
        ..row(Kind::Adjust, Door::Both, "the record is corrected by a signed quantity")
    },
    row(Kind::Count, Door::Fact, "units were counted: the quantity at that moment was this"),
    Row {
        leg: leg(End::Adjustment, End::Outside(CountVariance)),
        sign: Sign::Signed,
        needs: AT_NODE_WITH_REASON,
        ..row(Kind::CountExplain, Door::Command, "a part of the count variance is explained")
    },
    Row {
        leg: leg(End::Here(Sellable, States::of(&[Sellable, Damaged, Clearance])), End::Always(Clearance)),
        needs: AT_NODE_WITH_REASON,
        ..row(Kind::MarkDown, Door::Both, "units are marked down to clearance")
    },
    Row {
        leg: leg(End::Here(Sellable, ANY), End::Outside(Scrapped)),
        needs: AT_NODE_WITH_REASON,
        ..row(Kind::WriteOff, Door::Both, "units are destroyed or given away")
    },
    Row {
        leg: leg(
            End::Here(Liquidation, States::of(&[Sellable, Damaged, Returned, Liquidation, Clearance])),
            End::Outside(Liquidated),
        ),
        ..row(Kind::Liquidate, Door::Both, "units are sold to a liquidator")
    },
    Row {
        leg: MAKES,
        sign: Sign::Signed,
        ..row(
            Kind::KitAssemble,
            Door::Both,
            "kits are made: components are negative lines, the kit a positive one",
        )
    },
    Row {
        leg: MAKES,
        sign: Sign::Signed,
        ..row(
            Kind::KitBreak,
            Door::Both,
            "kits are taken apart: the kit is a negative line, components positive ones",
        )
    },
    Row {
        leg: MAKES,
        sign: Sign::Signed,
        needs: AT_NODE_WITH_REASON,
        ..row(Kind::Relabel, Door::Both, "units become another item: a negative line and a positive one")
    },
    row(Kind::PriceChange, Door::Both, "an item has a new price at a node"),
    row(Kind::CostChange, Door::Both, "an item has a new cost at a node"),
    Row {
        subject: Subject::Needed,
        needs: Needs { due: true, ..AT_NODE },
        ..row(
            Kind::SupplyChange,
            Door::Both,
            "a purchase order says how much is to come and when; the latest word holds, its lines of one item add up, zero cancels",
        )
    },
    master(Kind::ItemChange, "an item is created or changed"),
    master(Kind::NodeChange, "a node is created or changed"),
    master(Kind::LaneChange, "the way from a node to a zone is created or changed"),
    master(Kind::ProtectionChange, "how much of an item is not promised is changed"),
    // What else it needs is what the kind that it asks for needs.
    Row {
        sign: Sign::Signed,
        needs: Needs { asks: true, reason: true, ..NO_NEEDS },
        ..paper(
            Kind::ApprovalRequest,
            Door::Command,
            "somebody asks for approval of what the lines and the reason say",
        )
    },
    paper(Kind::ApprovalGrant, Door::Command, "an approval is granted"),
    paper(Kind::ApprovalRefuse, Door::Command, "an approval is refused"),
    paper(Kind::ApprovalWithdraw, Door::Command, "a request for approval is withdrawn"),
    Row {
        subject: Subject::Needed,
        claim: Some((Ledger::Lease, ClaimMove::Open)),
        ..row(Kind::LeaseGrant, Door::Command, "an edge or channel gets the right to sell units")
    },
    Row {
        subject: Subject::Needed,
        claim: Some((Ledger::Lease, ClaimMove::Release)),
        ..row(
            Kind::LeaseSpend,
            Door::Both,
            "the holder of a lease has sold units of it: their claim ends, and the sale is told besides",
        )
    },
    Row {
        claim: Some((Ledger::Lease, ClaimMove::Release)),
        ..paper(Kind::LeaseReturn, Door::Command, "the holder gives leased units back")
    },
    Row {
        claim: Some((Ledger::Lease, ClaimMove::Expire)),
        ..paper(Kind::LeaseReclaim, Door::Command, "the owner takes back a lease that has ended")
    },
    paper(Kind::ExceptionAssign, Door::Command, "an exception is given to somebody"),
    paper(Kind::ExceptionResolve, Door::Command, "an exception is resolved"),
    Row {
        subject: Subject::None,
        lines: Lines::None,
        needs: Needs { due: true, ..AT_NODE },
        ..row(Kind::PeriodClose, Door::Command, "the books of a node are closed through a moment")
    },
    Row {
        lines: Lines::Optional,
        ..master(Kind::CatalogueChange, "a card of the catalogue is written, changed or closed")
    },
    master(
        Kind::LotChange,
        "a lot gets a day on which it expires, is recalled at all nodes at once, or is released",
    ),
];
