import type { Measure } from "./rulebook.js";

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
  readonly sku: string;
  /** Signed where the kind says so (`opening`, `adjust`, kits). */
  readonly quantity: Quantity;
  /** The order line; the SKU unless said. */
  readonly line?: string;
  readonly node?: string;
  readonly owner?: string;
  readonly lot?: string;
  readonly place?: string;
  readonly toPlace?: string;
  readonly state?: StockState;
  readonly toState?: StockState;
  readonly toSku?: string;
  /** The dated supply received against, or claimed. */
  readonly supply?: string;
  readonly granted?: Quantity;
  /** What an intent was bound to by lots: the units of the whole line on its first part, zero on the others. */
  readonly bound?: Quantity;
  readonly value?: Money;
  /** Catch weight of the whole line. */
  readonly grams?: Quantity;
  readonly pack?: string;
}

/** Master data of an item. */
export interface ItemTerms {
  readonly sku: string;
  /** Base unit: `each`, `gram`. */
  readonly unit: string;
  readonly title?: string;
  /** Units that claims may exceed sellable stock by, at each node. */
  readonly backorderLimit?: Quantity;
}

/** Master data of a node. */
export interface NodeTerms {
  readonly node: string;
  readonly type: "store" | "warehouse" | "channel";
  readonly title?: string;
  readonly onLine: boolean;
  readonly ships: boolean;
  readonly picksUp: boolean;
  readonly handlingMs?: number;
}

/** The way from a node to a zone by a method. */
export interface LaneTerms {
  readonly node: string;
  readonly zone: string;
  readonly method: string;
  readonly open: boolean;
  readonly transitMs: number;
  readonly parcelCost: Money;
  readonly unitCost: Money;
}

/** Units that are not promised; the most specific rule wins. */
export interface ProtectionTerms {
  readonly sku: string;
  readonly node?: string;
  readonly method?: string;
  readonly quantity: Quantity;
}

/**
 * What the catalogue says of one thing, from the moment of its event on: the whole of it, each time. Which parts a card of each list
 * has is in the table of lists; `closed` ends it. Components of a kit and items of a promotion are the lines of the event.
 */
export interface Card {
  readonly list:
    | "item" | "pack" | "kit" | "node" | "capability" | "place" | "channel" | "supplier" | "supplier_item" | "promotion";
  /** The item of a pack, the node of a place or capability, the supplier of terms. */
  readonly of?: string;
  readonly name: string;
  readonly title?: string;
  /** 8, 12, 13 or 14 digits. */
  readonly gtin?: string;
  readonly gln?: string;
  readonly category?: string;
  readonly byLot?: boolean;
  readonly lifeOnArrivalMs?: number;
  readonly lifeForSaleMs?: number;
  /** Grams that a piece is expected to weigh: it is sold by weight. */
  readonly grams?: number;
  readonly gramsPpm?: number;
  /** How many of what a pack contains: base units, or the pack that `contains` names. */
  readonly count?: number;
  readonly contains?: string;
  /** What an event names as its `pack` when it is captured under this recipe. */
  readonly version?: string;
  readonly region?: string;
  readonly calendar?: string;
  readonly type?: string;
  readonly capacityOrders?: number;
  readonly capacityUnits?: number;
  readonly currency?: string;
  readonly pack?: string;
  readonly cost?: Money;
  readonly minimum?: Quantity;
  readonly leadMs?: number;
  readonly overUnits?: Quantity;
  readonly overPpm?: number;
  readonly underUnits?: Quantity;
  readonly underPpm?: number;
  readonly channel?: string;
  readonly node?: string;
  readonly until?: Millis;
  readonly offPpm?: number;
  readonly closed?: boolean;
  /** Components may come in different parcels. */
  readonly split?: boolean;
}

/** A lot: units that expire together and are recalled together, at all nodes. */
export interface LotTerms {
  readonly sku: string;
  readonly lot: string;
  /** Fit for sale before this moment and not at it. */
  readonly expires?: Millis;
  readonly recalled?: boolean;
}

export type Terms =
  | { readonly item: ItemTerms }
  | { readonly node: NodeTerms }
  | { readonly lane: LaneTerms }
  | { readonly protection: ProtectionTerms }
  | { readonly card: Card }
  | { readonly lot: LotTerms };

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
  readonly actor?: string;
  readonly role?: string;
  readonly channel?: string;
  readonly reason?: string;
}

type MasterKind = "item_change" | "node_change" | "lane_change" | "protection_change" | "catalogue_change" | "lot_change";

/** A change of master data. */
export interface MasterEvent extends EventBase {
  readonly kind: MasterKind;
  readonly terms: Terms;
  /** The approval that it is made under. */
  readonly subject?: string;
  /** For a card: the moment from which it holds, `occurred` unless said. */
  readonly due?: Millis;
  /** For a card: the components of a kit, the items of a promotion. */
  readonly lines?: readonly Line[];
}

/** A period close: the books of the node are closed through `due`. */
export interface CloseEvent extends EventBase {
  readonly kind: "period_close";
  readonly node: string;
  readonly due: Millis;
}

/** Every other event or command. */
export interface StockEvent extends EventBase {
  readonly kind: Exclude<Kind, MasterKind | "period_close">;
  readonly node?: string;
  readonly toNode?: string;
  /** The order, transfer, purchase order or lease. */
  readonly subject?: string;
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
  readonly lines?: readonly Line[];
}

export type OnhandEvent = MasterEvent | CloseEvent | StockEvent;

export type ExceptionCode =
  | "deficit" | "received_before_shipped" | "overcommitted" | "out_of_order_move" | "count_variance" | "reason_due"
  | "prior_period" | "too_old" | "unknown_sku" | "unknown_node" | "receipt_without_order" | "over_returned";

/** A claim that the stock no longer covers. */
export interface LosingClaim {
  /** Whether it is reserved, allocated or leased. */
  readonly ledger: "order" | "transfer" | "lease";
  /** The order, transfer or lease. */
  readonly subject: string;
  readonly line: string;
  /** Units that it loses. */
  readonly units: number;
}

/** A contradiction between what happened and the book, with its facts. */
export interface OpenException {
  readonly code: ExceptionCode;
  readonly sku?: string;
  /** The node, or the transfer for units in transit. */
  readonly location?: string;
  readonly place?: string;
  readonly lot?: string;
  readonly owner?: string;
  readonly state?: StockState;
  readonly subject?: string;
  readonly line?: string;
  readonly source?: string;
  readonly id?: number | string;
  readonly quantity: number;
}

/** An event that was accepted, now or before. */
export interface Accepted {
  readonly ok: true;
  /** The same event was here before: nothing changed. */
  readonly replayed: boolean;
  readonly standing: "posted" | "parked" | "prior_period" | "too_old" | "already_settled";
  readonly granted?: readonly { readonly line: string; readonly quantity: Quantity }[];
  readonly exceptions: readonly OpenException[];
}

export interface Shortage {
  readonly sku: string;
  readonly location: string;
  readonly state: StockState;
  readonly supply?: string;
  readonly available: number;
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
  | { readonly ok: false; readonly code: "out_of_order"; readonly subject: string; readonly latest: Millis }
  | { readonly ok: false; readonly code: "not_ended"; readonly line: string; readonly expires?: Millis }
  | { readonly ok: false; readonly code: "claim_not_open"; readonly line: string; readonly status: string }
  | { readonly ok: false; readonly code: "claim_elsewhere"; readonly line: string; readonly node: string; readonly sku: string }
  | { readonly ok: false; readonly code: "lot_withheld"; readonly sku: string; readonly lot: string }
  | { readonly ok: false; readonly code: "claim_too_small"; readonly line: string; readonly claimed: number; readonly requested: number }
  | { readonly ok: false; readonly code: "insufficient"; readonly shortages: readonly Shortage[] };

export type FactOutcome = Accepted | TurnedAway;
export type CommandOutcome = Accepted | Refused;
export type Decision = Accepted | Refused | { readonly ok: true; readonly replayed: false; readonly event: unknown };

/** What became of a batch. */
export interface BatchOutcome {
  readonly events: number;
  readonly posted: number;
  readonly replayed: number;
  readonly parked: number;
  readonly exceptions: number;
  readonly turnedAwayCount: number;
  /** Place in the batch and code; the first 1,000. */
  readonly turnedAway: readonly { readonly index: number; readonly code: string; readonly message: string }[];
}

export interface Availability {
  readonly onHand: number;
  readonly sellable: number;
  readonly claimed: number;
  readonly protected: number;
  /** What may be sold: never below zero. */
  readonly available: number;
  readonly overcommitted: number;
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

export interface PromiseRequest {
  readonly lines: readonly { readonly sku: string; readonly quantity: Quantity; readonly line?: string }[];
  readonly to: { readonly zone: string } | { readonly pickUp: string };
  readonly methods?: readonly string[];
  /** The sales channel that asks. */
  readonly channel?: string;
  readonly now: Millis;
  readonly neededBy?: Millis;
  readonly policy?: {
    readonly lineSplit?: boolean;
    readonly shipComplete?: boolean;
    readonly nodesMax?: number;
    readonly horizonMs?: number;
    readonly shortfallCost?: Money;
    readonly search?: "exact" | "greedy";
    readonly stepsMax?: number;
  };
  readonly explain?: "none" | "summary" | "full";
}

export interface OfferLine {
  readonly line: string;
  readonly sku: string;
  readonly quantity: Quantity;
  /** The dated supply that the units come from; absent for stock on hand. */
  readonly supply?: string;
  /** Beyond what is there and to come: promised by lead time. */
  readonly backorder?: true;
  /** The item that was asked for, where another one stands in for it: a substitute, or a part of a kit. */
  readonly asked?: string;
}

export interface Shipment {
  readonly node: string;
  /** Absent for pick-up. */
  readonly method?: string;
  readonly releaseBy: Millis;
  readonly arriveBy: Millis;
  readonly cost: Money;
  /** Until when an order can be placed that is to arrive on the same day, where a timetable says so. */
  readonly orderBy?: Millis;
  readonly lines: readonly OfferLine[];
}

/** The checks of every promise, then those of rules. */
export type Check =
  | "other_node" | "off_line" | "not_capable" | "no_lane" | "no_stock" | "too_late" | "not_needed" | "protected" | "no_hours"
  | "no_carrier" | "excluded" | "not_selected" | "too_far" | "no_capacity" | "cooling_down" | "below_minimum" | "short_life"
  | "not_launched" | "ruled_out";

/** What can be offered. It commits nothing; accepting it checks again. */
export interface Offer {
  readonly ok: true;
  readonly version: number;
  readonly flavour: "look_ahead";
  readonly cost: Money;
  /** No plan costs less. */
  readonly bound: Money;
  readonly proven: boolean;
  readonly steps: number;
  readonly shipments: readonly Shipment[];
  readonly unmet: readonly {
    readonly line: string;
    readonly sku: string;
    readonly quantity: Quantity;
    readonly available: number;
    readonly earliest?: Millis;
  }[];
  /** Why nodes are not in the plan; only with `explain: "full"`. */
  readonly passed: readonly Passed[];
  /** Soft rules that do not hold, with what the order gains by that: units, and money (below zero where it costs more). */
  readonly relaxed?: readonly { readonly rule: string; readonly units: number; readonly saves: Money }[];
  /** What the plan measures by each goal of the objective, where that is not cost alone. */
  readonly reached?: readonly { readonly measure: Measure; readonly value: number }[];
}

/** Why a node, or a node for one item, is not in a plan. */
export interface Passed {
  readonly node: string;
  readonly sku?: string;
  readonly check: Check;
  readonly number: number;
  /** The rule that makes the check. */
  readonly rule?: string;
}

/** Something that is supposed to be otherwise than the book says. */
export type Change =
  /** So many sellable units more are on hand, or fewer when below zero. */
  | { readonly stock: { readonly sku: string; readonly node: string; readonly units: Quantity } }
  /** Units that nobody has announced become due. */
  | { readonly supply: { readonly sku: string; readonly node: string; readonly units: Quantity; readonly due: Millis } }
  /** An announced supply comes at another moment or, without one, not at all: then its claims fall on what is on hand. */
  | { readonly moved: { readonly supply: string; readonly sku: string; readonly node: string; readonly due?: Millis } }
  /** A node is on line, or off. */
  | { readonly onLine: { readonly node: string; readonly onLine: boolean } }
  /** Nothing of an item is held back at a node. */
  | { readonly unprotected: { readonly sku: string; readonly node: string } };

/** How a record errs: the share of records that are off, and by how much on average those are, at least 1,000 thousandths of a unit. */
export interface ErrorModel {
  readonly wrongPpm: number;
  readonly meanMilli: number;
}

/** What may go wrong with a promise, and what that costs. */
export interface Risk {
  /** Of several rows that fit, that of the item at the node counts, then the item's, then the node's. A record that no row fits is right. */
  readonly errors?: readonly { readonly sku?: string; readonly node?: string; readonly error: ErrorModel }[];
  /** The probability that dated supply comes as announced; 1,000,000 unless said. */
  readonly supplyPpm?: number;
  /** What a promised unit that cannot be had costs. */
  readonly failureCost?: Money;
  /** What it costs to look for a line at a node. */
  readonly attemptCost?: Money;
  /** The plan is chosen by its expected cost, failure included. */
  readonly weigh?: boolean;
}

/** How sure an item of a shipment is, with what that follows from. */
export interface LineCertainty {
  readonly sku: string;
  readonly onHand: number;
  readonly toCome: number;
  /** What the book says is sellable at the node, and what of it others have claimed. */
  readonly record: number;
  readonly claimed: number;
  readonly error: ErrorModel;
  readonly ppm: number;
  /** What its failure costs times the probability of it. */
  readonly failureCost: Money;
}

export interface ShipmentCertainty {
  readonly ppm: number;
  readonly lines: readonly LineCertainty[];
}

/** How sure an offer is: probabilities in parts per million, rounded down. */
export interface Certainty {
  /** What the plan costs, failure included by its probability. */
  readonly expectedCost: Money;
  /** The probability that all of it is found. */
  readonly ppm: number;
  /** Beside the offer's shipments. */
  readonly shipments: readonly ShipmentCertainty[];
}

export interface SureOffer {
  readonly ok: true;
  readonly offer: Offer;
  readonly certainty: Certainty;
}

/** A node to look at, with what its place in the sequence follows from. */
export interface Try {
  readonly node: string;
  readonly method?: string;
  readonly arriveBy: Millis;
  readonly record: number;
  readonly claimed: number;
  readonly error: ErrorModel;
  readonly ppm: number;
  readonly attemptCost: Money;
  readonly shipCost: Money;
  /** `attemptCost / p + shipCost`: the lowest is tried first; absent where nothing is ever found. */
  readonly indexCost?: Money;
}

/** Where to look for one item, in the order in which to look. */
export interface Tries {
  readonly ok: true;
  /** What it is expected to cost, giving up included. */
  readonly expectedCost: Money;
  readonly ppm: number;
  /** What giving up costs. */
  readonly failureCost: Money;
  readonly tries: readonly Try[];
  /** Nodes that have it and where looking costs no less than giving up. */
  readonly leftOut: readonly Try[];
  /** Soft rules that were relaxed, as in a promise of the request. */
  readonly relaxed?: Offer["relaxed"];
}

/** What is wished of a promise: that every line is filled or, with `cheaperBy`, that the plan costs less by at least so much. */
export interface Wish {
  readonly cheaperBy?: Money;
  /** Bounds the work; 50,000,000 unless said. */
  readonly stepsMax?: number;
}

export type RemedyKind =
  | "units" | "supply_earlier" | "needed_later" | "asked_earlier" | "line_split" | "ship_complete" | "nodes_max" | "methods" | "horizon"
  | "on_line" | "unprotected";

/** A change that would have been enough. */
export interface Remedy {
  readonly kind: RemedyKind;
  /** Units or milliseconds; 1 for what is or is not. */
  readonly size: number;
  /** The change of the view, for `promiseIf`; absent where it is the request that would be otherwise. */
  readonly changes?: readonly Change[];
  /** What the plan would cost then. */
  readonly cost: Money;
  /** When the last of it would arrive. */
  readonly arriveBy?: Millis;
}

/** What would have made a promise as it was wished. */
export interface Counterfactual {
  readonly ok: true;
  readonly cost: Money;
  /** Units that the promise leaves unfilled. */
  readonly missing: number;
  /** The promise is as wished already. */
  readonly holds: boolean;
  /** The smallest remedy of each kind that there is. */
  readonly remedies: readonly Remedy[];
  /** False when the steps were used up or a plan was not proven: something smaller may help. */
  readonly complete: boolean;
  readonly steps: number;
}

/** An order line that is promised, and what the stock covers of it. */
export interface OpenPromise {
  /** The order. */
  readonly subject: string;
  readonly line: string;
  readonly sku: string;
  readonly node: string;
  /** The dated supply that it is promised from; absent for what is on hand. */
  readonly supply?: string;
  /** Units promised and not picked yet. */
  readonly units: Quantity;
  /** Units that the stock or the supply still covers. */
  readonly covered: Quantity;
  /** When all units are there; absent when not all are covered. */
  readonly ready?: Millis;
}

export interface PromisesPage {
  readonly promises: readonly OpenPromise[];
  /** The line to ask on after; absent when there are no more. */
  readonly next?: { readonly subject: string; readonly line: string };
}

/**
 * What becomes of an order line when there is more or less than was promised: `win` gets all it wants in time, `gain` keeps what it has and
 * may get more, `redistribute` may gain and lose, `fill` gains nothing and may lose, `lose` loses all.
 */
export type Strategy = "win" | "gain" | "redistribute" | "fill" | "lose";

/** What order lines want of an item at a node, in the order of their priority. */
export interface Deal {
  readonly sku: string;
  readonly node: string;
  readonly now: Millis;
  readonly wants: readonly {
    /** The order. */
    readonly subject: string;
    /** The SKU unless said. */
    readonly line?: string;
    readonly strategy: Strategy;
    /** Units in all, those that it holds included. */
    readonly wanted: Quantity;
    readonly neededBy?: Millis;
  }[];
}

/** What became of an order line. */
export interface Dealt {
  readonly subject: string;
  readonly line: string;
  readonly strategy: Strategy;
  /** Units that it held. */
  readonly held: Quantity;
  readonly wanted: Quantity;
  /** What it gets: on hand, then supply by the moment it is due. */
  readonly gets: readonly { readonly supply?: string; readonly units: Quantity; readonly ready: Millis }[];
  /** `win` gets less than it wants, or `gain` less than it had. */
  readonly exception: boolean;
}

/** What a reservation says beside what is in the offer. */
export type AcceptCommand = Omit<StockEvent, "kind" | "lines" | "node" | "partial">;

/** An accepted offer; or why it was not, with what can be offered now. */
export type AcceptOutcome =
  | Accepted
  | (Refused & { readonly fresh?: Offer })
  | { readonly ok: false; readonly code: "nothing_offered" };

/** How available to promise is worked out: each flavour has its formula and its source in the crate's documentation. */
export type Flavour = "look_ahead" | "cumulative" | "discrete" | "cumulative_discrete" | "backward" | "backward_accumulated";

/** What is made of supply or demand of before `now`. */
export interface LateRule {
  /** What is later than this is ignored; nothing is unless said. */
  readonly ignoredAfterMs?: Millis;
  /** What is not ignored counts so long after `now`; 0 unless said. */
  readonly offsetMs?: Millis;
}

export interface AtpRule {
  /** `look_ahead` unless said. */
  readonly flavour?: Flavour;
  /** Backward flavours only: how long a surplus may still be of use later. */
  readonly windowMs?: Millis;
  /** The infinite-supply fence: from so long after `now` on everything can be promised. */
  readonly infiniteAfterMs?: Millis;
  /** When buckets begin, in order: the node's own days. Each moment is a bucket of its own unless said. */
  readonly starts?: readonly Millis[];
  readonly lateSupply?: LateRule;
  readonly lateDemand?: LateRule;
}

export interface AtpQuery {
  readonly sku: string;
  readonly node: string;
  readonly now: Millis;
  readonly rule?: AtpRule;
  /** Demand that the book does not know: a forecast, orders kept elsewhere. */
  readonly demand?: readonly { readonly time: Millis; readonly units: Quantity }[];
}

/** One moment at which supply comes or demand is due; it lasts until the next one. */
export interface AtpBucket {
  readonly time: Millis;
  readonly supply: number;
  readonly demand: number;
  /** On hand and all supply until then, less all demand until then. */
  readonly projected: number;
  /** What the flavour makes of it; below zero by what is short. */
  readonly raw: number;
  /** What can be promised: `raw`, shown as zero when below. */
  readonly available: number;
  /** The bucket that binds: more demand or less supply there would change `raw`. */
  readonly bindsAt: Millis;
}

export interface Atp {
  readonly flavour: Flavour;
  readonly buckets: readonly AtpBucket[];
}

/** Why a request cannot be looked at. An order that cannot be filled is an offer with `unmet` lines. */
export type RequestRefused =
  | { readonly ok: false; readonly code: "unknown_sku"; readonly sku: string }
  | { readonly ok: false; readonly code: "unknown_node"; readonly node: string }
  | { readonly ok: false; readonly code: "no_lines" | "too_many_lines" | "quantity_not_positive" | "out_of_range" };

/** A position of an item. */
export interface Position {
  readonly location: string;
  readonly inTransit: boolean;
  readonly place?: string;
  readonly state: StockState;
  readonly lot?: string;
  readonly owner?: string;
  readonly quantity: number;
}

/** What a scanned code means. */
export interface Found {
  readonly ok: true;
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
