/**
 * The border: what a caller gives is read once into a fresh structure, checked, and given the names of the wire. Getters and
 * proxies are read exactly once; unknown keys, unsafe numbers and texts that are not well formed are refused by name.
 */
import { invalid, OnhandError } from "./errors.js";

/** Reads a value that is a member of what `path` names, or that `path` itself names: the whole path is made when something is wrong. */
export type Check = (value: unknown, path: string, key?: string | number) => unknown;
export type Fields = Readonly<Record<string, Check>>;

export const LINES_MAX = 10_000;
export const EVENTS_MAX = 1_000_000;
export const TIME_MAX = 253_402_300_799_999;
export const QUANTITY_MAX = 100_000_000_000;
export const MONEY_MAX = 100_000_000_000_000;
const NAME_BYTES_MAX = 128;
/** "No number": of a name that the book does not know, or that is not said. */
export const NONE = 0xffff_ffff;

export function join(path: string, key: string | number | undefined): string {
  if (key === undefined) return path;
  return typeof key === "number" ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
}

export function integer(min: number, max: number, what = "a whole number"): (value: unknown, path: string, key?: string | number) => number {
  return (value, path, key) => {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      throw invalid(join(path, key), `is not ${what} from ${min} to ${max}`, value);
    }
    return value === 0 ? 0 : (value as number);
  };
}

export const time = integer(0, TIME_MAX, "a time in whole milliseconds since 1970,");
export const quantity = integer(-QUANTITY_MAX, QUANTITY_MAX);
export const money = integer(-MONEY_MAX, MONEY_MAX);
export const duration = integer(0, 366 * 86_400_000);

export function name(value: unknown, path: string, key?: string | number): string {
  if (typeof value !== "string") throw invalid(join(path, key), "is not a text", value);
  if (value.length === 0) throw invalid(join(path, key), "is empty");
  if (value.length > NAME_BYTES_MAX) throw invalid(join(path, key), "is longer than 128 bytes", value);
  return isPlain(value) ? value : unusual(value, join(path, key));
}

/** A name without spaces and characters beyond ASCII, as most are. */
export function isPlain(value: unknown): value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > NAME_BYTES_MAX) return false;
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at);
    if (unit > 126 || unit < 33) return false;
  }
  return true;
}

/** Names with a space or with characters beyond ASCII. */
function unusual(value: string, path: string): string {
  if (value.trim() !== value) throw invalid(path, "has white space at an end", value);
  let bytes = 0;
  for (const character of value) {
    const point = character.codePointAt(0) as number;
    if (point >= 0xd800 && point <= 0xdfff) throw invalid(path, "is not well-formed Unicode");
    if (point < 32 || (point >= 127 && point < 160)) throw invalid(path, "has a control character");
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  if (bytes > NAME_BYTES_MAX) throw invalid(path, "is longer than 128 bytes", value);
  if (value.normalize("NFC") !== value) throw invalid(path, "is not in Unicode normal form C", value);
  return value;
}

export const text = name as Check;

/** What may have parts: what is no object has none, so that the first one needed is missed by its name. */
export function parts<T>(value: T): T {
  return typeof value === "object" && value !== null ? value : ({} as T);
}

/** Bytes as they are, of any realm: tests in a browser of their own have a class of their own. */
export function bytes(value: unknown, path: string): Uint8Array {
  if (!ArrayBuffer.isView(value) || Object.prototype.toString.call(value) !== "[object Uint8Array]") throw invalid(path, "is not a Uint8Array", value);
  try {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  } catch {
    throw invalid(path, "has no bytes any more: they were handed on");
  }
}

export function flag(value: unknown, path: string, key?: string | number): unknown {
  if (typeof value !== "boolean") throw invalid(join(path, key), "is not true or false", value);
  return value;
}

const number = integer(1, Number.MAX_SAFE_INTEGER, "a text or a whole number");

function id(value: unknown, path: string, key?: string | number): unknown {
  return typeof value === "string" ? name(value, path, key) : number(value, path, key);
}

export function oneOf(codes: readonly string[]): Check {
  return (value, path, key) => {
    if (typeof value !== "string" || !codes.includes(value)) throw invalid(join(path, key), `is none of ${codes.join(", ")}`, value);
    return value;
  };
}

/** The kinds of events, in the order of the table of the core: the place of a kind is its number in rows. */
export const KINDS: readonly string[] = [
  "opening", "receipt", "receipt_cancel", "hold", "release_hold", "relocate", "reserve", "resize", "release", "expire", "reallocate",
  "pick", "unpick", "short_pick", "ship", "void_ship", "hand_over", "sell", "substitute", "transfer_request",
  "transfer_approve", "transfer_pick", "transfer_ship", "transfer_receive", "transfer_reconcile", "transfer_cancel",
  "return_receive", "grade", "adjust", "count", "count_explain", "mark_down", "write_off", "liquidate", "kit_assemble",
  "kit_break", "relabel", "price_change", "cost_change", "supply_change", "item_change", "node_change", "lane_change",
  "protection_change", "approval_request", "approval_grant", "approval_refuse", "approval_withdraw", "lease_grant",
  "lease_spend", "lease_return", "lease_reclaim", "exception_assign", "exception_resolve", "period_close",
  "catalogue_change", "lot_change",
];
/** The states of stock: the place of a state is its number in rows. */
export const STATES: readonly string[] = [
  "sellable", "picked", "damaged", "quarantined", "recalled", "returned", "refurbishing", "vendor_return", "liquidation",
  "clearance",
];

export const state = oneOf(STATES);

const LINE: Fields = {
  sku: text,
  quantity,
  line: text,
  node: text,
  owner: text,
  lot: text,
  place: text,
  toPlace: text,
  state,
  toState: state,
  toSku: text,
  supply: text,
  granted: quantity,
  bound: quantity,
  value: money,
  grams: quantity,
  pack: text,
};

const ITEM: Fields = {
  sku: text,
  unit: text,
  title: text,
  backorderLimit: quantity,
};
const NODE: Fields = {
  node: text,
  type: oneOf(["store", "warehouse", "channel"]),
  title: text,
  onLine: flag,
  ships: flag,
  picksUp: flag,
  handlingMs: duration,
};
const LANE: Fields = {
  node: text,
  zone: text,
  method: text,
  open: flag,
  transitMs: duration,
  parcelCost: money,
  unitCost: money,
};
const PROTECTION: Fields = {
  sku: text,
  node: text,
  method: text,
  quantity,
};
const whole = integer(0, Number.MAX_SAFE_INTEGER);
/** What a card of each list may say is the core's matter: see `FIELDS` and `LISTS` there. */
const CARD: Fields = {
  list: text,
  of: text,
  name: text,
  title: text,
  gtin: text,
  gln: text,
  category: text,
  byLot: flag,
  lifeOnArrivalMs: duration,
  lifeForSaleMs: duration,
  grams: whole,
  gramsPpm: whole,
  count: whole,
  contains: text,
  version: text,
  region: text,
  calendar: text,
  type: text,
  capacityOrders: whole,
  capacityUnits: whole,
  currency: text,
  pack: text,
  cost: money,
  minimum: whole,
  leadMs: duration,
  overUnits: whole,
  overPpm: whole,
  underUnits: whole,
  underPpm: whole,
  channel: text,
  node: text,
  until: time,
  offPpm: whole,
  closed: flag,
  split: flag,
};
const LOT: Fields = {
  sku: text,
  lot: text,
  expires: time,
  recalled: flag,
};
const TERMS: Fields = {
  item: shape(ITEM, ["sku", "unit"], snake),
  node: shape(NODE, ["node", "type", "onLine", "ships", "picksUp"], snake),
  lane: shape(LANE, ["node", "zone", "method", "open", "transitMs", "parcelCost", "unitCost"], snake),
  protection: shape(PROTECTION, ["sku", "quantity"], snake),
  card: shape(CARD, ["list", "name"], snake),
  lot: shape(LOT, ["sku", "lot"], snake),
};

const EVENT: Fields = {
  source: text,
  id: id,
  kind: oneOf(KINDS),
  occurred: time,
  recorded: time,
  actor: text,
  role: text,
  node: text,
  toNode: text,
  subject: text,
  toSubject: text,
  channel: text,
  reason: text,
  expires: time,
  due: time,
  asks: oneOf(KINDS),
  partial: flag,
  lines: list(shape(LINE, ["sku", "quantity"], snake), LINES_MAX),
  terms: oneKey(shape(TERMS, [])),
};

/** Reads an event once and answers it in the form of the wire. */
export const event = shape(EVENT, ["source", "id", "kind", "occurred"], snake) as (value: unknown, path: string) => WireEvent;

export interface WireEvent {
  readonly source: string;
  readonly id: number | string;
  readonly kind: string;
  readonly occurred: number;
}

/** As the wire writes a key of two words. */
export function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Own data of a plain object, each property read once, with its keys or those of the wire; absent and undefined are the same. */
export function shape(fields: Fields, needed: readonly string[], spell = (key: string): string => key): Check {
  // No key of an object can be taken for one of ours.
  const known = new Map(Object.entries(fields).map(([key, check]) => [key, [spell(key), check] as const]));
  const owed = needed.map((key) => [key, spell(key)] as const);
  return (value, path, key) => {
    const own = join(path, key);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(own, "is not an object", value);
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const field = known.get(key);
      if (field === undefined) throw invalid(join(own, key), `is none of the keys ${[...known.keys()].join(", ")}`);
      const read = (value as Record<string, unknown>)[key];
      if (read !== undefined) copy[field[0]] = field[1](read, own, key);
    }
    for (const [key, spelt] of owed) {
      if (copy[spelt] === undefined) throw invalid(join(own, key), "is missing");
    }
    return copy;
  };
}

export function list(check: Check, most: number): Check {
  return (value, path, key) => {
    const own = join(path, key);
    const entries = array(value, own, most);
    const length = entries.length;
    const copy: unknown[] = [];
    for (let at = 0; at < length; at++) copy.push(check(entries[at], own, at));
    return copy;
  };
}

/** A module may come from another realm, as where a server runs the code of the edge in a sandbox. */
export function isModule(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object WebAssembly.Module]";
}

/** A list of at most so many entries, none of them read. */
export function array(value: unknown, path: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(path, "is not a list", value);
  const length = value.length;
  if (length > most) throw new OnhandError("limit", `\`${path}\` has more than ${most} entries: \`${length}\``, { path });
  return value;
}

/** Exactly one of the keys that a shape has. */
export function oneKey(check: Check): Check {
  return (value, path, key) => {
    const read = check(value, path, key) as object;
    if (Object.keys(read).length !== 1) throw invalid(join(path, key), "does not say one thing");
    return read;
  };
}

/** Answers come with the names of the wire and get those of JavaScript. */
export function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) copy[CAMEL.get(key) ?? key] = camel(inner);
  return copy;
}

/** The keys of two words; values are never renamed. Events come back with the keys that they were given with. */
const CAMEL = new Map(
  [
    ...[EVENT, LINE, ITEM, NODE, LANE, CARD].flatMap(Object.keys),
    "onHand", "closedThrough", "turnedAway", "turnedAwayCount", "inTransit", "toMake", "expectedCost", "failureCost", "leftOut",
    "arriveBy", "wrongPpm", "meanMilli", "attemptCost", "shipCost", "indexCost", "notTaken", "decidedBy",
  ].map((key) => [snake(key), key]),
);
