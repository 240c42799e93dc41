/** On the floor: deliveries held against their orders, and blind counts. */
import type { Line, Millis, OnhandEvent, Quantity, StockEvent, StockState } from "./types.js";
import { invalid } from "./errors.js";
import { event, type Fields, flag, integer, join, LINES_MAX, list, parts, QUANTITY_MAX, shape, state, STATES, text, time } from "./wire.js";
import { Words } from "./words.js";

/** How far a delivery may differ from what is open. The wider of the two bounds holds; 0 unless said. */
export interface Tolerance {
  /** Base units. */
  readonly units?: Quantity;
  /** Parts per million of what is open, rounded down to whole units. */
  readonly ppm?: number;
}

/** What a purchase order or an advance notice says of one item, as far as it is open. */
export interface ExpectedItem {
  /** The item. */
  readonly sku: string;
  /** Base units still to come: `open` of `supply`. */
  readonly open: Quantity;
  /** Packs that it is delivered in, with their base units. Any count will do unless said. */
  readonly packs?: readonly { readonly pack: string; readonly units: Quantity }[];
  /** By how much more may be accepted. */
  readonly over?: Tolerance;
  /** How much less completes it. */
  readonly under?: Tolerance;
  /** Whether each unit needs a lot. */
  readonly byLot?: boolean;
  /** Life that goods must have left when they arrive; absent for goods that do not expire. */
  readonly lifeMs?: Millis;
}

/** A delivery as it was scanned, and what was ordered. */
export interface Delivery {
  /** The receipt as it was scanned. The dock gives a line a `state` where units are damaged, and `expires` where the pack says so. */
  readonly receipt: Omit<StockEvent, "lines" | "kind"> & {
    readonly kind: "receipt";
    readonly lines: readonly (Line & { readonly expires?: Millis })[];
  };
  /** The order or advance notice; absent when nobody ordered anything. */
  readonly order?: { readonly supply: string; readonly items: readonly ExpectedItem[] };
}

/** What can be odd about a delivery. */
export type Oddity =
  | "no_order" | "wrong_item" | "over" | "short" | "pack_mistaken" | "broken_pack" | "unknown_pack" | "lot_missing" | "expiry_missing"
  | "life_too_short" | "damaged";

/** What is odd about a delivery, with its numbers: what they mean follows from the oddity. */
export interface Finding {
  /** The place of the scanned line, from 0; absent for what is missing from the whole delivery. */
  readonly line?: number;
  /** The item. */
  readonly sku: string;
  /** What is odd. */
  readonly oddity: Oddity;
  /**
   * `over`: the surplus. `short`: what is missing. `pack_mistaken`: what was scanned. `broken_pack`: the rest. `life_too_short`: the
   * life left in milliseconds. Else the units of the line.
   */
  readonly units: number;
  /** `over`: the rest of the line. `short`: what is open. `pack_mistaken`: the likely count. `broken_pack`: the pack. `life_too_short`: what was agreed. */
  readonly limit: number;
}

/** What a delivery is found to be when it is held against its order. */
export interface Inspection {
  /** What is odd, by line. */
  readonly findings: readonly Finding[];
  /** Whether every item of the order is complete within its tolerance with what was accepted. */
  readonly complete: boolean;
  /** What to post: each unit in the state in which it may be booked, against its order. Only what is accepted is sellable. */
  readonly receipt: OnhandEvent;
}

/** Supply that a node expects. */
export interface ExpectedSupply {
  /** When it is due. */
  readonly due: Millis;
  /** The purchase order or transfer. */
  readonly supply: string;
  /** Units announced, as last said; for a transfer, what it has still to bring. */
  readonly expected: Quantity;
  /** Units received against it. */
  readonly received: Quantity;
  /** Units still to come: none of a lot that is recalled, or will have expired when its transfer is due. */
  readonly open: Quantity;
  /** Units claimed on it. */
  readonly claimed: Quantity;
  /** Whose goods it brings, where they are not the company's: nothing of it is promised or claimed. */
  readonly owner?: string;
}

/**
 * What a person did at a place of a count: found units (they add up), finished, or began anew. Without a place, at the node itself;
 * without an owner, of the company's goods.
 */
export type CountMark =
  | { readonly who: string; readonly place?: string; readonly sku: string; readonly lot?: string; readonly owner?: string; readonly units: Quantity }
  | { readonly who: string; readonly place?: string; readonly finished: Millis }
  | { readonly who: string; readonly place?: string; readonly startOver: true };

/** What is to be counted, and what people did. It never has what the book says: the count is blind. */
export interface CountSheet {
  /** The count: the subject of its facts. */
  readonly name: string;
  /** The node. */
  readonly node: string;
  /** Items that are counted; whatever is found when absent, and then nothing is zero for not being found. */
  readonly items?: readonly string[];
  /** Lots that should be there: each that nobody finds at a finished place is zero there. */
  readonly lots?: readonly { readonly sku: string; readonly lot: string }[];
  /** Owners whose goods are counted with the company's: each item and lot that nobody finds of theirs at a finished place is zero there too. */
  readonly owners?: readonly string[];
  /** Places that are counted; the node itself when absent. */
  readonly places?: readonly string[];
  /** `sellable` unless said. */
  readonly state?: StockState;
  /** What people did, in the order in which they did it. */
  readonly marks: readonly CountMark[];
}

/** Who sends the facts of a count, and the id of the first. A count that is closed again takes ids that it has not used. */
export interface Closing {
  /** Who sends them. */
  readonly source: string;
  /** The id of the first; the others follow. */
  readonly first: number;
}

/** How far a count is. */
export interface CountProgress {
  /** Marks that were not taken, by their place in the list. */
  readonly notTaken: readonly { readonly mark: number; readonly code: "other_place" | "other_item" | "out_of_range" | "finished" | "too_many" }[];
  /** Places that nobody has finished: a count says nothing about them. `null` is the node itself. */
  readonly unfinished: readonly (string | null)[];
  /** Where those who finished a place found different numbers: somebody has to look again. */
  readonly disputes: readonly {
    /** The place; absent for the node itself. */
    readonly place?: string;
    /** The item. */
    readonly sku: string;
    /** The lot, where there is one. */
    readonly lot?: string;
    /** The owner, where it is not the company. */
    readonly owner?: string;
    /** What each of them found. */
    readonly found: readonly { readonly who: string; readonly units: Quantity }[];
  }[];
  /** The facts to post: one for each finished place. Empty unless the count was closed and no dispute is open. */
  readonly counts: readonly OnhandEvent[];
}

const natural = integer(0, QUANTITY_MAX);
/** One call reads all marks of a count: some for each item and place, and for each person. */
const MARKS_MAX = 100_000;
const LIFE_MAX = 100 * 366 * 86_400_000;
const TOLERANCE = shape({ units: natural, ppm: integer(0, 1_000_000_000) }, []);
const PACK = shape({ pack: text, units: natural }, ["pack", "units"]);
const ITEM = shape({
  sku: text,
  open: natural,
  packs: list(PACK, 100),
  over: TOLERANCE,
  under: TOLERANCE,
  byLot: flag,
  lifeMs: integer(0, LIFE_MAX),
}, ["sku", "open"]);
const ORDER = shape({ supply: text, items: list(ITEM, LINES_MAX) }, ["supply", "items"]);
const DELIVERY = shape({ receipt: scanned, order: ORDER }, ["receipt"]);

/** The moments of expiry are no part of an event: they are taken off its lines. */
function scanned(value: unknown, of: string, key?: string | number): unknown {
  const path = join(of, key);
  const { lines, ...rest } = parts(value) as { lines?: unknown; kind?: unknown };
  if (rest.kind !== "receipt") throw invalid(`${path}.kind`, "is no receipt", rest.kind);
  const expires: (number | undefined)[] = [];
  const bare = (line: unknown, of: string, key?: string | number): unknown => {
    const { expires: moment, ...others } = parts(line) as { expires?: unknown };
    expires.push(moment === undefined ? undefined : time(moment, `${join(of, key)}.expires`));
    return others;
  };
  return { event: event({ ...rest, lines: list(bare, LINES_MAX)(lines, `${path}.lines`) }, path), expires };
}

/** Reads a delivery once, and answers what crosses. */
export function delivery(value: Delivery): readonly [receipt: string, words: Words] {
  type Read = { receipt: { event: object; expires: number[] }; order?: NonNullable<Delivery["order"]> };
  const { receipt, order } = DELIVERY(value, "") as Read;
  const words = new Words();
  words.list(receipt.expires, (moment) => words.number(moment)).name(order?.supply);
  const tolerance = ({ units = 0, ppm = 0 }: Tolerance = {}) => words.number(units).number(ppm);
  words.list(order?.items, ({ sku, open, packs, over, under, byLot, lifeMs }) => {
    words.name(sku).number(open);
    tolerance(over);
    tolerance(under);
    words.number(byLot === true ? 1 : 0).number(lifeMs).list(packs, ({ pack, units }) => words.name(pack).number(units));
  });
  return [JSON.stringify(receipt.event), words];
}

const PLACE: Fields = { who: text, place: text };
const TALLY = shape({ ...PLACE, sku: text, lot: text, owner: text, units: natural }, ["who", "sku", "units"]);
const FINISH = shape({ ...PLACE, finished: time }, ["who", "finished"]);
const START_OVER = shape({ ...PLACE, startOver: flag }, ["who", "startOver"]);

/** One of three forms; a mark of several would be taken for one of them. */
function mark(value: unknown, path: string, key?: string | number): unknown {
  const copy = { ...parts(value as object) };
  const form = "startOver" in copy ? START_OVER : "finished" in copy ? FINISH : TALLY;
  return form(copy, path, key);
}

const LOT = shape({ sku: text, lot: text }, ["sku", "lot"]);
const SHEET = shape({
  name: text,
  node: text,
  items: list(text, LINES_MAX),
  lots: list(LOT, LINES_MAX),
  owners: list(text, LINES_MAX),
  places: list(text, LINES_MAX),
  state,
  marks: list(mark, MARKS_MAX),
}, ["name", "node", "marks"]);
const CLOSING = shape({ source: text, first: integer(1, Number.MAX_SAFE_INTEGER) }, ["source", "first"]);

/** Reads a sheet once, and how it is closed, and answers what crosses. */
export function sheet(value: CountSheet, close: Closing | undefined): Words {
  const { name, node, state: counted = "sellable", items, lots, owners, places, marks } = SHEET(value, "") as CountSheet;
  const { source, first } = (close === undefined ? {} : CLOSING(close, "close")) as Partial<Closing>;
  const words = new Words();
  words.name(name).name(node).number(STATES.indexOf(counted));
  words.list(items, (sku) => words.name(sku));
  words.list(lots, ({ sku, lot }) => words.name(sku).name(lot));
  words.list(owners, (owner) => words.name(owner));
  words.list(places, (place) => words.name(place));
  words.list(marks, (mark) => {
    words.name(mark.who).name(mark.place);
    if ("sku" in mark) words.number(0).name(mark.sku).name(mark.lot).name(mark.owner).number(mark.units);
    else if ("finished" in mark) words.number(1).number(mark.finished);
    else words.number(2);
  });
  return words.name(source).number(first);
}

/** Numbers by person, with names. */
export function progress(answer: CountProgress): CountProgress {
  type Pairs = readonly (readonly [who: string, units: number])[];
  const disputes = answer.disputes.map((dispute) => ({ ...dispute, found: (dispute.found as unknown as Pairs).map(([who, units]) => ({ who, units })) }));
  return { ...answer, disputes };
}
