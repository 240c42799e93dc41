/** What the package takes and answers: measures, events, and what becomes of them. */
import type { Terms } from "./terms.js";

export type * from "./offers.js";
export type * from "./terms.js";

/** A whole number of the item's base unit, within the safe integers and at most 10^11. */
export type Quantity = number;
/** Milliseconds of UTC since 1970: what `Date.now()` answers. */
export type Millis = number;
/** Minor units (cents) of the node's currency. */
export type Money = number;

/** Fitness of a unit. */
export type StockState =
  | "sellable" | "picked" | "damaged" | "quarantined" | "recalled" | "returned"
  | "refurbishing" | "vendor_return" | "liquidation" | "clearance";

/** What an event says happened, or what a command asks for. */
export type Kind =
  | "opening" | "receipt" | "receipt_cancel" | "hold" | "release_hold" | "relocate" | "reserve" | "resize" | "release" | "expire"
  | "reallocate" | "pick" | "unpick" | "short_pick" | "ship" | "void_ship" | "hand_over" | "sell" | "substitute"
  | "transfer_request" | "transfer_approve" | "transfer_pick" | "transfer_ship" | "transfer_receive"
  | "transfer_reconcile" | "transfer_cancel" | "return_receive" | "grade" | "adjust" | "count" | "count_explain"
  | "mark_down" | "write_off" | "liquidate" | "kit_assemble" | "kit_break" | "relabel" | "price_change"
  | "cost_change" | "supply_change" | "item_change" | "node_change" | "lane_change" | "protection_change"
  | "approval_request" | "approval_grant" | "approval_refuse" | "approval_withdraw" | "lease_grant" | "lease_spend"
  | "lease_return" | "lease_reclaim" | "exception_assign" | "exception_resolve" | "period_close"
  | "catalogue_change" | "lot_change";

/** One item of an event. */
export interface Line {
  /** The item. */
  readonly sku: string;
  /** Signed where the kind says so (`opening`, `adjust`, kits). */
  readonly quantity: Quantity;
  /** The order line; the SKU unless said. */
  readonly line?: string;
  /** The node of this line, where an event touches several. */
  readonly node?: string;
  /** Whose goods; the company's own unless said. */
  readonly owner?: string;
  /** The lot; none unless the item asks for lots. `unassigned` is the same as none. */
  readonly lot?: string;
  /** The place inside the node: shelf, back room, bin. */
  readonly place?: string;
  /** The place it moves to. */
  readonly toPlace?: string;
  /** The state it is in; the kind's own unless said. */
  readonly state?: StockState;
  /** The state it moves to. */
  readonly toState?: StockState;
  /** The item that takes its place: substitution and relabelling. */
  readonly toSku?: string;
  /** The dated supply received against, or claimed. */
  readonly supply?: string;
  /** What an intent was granted when it was accepted in part; no part of the content. */
  readonly granted?: Quantity;
  /** What an intent was bound to by lots: the units of the whole line on its first part, zero on the others. */
  readonly bound?: Quantity;
  /** Money of the whole line: price taken, cost paid, what a markdown takes off. */
  readonly value?: Money;
  /** Catch weight of the whole line. */
  readonly grams?: Quantity;
  /** The pack or recipe version that the source counted in; the quantity is in base units all the same. */
  readonly pack?: string;
}

/** What every event says. */
export interface EventBase {
  /** Who says so: a till, a device, a system. */
  readonly source: string;
  /** What the source calls this event: a number that it gives once, or a text. */
  readonly id: number | string;
  /** When it happened; for a command its `now`. */
  readonly occurred: Millis;
  /** When it was written down; no part of the content. */
  readonly recorded?: Millis;
  /** The person or program that did it; the source itself unless said. */
  readonly actor?: string;
  /** In which role, as the company calls it. */
  readonly role?: string;
  /** The sales channel. */
  readonly channel?: string;
  /** Why, in the company's own list of reasons. */
  readonly reason?: string;
}

/** Kinds that change master data. */
export type MasterKind = "item_change" | "node_change" | "lane_change" | "protection_change" | "catalogue_change" | "lot_change";

/** A change of master data. */
export interface MasterEvent extends EventBase {
  /** Which part of the master data changes. */
  readonly kind: MasterKind;
  /** The data, whole. */
  readonly terms: Terms;
  /** The approval that it is made under. */
  readonly subject?: string;
  /** For a card: the moment from which it holds, `occurred` unless said. */
  readonly due?: Millis;
  /** For a card: the components of a kit, the items of a promotion. */
  readonly lines?: readonly Line[];
}

/** A period close: the books of the node are closed through `due`, which is no later than `occurred`. */
export interface CloseEvent extends EventBase {
  /** A close. */
  readonly kind: "period_close";
  /** The node whose books are closed. */
  readonly node: string;
  /** The last moment of the period. */
  readonly due: Millis;
}

/** Every other event or command. */
export interface StockEvent extends EventBase {
  /** What happened, or what is wanted. */
  readonly kind: Exclude<Kind, MasterKind | "period_close">;
  /** The node where it happened; a line may say another. */
  readonly node?: string;
  /** The node it goes to: the destination of a transfer. */
  readonly toNode?: string;
  /** The order, transfer, purchase order or lease. */
  readonly subject?: string;
  /** The order that a reallocated claim goes to. */
  readonly toSubject?: string;
  /** When a hold ends: it is open before this moment and not at it. */
  readonly expires?: Millis;
  /** When supply is due or demand is needed. */
  readonly due?: Millis;
  /** For a request for approval: the kind of the event that somebody wants to do. */
  readonly asks?: Kind;
  /** For a request for approval of master data: the data. */
  readonly terms?: Terms;
  /** May be accepted in part. */
  readonly partial?: boolean;
  /** What it moves, item by item. */
  readonly lines?: readonly Line[];
}

/** A fact or a command: narrow it by `kind`. */
export type OnhandEvent = MasterEvent | CloseEvent | StockEvent;

/** What contradicts the book: each code has its meaning in `dist/TABLES.md` and a sentence in `onhand/explain`. */
export type ExceptionCode =
  | "deficit" | "received_before_shipped" | "overcommitted" | "out_of_order_move" | "count_variance" | "reason_due"
  | "prior_period" | "too_old" | "unknown_sku" | "unknown_node" | "receipt_without_order" | "over_returned";

/** A claim that the stock no longer covers. */
export interface LosingClaim {
  /** Whether it is reserved, allocated or leased. */
  readonly ledger: "order" | "transfer" | "lease";
  /** The order, transfer or lease. */
  readonly subject: string;
  /** Its line. */
  readonly line: string;
  /** Units that it loses. */
  readonly units: number;
}

/** A contradiction between what happened and the book, with its facts. */
export interface OpenException {
  /** What contradicts the book. */
  readonly code: ExceptionCode;
  /** The item. */
  readonly sku?: string;
  /** The node, or the transfer for units in transit. */
  readonly location?: string;
  /** The place inside the node. */
  readonly place?: string;
  /** The lot, where there is one. */
  readonly lot?: string;
  /** The owner, where it is not the company. */
  readonly owner?: string;
  /** The state of the stock. */
  readonly state?: StockState;
  /** The order, transfer or lease; for what was received, the order or notice that was named. */
  readonly subject?: string;
  /** Its line. */
  readonly line?: string;
  /** Who said the event that it is about. */
  readonly source?: string;
  /** The id of that event. */
  readonly id?: number | string;
  /** Units, as the code says. */
  readonly quantity: number;
}

/** An event that was accepted, now or before. */
export interface Accepted {
  /** It was accepted. */
  readonly ok: true;
  /** The same event was here before: nothing changed. */
  readonly replayed: boolean;
  /** Where it stands: `parked` waits for master data, `prior_period` came after its close and was posted, `too_old` waits for a person. */
  readonly standing: "posted" | "parked" | "prior_period" | "too_old" | "already_settled";
  /** What was granted of each line, where an intent was accepted in part. */
  readonly granted?: readonly { readonly line: string; readonly quantity: Quantity }[];
  /** Contradictions that it opened or made worse, wherever they are; of master data with those of the facts that waited for it. */
  readonly exceptions: readonly OpenException[];
}

/** What an intent asks for and what there is of it, of an item at a node. */
export interface Shortage {
  /** The item. */
  readonly sku: string;
  /** The node, or the transfer. */
  readonly location: string;
  /** The state that units are asked for in. */
  readonly state: StockState;
  /** The dated supply that is asked for; absent for what is on hand. */
  readonly supply?: string;
  /** Whose goods are short, where they are not the company's. */
  readonly owner?: string;
  /** Units that there are. */
  readonly available: number;
  /** Units asked for, all lines of the intent together. */
  readonly requested: number;
}

/** Why a fact was not acknowledged; it stays with its source. */
export type TurnedAway =
  | { readonly ok: false; readonly code: "malformed"; readonly field: string; readonly line?: number; readonly problem: string; readonly value?: number }
  | { readonly ok: false; readonly code: "id_conflict" }
  | { readonly ok: false; readonly code: "over_limit"; readonly limit: string; readonly max: number };

/** Why an intent is refused, with the numbers to act on. */
export type Refused =
  | TurnedAway
  | { readonly ok: false; readonly code: "fact_only"; readonly kind: Kind }
  | { readonly ok: false; readonly code: "quantity_is_zero"; readonly line: string }
  | { readonly ok: false; readonly code: "reason_missing" }
  | { readonly ok: false; readonly code: "already_expired"; readonly expires: Millis }
  | { readonly ok: false; readonly code: "unknown_node"; readonly node: string }
  | { readonly ok: false; readonly code: "unknown_sku"; readonly sku: string }
  | { readonly ok: false; readonly code: "period_closed"; readonly closedThrough: Millis }
  | { readonly ok: false; readonly code: "state_not_allowed"; readonly sku: string; readonly state: StockState }
  | { readonly ok: false; readonly code: "out_of_order"; readonly subject: string; readonly latest: Millis }
  | { readonly ok: false; readonly code: "not_ended"; readonly line: string; readonly expires?: Millis }
  | { readonly ok: false; readonly code: "claim_not_open"; readonly line: string; readonly status: string }
  | { readonly ok: false; readonly code: "claim_elsewhere"; readonly line: string; readonly node: string; readonly sku: string; readonly owner?: string }
  | { readonly ok: false; readonly code: "lot_withheld"; readonly sku: string; readonly lot: string }
  | { readonly ok: false; readonly code: "claim_too_small"; readonly line: string; readonly claimed: number; readonly requested: number }
  | { readonly ok: false; readonly code: "insufficient"; readonly shortages: readonly Shortage[] };

/** What became of a fact: accepted, or turned away and still with its source. */
export type FactOutcome = Accepted | TurnedAway;
/** What became of an intent: accepted, or refused by name. */
export type CommandOutcome = Accepted | Refused;
/** What `execute` would answer. Where it would accept, `event` is what it would post; narrow by `"event" in decision`. */
export type Decision = Accepted | Refused | { readonly ok: true; readonly replayed: false; readonly event: OnhandEvent };

/** What became of a batch. */
export interface BatchOutcome {
  /** Events in the batch. */
  readonly events: number;
  /** Events that were posted. */
  readonly posted: number;
  /** Events that were here before: nothing changed. */
  readonly replayed: number;
  /** Facts that wait for the master data of an item or node. */
  readonly parked: number;
  /** Exceptions that the events opened or made worse. */
  readonly exceptions: number;
  /** Events that were not acknowledged; they stay with their source. */
  readonly turnedAwayCount: number;
  /** Place in the batch and code; the first 1,000. */
  readonly turnedAway: readonly { readonly index: number; readonly code: string; readonly message: string }[];
}

/** What there is of an item at a node, and what of it may be sold. */
export interface Availability {
  /** All states at the node. */
  readonly onHand: number;
  /** Fit for sale at the node; below zero after facts that contradict the book. */
  readonly sellable: number;
  /** Open claims against what is on hand; holds that have ended do not count. */
  readonly claimed: number;
  /** Held back by policy. */
  readonly protected: number;
  /** What may be sold: never below zero. */
  readonly available: number;
  /** What claims exceed sellable, less what is withheld, and the backorder limit by. */
  readonly overcommitted: number;
  /** What may be claimed beyond `sellable`. */
  readonly backorderLimit: number;
  /** What of `sellable` is of lots that are recalled or have expired. */
  readonly withheld: number;
}

/** What may be sold of an item at each node, in two columns. */
export interface AvailableByNode {
  /** In the order of their names; the same list as long as the book knows the same nodes. */
  readonly nodes: readonly string[];
  /** Units at the node of the same place. */
  readonly available: readonly number[];
}

/** A position of an item. */
export interface Position {
  /** The node, or the transfer for units in transit. */
  readonly location: string;
  /** Whether the location is a transfer. */
  readonly inTransit: boolean;
  /** The place inside the node. */
  readonly place?: string;
  /** The state. */
  readonly state: StockState;
  /** The lot, where there is one. */
  readonly lot?: string;
  /** The owner, where it is not the company. */
  readonly owner?: string;
  /** Base units; below zero after facts that contradict the book. */
  readonly quantity: number;
}

/** What a scanned code means. */
export interface Found {
  /** It means something. */
  readonly ok: true;
  /** The item. */
  readonly sku: string;
  /** The pack; none for the item itself. */
  readonly pack?: string;
  /** Base units in one of what was scanned. */
  readonly units: Quantity;
  /** Grams that one piece is expected to weigh, where the item is sold by weight. */
  readonly grams?: number;
  /** Whether a lot has to be captured too. */
  readonly byLot: boolean;
}

/** What a scanned code means, or why it means nothing. */
export type ScanOutcome =
  | Found
  | { readonly ok: false; readonly code: "not_digits" | "wrong_length" | "zero" }
  /** The last digit is not what the others make it: it was misread. */
  | { readonly ok: false; readonly code: "check_digit"; readonly expected: number }
  | { readonly ok: false; readonly code: "unknown_gtin"; readonly gtin: string }
  /** Several have this GTIN: somebody has to choose. */
  | { readonly ok: false; readonly code: "ambiguous"; readonly found: readonly Found[] };

/** How many of a kit can be had at a node, or why it is none. */
export type KitOutcome =
  | {
    readonly ok: true;
    /** Kits that stand there ready made. */
    readonly ready: number;
    /** Kits that can be made of what is available there. */
    readonly toMake: number;
    /** The component that allows the fewest. */
    readonly binds: string;
    /** Components in the end, with the units in one kit and what is available. */
    readonly parts: readonly { readonly sku: string; readonly units: Quantity; readonly available: number }[];
    /** They may come in different parcels, as the card of the kit says. */
    readonly split: boolean;
  }
  /** `kit_too_deep` is a kit that is in itself, too. */
  | { readonly ok: false; readonly code: "not_a_kit" | "kit_too_deep" | "kit_too_large" };
