/** Master data: what events say of items, nodes, lanes, lots and the catalogue. */
import type { Millis, Money, Quantity } from "./types.js";

/** Master data of an item. */
export interface ItemTerms {
  /** The item. */
  readonly sku: string;
  /** Base unit: `each`, `gram`. */
  readonly unit: string;
  /** What people call it. */
  readonly title?: string;
  /** Units that claims may exceed sellable stock by, at each node. */
  readonly backorderLimit?: Quantity;
}

/** Master data of a node. */
export interface NodeTerms {
  /** The node. */
  readonly node: string;
  /** What it is. */
  readonly type: "store" | "warehouse" | "channel";
  /** What people call it. */
  readonly title?: string;
  /** Takes part in promising; facts are posted all the same when it does not. */
  readonly onLine: boolean;
  /** Ships orders. */
  readonly ships: boolean;
  /** Hands orders over at its counter. */
  readonly picksUp: boolean;
  /** Time from order to release, in milliseconds; 0 unless said. */
  readonly handlingMs?: number;
}

/** The way from a node to a zone by a method. */
export interface LaneTerms {
  /** The node that ships. */
  readonly node: string;
  /** The zone it ships to. */
  readonly zone: string;
  /** The method: `standard`, `express`. */
  readonly method: string;
  /** Whether it is open; a closed lane is no lane. */
  readonly open: boolean;
  /** Time from release to arrival, in milliseconds. */
  readonly transitMs: number;
  /** Cost of one parcel. */
  readonly parcelCost: Money;
  /** Cost of one unit in it. */
  readonly unitCost: Money;
}

/**
 * Units that are not promised: the most specific rule wins, and of the methods that a request may use the one that keeps most holds. A claim
 * does not say how it ships: it is held to the least that is kept at its node for any method.
 */
export interface ProtectionTerms {
  /** The item. */
  readonly sku: string;
  /** The node; every node unless said. */
  readonly node?: string;
  /** The method; every method unless said. Needs a node. */
  readonly method?: string;
  /** Units held back. */
  readonly quantity: Quantity;
}

/**
 * What the catalogue says of one thing, from the moment of its event on: the whole of it, each time. Which parts a card of each list
 * has is in the table of lists; `closed` ends it. Components of a kit and items of a promotion are the lines of the event.
 */
export interface Card {
  /** The list that it is in. */
  readonly list:
    | "item" | "pack" | "kit" | "node" | "capability" | "place" | "channel" | "supplier" | "supplier_item" | "promotion";
  /** The item of a pack, the node of a place or capability, the supplier of terms. */
  readonly of?: string;
  /** Its name there: for an item, kit or node, that which events use. */
  readonly name: string;
  /** What people call it. */
  readonly title?: string;
  /** 8, 12, 13 or 14 digits. */
  readonly gtin?: string;
  /** Its GLN, in 13 digits. */
  readonly gln?: string;
  /** The part of the range that it is in. */
  readonly category?: string;
  /** Each unit is of a lot. */
  readonly byLot?: boolean;
  /** Milliseconds of life it must have when it arrives. */
  readonly lifeOnArrivalMs?: number;
  /** Milliseconds of life it must have when it is sold. */
  readonly lifeForSaleMs?: number;
  /** Grams that a piece is expected to weigh: it is sold by weight. */
  readonly grams?: number;
  /** By how much a piece may differ from that, in parts per million. */
  readonly gramsPpm?: number;
  /** How many of what a pack contains: base units, or the pack that `contains` names. */
  readonly count?: number;
  /** The pack that it contains; base units unless said. */
  readonly contains?: string;
  /** What an event names as its `pack` when it is captured under this recipe. */
  readonly version?: string;
  /** The region that it is in. */
  readonly region?: string;
  /** The calendar that it works by. */
  readonly calendar?: string;
  /** Of a place: shelf, back room, bin, dock. */
  readonly type?: string;
  /** Orders that it can do in a day. */
  readonly capacityOrders?: number;
  /** Units that it can do in a day; for a place, that it can hold. */
  readonly capacityUnits?: number;
  /** The currency of its prices. */
  readonly currency?: string;
  /** The pack that it is delivered in. */
  readonly pack?: string;
  /** Cost of one base unit. */
  readonly cost?: Money;
  /** The least base units of one order. */
  readonly minimum?: Quantity;
  /** Milliseconds from order to arrival. */
  readonly leadMs?: number;
  /** Base units by which more may be accepted. */
  readonly overUnits?: Quantity;
  /** Part of what is open by which more may be accepted, in parts per million. */
  readonly overPpm?: number;
  /** Base units by which less completes an order. */
  readonly underUnits?: Quantity;
  /** Part of what is open by which less completes an order, in parts per million. */
  readonly underPpm?: number;
  /** The channel that a promotion is for; every channel unless said. */
  readonly channel?: string;
  /** The node that a promotion is for; every node unless said. */
  readonly node?: string;
  /** The moment at which a promotion has ended. */
  readonly until?: Millis;
  /** Part of the price that is taken off, in parts per million. */
  readonly offPpm?: number;
  /** It is no longer used from the moment of its event on. */
  readonly closed?: boolean;
  /** Components may come in different parcels. */
  readonly split?: boolean;
}

/** A lot: units that expire together and are recalled together, at all nodes. */
export interface LotTerms {
  /** The item. */
  readonly sku: string;
  /** The lot. */
  readonly lot: string;
  /** Fit for sale before this moment and not at it. */
  readonly expires?: Millis;
  /** Whether the maker or an authority has called it back. */
  readonly recalled?: boolean;
}

/** The data of a change of master data, under the name of what it is about. */
export type Terms =
  | { readonly item: ItemTerms }
  | { readonly node: NodeTerms }
  | { readonly lane: LaneTerms }
  | { readonly protection: ProtectionTerms }
  | { readonly card: Card }
  | { readonly lot: LotTerms };
