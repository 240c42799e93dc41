//! Claims: the small state machine of an order line, run over its own events in key order.

use alloc::vec::Vec;

use crate::dense::NONE;
use crate::kind::{ClaimMove, Kind};
use crate::name::Name;
use crate::ordered::{Gather as _, Map};
use crate::place::{StockState, codes};
use crate::stock::{Key, PositionKey};

/// Where a claim stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ClaimStatus {
    /// Nothing was ever claimed.
    #[default]
    Unknown,
    /// Units are claimed or picked.
    Open,
    /// All that was claimed has left.
    Shipped,
    /// What was claimed was given back.
    Released,
    /// The hold came to its end.
    Expired,
}

codes!(ClaimStatus: Unknown "unknown", Open "open", Shipped "shipped", Released "released", Expired "expired");

/// The moves that each status allows. As a command any other is refused (`claim_not_open`); as a fact it keeps its legs, moves no
/// claim and raises `out_of_order_move`.
pub static MOVES: &[(ClaimMove, &[ClaimStatus])] = &[
    (ClaimMove::Open, &[ClaimStatus::Unknown, ClaimStatus::Released, ClaimStatus::Expired]),
    (ClaimMove::Resize, &[ClaimStatus::Open]),
    (ClaimMove::Release, &[ClaimStatus::Open]),
    (ClaimMove::Expire, &[ClaimStatus::Open]),
    (ClaimMove::Reallocate, &[ClaimStatus::Open]),
    (ClaimMove::Pick, &[ClaimStatus::Open]),
    (ClaimMove::Unpick, &[ClaimStatus::Open]),
    (ClaimMove::Short, &[ClaimStatus::Open]),
    (ClaimMove::Ship, &[ClaimStatus::Open]),
    (ClaimMove::VoidShip, &[ClaimStatus::Open, ClaimStatus::Shipped]),
];

/// Whether [`MOVES`] allows a move.
pub fn allows(status: ClaimStatus, claim_move: ClaimMove) -> bool {
    MOVES.iter().any(|(one, from)| *one == claim_move && from.contains(&status))
}

/// An order line's claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) sku: u32,
    pub(crate) node: u32,
    /// Whose goods it is made on; 0: the company's.
    pub(crate) owner: u16,
    /// The dated supply that it is made on, or `NONE` for on hand.
    pub(crate) supply: u32,
    pub(crate) open: i64,
    pub(crate) picked: i64,
    pub(crate) shipped: i64,
    /// Open before this moment and not at it; `i64::MAX` for no end.
    pub(crate) expires: i64,
    pub(crate) status: ClaimStatus,
}

/// Something that the table of moves does not allow, as a fact did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Irregular {
    pub(crate) event: Key,
    pub(crate) line: Name,
    pub(crate) sku: u32,
    /// Units that had no claim to move.
    pub(crate) quantity: i64,
}

/// One event as one order sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) key: Key,
    pub(crate) kind: Kind,
    pub(crate) claim: ClaimMove,
    pub(crate) expires: i64,
    /// Where a transfer goes and when it is due there; `NONE` and 0 for an order.
    pub(crate) to_node: u32,
    pub(crate) due: i64,
    /// No line means every line of the order.
    pub(crate) lines: Vec<MoveLine>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MoveLine {
    pub(crate) line: Name,
    pub(crate) sku: u32,
    pub(crate) node: u32,
    /// 0: the company, or nobody is said.
    pub(crate) owner: u16,
    pub(crate) supply: u32,
    pub(crate) quantity: i64,
    pub(crate) from_picked: bool,
}

impl MoveLine {
    /// Where a claim that the line opens is summed.
    pub(crate) fn shelf(&self) -> PositionKey {
        PositionKey { owner: self.owner, ..PositionKey::plain(self.sku, self.node, StockState::Sellable) }
    }
}

impl Move {
    /// Whether it gives back what is picked too: nobody goes on with a transfer that is cancelled, and what it picked is the node's.
    fn takes_picked(&self) -> bool {
        self.kind == Kind::TransferCancel
    }

    /// Whether an order gives up by it what is staged for it, where the line says that it is about that.
    pub(crate) fn gives_up(&self) -> bool {
        matches!(self.kind, Kind::Release | Kind::ShortPick)
    }
}

/// The claims of one order, transfer or lease, and the moves since the close that they follow from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Document {
    /// Claims as they stood at the last close.
    pub(crate) base: Map<Name, Claim>,
    /// What was irregular before the last close.
    pub(crate) base_irregular: Vec<Irregular>,
    /// In key order.
    pub(crate) moves: Vec<Move>,
    /// `base` with `moves` applied.
    pub(crate) claims: Map<Name, Claim>,
    pub(crate) irregular: Vec<Irregular>,
    /// The latest word on where a transfer goes and when.
    pub(crate) to_node: Option<(u32, i64)>,
}

impl Document {
    /// When a line was opened last, as far as is kept.
    pub(crate) fn opened(&self, line: &Name) -> Option<Key> {
        let opens = self.moves.iter().rev().filter(|told| told.claim == ClaimMove::Open);
        let mut of_line = opens.filter(|told| told.lines.iter().any(|one| one.line == *line));
        of_line.next().map(|told| told.key)
    }

    /// Runs all moves again: for a move that arrived late.
    pub(crate) fn replay(&mut self) {
        self.claims = self.base.clone();
        self.irregular = self.base_irregular.clone();
        let moves = core::mem::take(&mut self.moves);
        for one in &moves {
            self.apply(one);
        }
        self.moves = moves;
    }

    /// Applies a move that comes after all others.
    pub(crate) fn apply(&mut self, one: &Move) {
        if one.to_node != NONE {
            self.to_node = Some((one.to_node, one.due));
        }
        if one.lines.is_empty() {
            let all: Vec<Name> = self.claims.keys().cloned().gather();
            for line in all {
                let Some(claim) = self.claims.get_mut(&line) else { continue };
                claim.lapse(one);
                let early = one.claim == ClaimMove::Expire && one.key.occurred < claim.expires;
                if early || !allows(claim.status, one.claim) {
                    continue;
                }
                let everything = if one.takes_picked() { claim.open + claim.picked } else { claim.open };
                let stray = claim.shift(one, everything, false);
                if stray > 0 {
                    let sku = claim.sku;
                    self.irregular.push(Irregular { event: one.key, line, sku, quantity: stray });
                }
            }
        }
        for line in &one.lines {
            self.apply_line(one, line);
        }
    }

    fn apply_line(&mut self, one: &Move, line: &MoveLine) {
        let claim = self.claims.entry_or(line.line.clone(), || Claim::unknown(line));
        claim.lapse(one);
        let stray = if !allows(claim.status, one.claim) || claim.is_elsewhere(one, line) {
            line.quantity.max(1)
        } else {
            if one.claim == ClaimMove::Open {
                // INVARIANT: a status that allows this has shipped nothing: what has shipped no longer expires.
                *claim = Claim::unknown(line);
            }
            claim.shift(one, line.quantity, line.from_picked)
        };
        let nothing = claim.status == ClaimStatus::Unknown;
        if stray > 0 {
            self.irregular.push(Irregular {
                event: one.key,
                line: line.line.clone(),
                sku: line.sku,
                quantity: stray,
            });
        }
        if nothing {
            self.claims.remove(&line.line);
        }
    }
}

impl Claim {
    /// Where claims on the shelf are summed.
    pub(crate) fn shelf(&self) -> PositionKey {
        PositionKey { owner: self.owner, ..PositionKey::plain(self.sku, self.node, StockState::Sellable) }
    }

    /// Whether a move means another item, another node or the goods of another owner than the claim is made on. What moves no goods
    /// need not say whose they are.
    pub(crate) fn is_elsewhere(&self, one: &Move, line: &MoveLine) -> bool {
        let moves = one.claim == ClaimMove::Reallocate || one.kind.row().leg.is_some();
        let says_owner = moves || line.owner != 0;
        one.claim != ClaimMove::Open
            && (self.sku != line.sku
                || (line.node != NONE && self.node != line.node)
                || (says_owner && self.owner != line.owner))
    }

    fn unknown(line: &MoveLine) -> Claim {
        Claim {
            sku: line.sku,
            node: line.node,
            owner: line.owner,
            supply: line.supply,
            open: 0,
            picked: 0,
            shipped: 0,
            expires: i64::MAX,
            status: ClaimStatus::Unknown,
        }
    }

    /// A hold whose end has come gives its open units back. Saying so ([`ClaimMove::Expire`]) is left to the move.
    fn lapse(&mut self, one: &Move) {
        if one.claim != ClaimMove::Expire && self.open > 0 && one.key.occurred >= self.expires {
            self.open = 0;
            self.settle(ClaimStatus::Expired);
        }
    }

    /// Makes a move that the table allows; answers how many units had no claim to move.
    fn shift(&mut self, one: &Move, quantity: i64, from_picked: bool) -> i64 {
        let take = |from: &mut i64, quantity: i64| {
            let taken = quantity.min(*from);
            *from -= taken;
            taken
        };
        let (moved, ended) = match one.claim {
            ClaimMove::Open => {
                self.open = quantity;
                self.expires = one.expires;
                (quantity, ClaimStatus::Released)
            }
            ClaimMove::Resize => {
                self.open = quantity;
                (quantity, ClaimStatus::Released)
            }
            // What is staged is given up where the line says so.
            _ if from_picked && one.gives_up() => (take(&mut self.picked, quantity), ClaimStatus::Released),
            ClaimMove::Release | ClaimMove::Short | ClaimMove::Reallocate => {
                let open = take(&mut self.open, quantity);
                let picked = if one.takes_picked() { take(&mut self.picked, quantity - open) } else { 0 };
                (open + picked, ClaimStatus::Released)
            }
            ClaimMove::Expire if one.key.occurred < self.expires => (0, ClaimStatus::Expired),
            ClaimMove::Expire => (take(&mut self.open, quantity), ClaimStatus::Expired),
            ClaimMove::Pick => {
                let taken = take(&mut self.open, quantity);
                self.picked += taken;
                // A pick confirms the hold: what is still open no longer ends by itself.
                self.expires = i64::MAX;
                (taken, ClaimStatus::Released)
            }
            ClaimMove::Unpick => {
                let taken = take(&mut self.picked, quantity);
                self.open += taken;
                (taken, ClaimStatus::Released)
            }
            ClaimMove::Ship => {
                let (first, second) = match from_picked {
                    true => (&mut self.picked, &mut self.open),
                    false => (&mut self.open, &mut self.picked),
                };
                let taken = take(first, quantity);
                let beside = take(second, quantity - taken);
                self.shipped += taken + beside;
                self.expires = i64::MAX;
                // What was staged for the line stays behind, for nobody, where others left the shelf in its stead.
                (taken + if from_picked { beside } else { 0 }, ClaimStatus::Shipped)
            }
            ClaimMove::VoidShip => {
                let taken = take(&mut self.shipped, quantity);
                // What is back among what is staged is picked again.
                *if from_picked { &mut self.picked } else { &mut self.open } += taken;
                (taken, ClaimStatus::Shipped)
            }
        };
        self.settle(ended);
        quantity - moved
    }

    fn settle(&mut self, ended: ClaimStatus) {
        self.status = match (self.open + self.picked > 0, self.shipped > 0) {
            (true, _) => ClaimStatus::Open,
            (false, true) if ended != ClaimStatus::Expired => ClaimStatus::Shipped,
            (false, _) => ended,
        };
    }
}
