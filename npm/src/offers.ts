/** What can be promised: requests, offers and why, what would be if, and what becomes of promises. */
import type { Measure } from "./rulebook.js";
import type { Accepted, Millis, Money, Quantity, Refused, StockEvent } from "./types.js";

/** What somebody wants, and where it is to go. */
export interface PromiseRequest {
  /** What is wanted: one line for each item. `line` is the name of the order line, the SKU unless said. */
  readonly lines: readonly { readonly sku: string; readonly quantity: Quantity; readonly line?: string }[];
  /** The zone to deliver to, or the node to pick up at. */
  readonly to: { readonly zone: string } | { readonly pickUp: string };
  /** Methods of delivery that may be used; all unless said. */
  readonly methods?: readonly string[];
  /** The sales channel that asks. */
  readonly channel?: string;
  /** The moment of the question. */
  readonly now: Millis;
  /** The latest arrival; any unless said. */
  readonly neededBy?: Millis;
  /** How to choose; every part may be left out. */
  readonly policy?: {
    /** A line may come in several parcels; `true` unless said. */
    readonly lineSplit?: boolean;
    /** All or nothing; `false` unless said. */
    readonly shipComplete?: boolean;
    /** A node ships what it ships of the order in one parcel, once all of it is there; `false` unless said: what is ready earlier leaves
     * earlier, in a parcel of its own. */
    readonly consolidate?: boolean;
    /** Most parcels of the order. */
    readonly nodesMax?: number;
    /** How far ahead dated supply is looked at, in milliseconds: 60 days unless said, a year at most. */
    readonly horizonMs?: number;
    /** What a unit that is not filled costs: more than any way to fill it. 1,000,000 unless said. */
    readonly shortfallCost?: Money;
    /** `exact`, unless said: the cheapest plan, proven or with a bound. `greedy`: a good plan at once. */
    readonly search?: "exact" | "greedy";
    /** Steps after which the best plan found is answered, with a bound. */
    readonly stepsMax?: number;
  };
  /** How much to explain; the plan is the same. `summary` unless said. */
  readonly explain?: "none" | "summary" | "full";
}

/** Units of one item in a parcel. */
export interface OfferLine {
  /** The request's line. */
  readonly line: string;
  /** The item. */
  readonly sku: string;
  /** Base units. */
  readonly quantity: Quantity;
  /** The dated supply that the units come from; absent for stock on hand. */
  readonly supply?: string;
  /** Beyond what is there and to come: promised by lead time. */
  readonly backorder?: true;
  /** The item that was asked for, where another one stands in for it: a substitute, or a part of a kit. */
  readonly asked?: string;
}

/** A parcel from a node, or a hand-over at its counter. */
export interface Shipment {
  /** From where. */
  readonly node: string;
  /** Absent for pick-up. */
  readonly method?: string;
  /** When it leaves, or is ready. */
  readonly releaseBy: Millis;
  /** When it arrives, or can be collected. */
  readonly arriveBy: Millis;
  /** Parcel and units. */
  readonly cost: Money;
  /** Until when an order can be placed that is to arrive on the same day, where a timetable says so. */
  readonly orderBy?: Millis;
  /** What is in it. */
  readonly lines: readonly OfferLine[];
}

/** The checks of every promise, then those of rules. */
export type Check =
  | "other_node" | "off_line" | "not_capable" | "no_lane" | "no_stock" | "too_late" | "not_needed" | "protected" | "no_hours"
  | "no_carrier" | "excluded" | "not_selected" | "too_far" | "no_capacity" | "cooling_down" | "below_minimum" | "short_life"
  | "not_launched" | "ruled_out";

/** What can be offered. It commits nothing; accepting it checks again. */
export interface Offer {
  /** There is an answer; what of it cannot be filled is `unmet`. */
  readonly ok: true;
  /** The book that answered: events that it had accepted. */
  readonly version: number;
  /** Which rule says what can be promised when. */
  readonly flavour: "look_ahead";
  /** Cost of the plan, with the policy's cost of what is unmet. */
  readonly cost: Money;
  /** No plan costs less. */
  readonly bound: Money;
  /** The plan is the cheapest there is: `bound` is `cost`. */
  readonly proven: boolean;
  /** Steps of the search. */
  readonly steps: number;
  /** Parcels, or the hand-over, in the order of node and time. */
  readonly shipments: readonly Shipment[];
  /** What cannot be filled, with what could. */
  readonly unmet: readonly {
    /** The request's line. */
    readonly line: string;
    /** The item. */
    readonly sku: string;
    /** Units that are missing. */
    readonly quantity: Quantity;
    /** Units that eligible nodes have together within the horizon. */
    readonly available: number;
    /** When the first of them would arrive. */
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
  /** The node. */
  readonly node: string;
  /** The item that it does not pass for; every item unless said. */
  readonly sku?: string;
  /** The first check that it does not pass. */
  readonly check: Check;
  /** What the check found: units, a moment, metres, or for `not_needed` the cost of the best plan that uses the node. */
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
  /** Of a million records, those that are off. */
  readonly wrongPpm: number;
  /** By how much those are off on average, in thousandths of a unit. */
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
  /** The item. */
  readonly sku: string;
  /** Units that are on hand. */
  readonly onHand: number;
  /** Units that dated supply is to bring. */
  readonly toCome: number;
  /** What the book says is sellable at the node, and what of it others have claimed. */
  readonly record: number;
  /** Units there that others have claimed. */
  readonly claimed: number;
  /** How the record errs. */
  readonly error: ErrorModel;
  /** The probability that all units are found, in parts per million. */
  readonly ppm: number;
  /** What its failure costs times the probability of it. */
  readonly failureCost: Money;
}

/** How sure a shipment is. */
export interface ShipmentCertainty {
  /** The probability that all of it is found, in parts per million. */
  readonly ppm: number;
  /** Its items. */
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

/** An offer and how sure it is. Where the plan was chosen by its expected cost, what it costs has a charge for failure in it. */
export interface SureOffer {
  /** There is an answer. */
  readonly ok: true;
  /** The offer. */
  readonly offer: Offer;
  /** How sure it is. */
  readonly certainty: Certainty;
}

/** A node to look at, with what its place in the sequence follows from. */
export interface Try {
  /** The node. */
  readonly node: string;
  /** How it would be shipped; absent for pick-up. */
  readonly method?: string;
  /** When it would arrive if it was looked for now. */
  readonly arriveBy: Millis;
  /** What the book says is sellable at the node, less what is withheld. */
  readonly record: number;
  /** Units there that others have claimed. */
  readonly claimed: number;
  /** How the record errs. */
  readonly error: ErrorModel;
  /** The probability that it is found there, in parts per million. */
  readonly ppm: number;
  /** What it costs to look. */
  readonly attemptCost: Money;
  /** What it costs to ship all of it; below zero where a rule prefers the node. */
  readonly shipCost: Money;
  /** `attemptCost / p + shipCost`: the lowest is tried first; absent where nothing is ever found. */
  readonly indexCost?: Money;
}

/** Where to look for one item, in the order in which to look. */
export interface Tries {
  /** There is an answer. */
  readonly ok: true;
  /** What it is expected to cost, giving up included. */
  readonly expectedCost: Money;
  /** The probability that it is found at all, in parts per million, rounded down. */
  readonly ppm: number;
  /** What giving up costs. */
  readonly failureCost: Money;
  /** The nodes to try, in that order. */
  readonly tries: readonly Try[];
  /** Nodes that have it and where looking costs no less than giving up. */
  readonly leftOut: readonly Try[];
  /** Soft rules that were relaxed, as in a promise of the request. */
  readonly relaxed?: Offer["relaxed"];
}

/** What is wished of a promise: that every line is filled or, with `cheaperBy`, that the plan costs less by at least so much. */
export interface Wish {
  /** By how much less the plan is to cost; absent when every line is to be filled. */
  readonly cheaperBy?: Money;
  /** Bounds the work; 50,000,000 unless said. */
  readonly stepsMax?: number;
}

/** What would have to be otherwise: units or supply in the view, or a part of the request. */
export type RemedyKind =
  | "units" | "supply_earlier" | "needed_later" | "asked_earlier" | "line_split" | "ship_complete" | "nodes_max" | "consolidate" | "methods" | "horizon"
  | "on_line" | "unprotected";

/** A change that would have been enough. */
export interface Remedy {
  /** What would have to be otherwise. */
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
  /** There is an answer. */
  readonly ok: true;
  /** What the promise costs as it is. */
  readonly cost: Money;
  /** Units that the promise leaves unfilled. */
  readonly missing: number;
  /** The promise is as wished already. */
  readonly holds: boolean;
  /** The smallest remedy of each kind that there is. */
  readonly remedies: readonly Remedy[];
  /** False when the steps were used up, a plan was not proven, or lines make up for each other: something smaller may help. */
  readonly complete: boolean;
  /** Steps of the search. */
  readonly steps: number;
}

/** An order line that is promised, and what the stock covers of it. */
export interface OpenPromise {
  /** The order. */
  readonly subject: string;
  /** Its line. */
  readonly line: string;
  /** The item. */
  readonly sku: string;
  /** The node that it is promised from. */
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

/** A page of open promises. */
export interface PromisesPage {
  /** In the order of order and line. */
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
  /** The item. */
  readonly sku: string;
  /** The node. */
  readonly node: string;
  /** The moment of the question. */
  readonly now: Millis;
  /** What each order line wants, the most important first. */
  readonly wants: readonly {
    /** The order. */
    readonly subject: string;
    /** The SKU unless said. */
    readonly line?: string;
    /** What may become of it. */
    readonly strategy: Strategy;
    /** Units in all, those that it holds included. */
    readonly wanted: Quantity;
    /** When it is needed; any moment will do unless said. */
    readonly neededBy?: Millis;
  }[];
}

/** What became of an order line. */
export interface Dealt {
  /** The order. */
  readonly subject: string;
  /** Its line. */
  readonly line: string;
  /** What might become of it. */
  readonly strategy: Strategy;
  /** Units that it held. */
  readonly held: Quantity;
  /** Units that it wanted. */
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
  | { readonly ok: false; readonly code: "offer_changed"; readonly fresh: Offer }
  | { readonly ok: false; readonly code: "nothing_offered"; readonly fresh?: never };

/** How available to promise is worked out: each flavour has its formula and its source in the crate's documentation. */
export type Flavour = "look_ahead" | "cumulative" | "discrete" | "cumulative_discrete" | "backward" | "backward_accumulated";

/** What is made of supply or demand of before `now`. */
export interface LateRule {
  /** What is later than this is ignored; nothing is unless said. */
  readonly ignoredAfterMs?: Millis;
  /** What is not ignored counts so long after `now`; 0 unless said. */
  readonly offsetMs?: Millis;
}

/** How available to promise is worked out; every part may be left out. */
export interface AtpRule {
  /** `look_ahead` unless said. */
  readonly flavour?: Flavour;
  /** Backward flavours only: how long a surplus may still be of use later. */
  readonly windowMs?: Millis;
  /** The infinite-supply fence: from so long after `now` on everything can be promised. */
  readonly infiniteAfterMs?: Millis;
  /** When buckets begin, in order: the node's own days. Each moment is a bucket of its own unless said. */
  readonly starts?: readonly Millis[];
  /** Supply that should have come before `now`. */
  readonly lateSupply?: LateRule;
  /** Demand that should have been met before `now`. */
  readonly lateDemand?: LateRule;
}

/** What is asked of an item at a node. */
export interface AtpQuery {
  /** The item. */
  readonly sku: string;
  /** The node. */
  readonly node: string;
  /** The moment of the question: the first bucket. */
  readonly now: Millis;
  /** How it is worked out. */
  readonly rule?: AtpRule;
  /** Demand that the book does not know: a forecast, orders kept elsewhere. */
  readonly demand?: readonly { readonly time: Millis; readonly units: Quantity }[];
}

/** One moment at which supply comes or demand is due; it lasts until the next one. */
export interface AtpBucket {
  /** The moment. */
  readonly time: Millis;
  /** Supply at it. */
  readonly supply: number;
  /** Demand at it; supply of the same moment comes first. */
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

/** What can be promised at each moment. */
export interface Atp {
  /** The flavour that was used. */
  readonly flavour: Flavour;
  /** In the order of time, each moment once; the first is `now`. */
  readonly buckets: readonly AtpBucket[];
}

/** Why a request cannot be looked at. An order that cannot be filled is an offer with `unmet` lines. */
export type RequestRefused =
  | { readonly ok: false; readonly code: "unknown_sku"; readonly sku: string }
  | { readonly ok: false; readonly code: "unknown_node"; readonly node: string }
  | { readonly ok: false; readonly code: "no_lines" | "too_many_lines" | "quantity_not_positive" | "out_of_range" };
