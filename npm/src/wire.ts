/**
 * The border: what a caller gives is read once into a fresh structure, checked, and given the names of the wire. Getters and
 * proxies are read exactly once; unknown keys, unsafe numbers and texts that are not well formed are refused by name.
 */
import { invalid, OnhandError } from "./errors.js";
import type { PromiseRequest } from "./types.js";

/** Reads a value that is a member of what `path` names, or that `path` itself names: the whole path is made when something is wrong. */
export type Check = (value: unknown, path: string, key?: string | number) => unknown;
export type Fields = Readonly<Record<string, readonly [wire: string, check: Check]>>;

export const LINES_MAX = 10_000;
export const EVENTS_MAX = 1_000_000;
export const TIME_MAX = 253_402_300_799_999;
export const QUANTITY_MAX = 100_000_000_000;
export const MONEY_MAX = 100_000_000_000_000;
const NAME_BYTES_MAX = 128;

export function join(path: string, key: string | number | undefined): string {
  if (key === undefined) return path;
  return typeof key === "number" ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
}

export function integer(min: number, max: number): (value: unknown, path: string, key?: string | number) => number {
  return (value, path, key) => {
    if (typeof value !== "number") throw invalid(join(path, key), "is not a number", value);
    if (!Number.isInteger(value)) throw invalid(join(path, key), "is not an integer", value);
    if (value < min || value > max) throw invalid(join(path, key), "is out of range", value);
    return value === 0 ? 0 : value;
  };
}

export const time = integer(0, TIME_MAX);
const quantity = integer(-QUANTITY_MAX, QUANTITY_MAX);
export const money = integer(-MONEY_MAX, MONEY_MAX);
const duration = integer(0, 366 * 86_400_000);

export function name(value: unknown, path: string, key?: string | number): string {
  if (typeof value !== "string") throw invalid(join(path, key), "is not a text", value);
  if (value.length === 0) throw invalid(join(path, key), "is empty");
  if (value.length > NAME_BYTES_MAX) throw invalid(join(path, key), "is longer than 128 bytes", value);
  return isPlain(value) ? value : unusual(value, join(path, key));
}

/** A name without spaces and characters beyond ASCII, as most are. */
function isPlain(value: unknown): value is string {
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

const number = integer(1, Number.MAX_SAFE_INTEGER);

function id(value: unknown, path: string, key?: string | number): unknown {
  return typeof value === "string" ? name(value, path, key) : number(value, path, key);
}

export function oneOf(codes: readonly string[]): Check {
  return (value, path, key) => {
    if (typeof value !== "string" || !codes.includes(value)) throw invalid(join(path, key), "is no known code", value);
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
export const CHECKS: readonly string[] = [
  "other_node", "off_line", "not_capable", "no_lane", "no_stock", "too_late", "not_needed", "protected", "no_hours", "no_carrier",
  "excluded", "not_selected", "too_far", "no_capacity", "cooling_down", "below_minimum", "short_life", "not_launched", "ruled_out",
];

export const state = oneOf(STATES);

const LINE: Fields = {
  sku: ["sku", text],
  quantity: ["quantity", quantity],
  line: ["line", text],
  node: ["node", text],
  owner: ["owner", text],
  lot: ["lot", text],
  place: ["place", text],
  toPlace: ["to_place", text],
  state: ["state", state],
  toState: ["to_state", state],
  toSku: ["to_sku", text],
  supply: ["supply", text],
  granted: ["granted", quantity],
  bound: ["bound", quantity],
  value: ["value", money],
  grams: ["grams", quantity],
  pack: ["pack", text],
};

const ITEM: Fields = {
  sku: ["sku", text],
  unit: ["unit", text],
  title: ["title", text],
  backorderLimit: ["backorder_limit", quantity],
};
const NODE: Fields = {
  node: ["node", text],
  type: ["type", oneOf(["store", "warehouse", "channel"])],
  title: ["title", text],
  onLine: ["on_line", flag],
  ships: ["ships", flag],
  picksUp: ["picks_up", flag],
  handlingMs: ["handling_ms", duration],
};
const LANE: Fields = {
  node: ["node", text],
  zone: ["zone", text],
  method: ["method", text],
  open: ["open", flag],
  transitMs: ["transit_ms", duration],
  parcelCost: ["parcel_cost", money],
  unitCost: ["unit_cost", money],
};
const PROTECTION: Fields = {
  sku: ["sku", text],
  node: ["node", text],
  method: ["method", text],
  quantity: ["quantity", quantity],
};
const whole = integer(0, Number.MAX_SAFE_INTEGER);
/** What a card of each list may say is the core's matter: see `FIELDS` and `LISTS` there. */
const CARD: Fields = {
  list: ["list", text],
  of: ["of", text],
  name: ["name", text],
  title: ["title", text],
  gtin: ["gtin", text],
  gln: ["gln", text],
  category: ["category", text],
  byLot: ["by_lot", flag],
  lifeOnArrivalMs: ["life_on_arrival_ms", duration],
  lifeForSaleMs: ["life_for_sale_ms", duration],
  grams: ["grams", whole],
  gramsPpm: ["grams_ppm", whole],
  count: ["count", whole],
  contains: ["contains", text],
  version: ["version", text],
  region: ["region", text],
  calendar: ["calendar", text],
  type: ["type", text],
  capacityOrders: ["capacity_orders", whole],
  capacityUnits: ["capacity_units", whole],
  currency: ["currency", text],
  pack: ["pack", text],
  cost: ["cost", money],
  minimum: ["minimum", whole],
  leadMs: ["lead_ms", duration],
  overUnits: ["over_units", whole],
  overPpm: ["over_ppm", whole],
  underUnits: ["under_units", whole],
  underPpm: ["under_ppm", whole],
  channel: ["channel", text],
  node: ["node", text],
  until: ["until", time],
  offPpm: ["off_ppm", whole],
  closed: ["closed", flag],
  split: ["split", flag],
};
const LOT: Fields = {
  sku: ["sku", text],
  lot: ["lot", text],
  expires: ["expires", time],
  recalled: ["recalled", flag],
};
const TERMS: Fields = {
  item: ["item", shape(ITEM, ["sku", "unit"])],
  node: ["node", shape(NODE, ["node", "type", "onLine", "ships", "picksUp"])],
  lane: ["lane", shape(LANE, ["node", "zone", "method", "open", "transitMs", "parcelCost", "unitCost"])],
  protection: ["protection", shape(PROTECTION, ["sku", "quantity"])],
  card: ["card", shape(CARD, ["list", "name"])],
  lot: ["lot", shape(LOT, ["sku", "lot"])],
};

const EVENT: Fields = {
  source: ["source", text],
  id: ["id", id],
  kind: ["kind", oneOf(KINDS)],
  occurred: ["occurred", time],
  recorded: ["recorded", time],
  actor: ["actor", text],
  role: ["role", text],
  node: ["node", text],
  toNode: ["to_node", text],
  subject: ["subject", text],
  toSubject: ["to_subject", text],
  channel: ["channel", text],
  reason: ["reason", text],
  expires: ["expires", time],
  due: ["due", time],
  asks: ["asks", oneOf(KINDS)],
  partial: ["partial", flag],
  lines: ["lines", list(shape(LINE, ["sku", "quantity"]), LINES_MAX)],
  terms: ["terms", oneKey(shape(TERMS, []))],
};

/** Reads an event once and answers it in the form of the wire. */
export const event = shape(EVENT, ["source", "id", "kind", "occurred"]) as (value: unknown, path: string) => WireEvent;

export interface WireEvent {
  readonly source: string;
  readonly id: number | string;
  readonly kind: string;
  readonly occurred: number;
}

/** Own data of a plain object, each property read once; absent and undefined are the same. */
export function shape(fields: Fields, needed: readonly string[]): Check {
  // Without a prototype no key of an object can be taken for one of ours.
  const known: Fields = Object.assign(Object.create(null) as object, fields);
  return (value, path, key) => {
    const own = join(path, key);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(own, "is not an object", value);
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const field = known[key];
      if (field === undefined) throw invalid(join(own, key), "is not a known key");
      const read = (value as Record<string, unknown>)[key];
      if (read !== undefined) copy[field[0]] = field[1](read, own, key);
    }
    for (const key of needed) {
      if (copy[known[key]?.[0] ?? key] === undefined) throw invalid(join(own, key), "is missing");
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

/** A list of at most so many entries, none of them read. */
export function array(value: unknown, path: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(path, "is not a list", value);
  const length = value.length;
  if (length > most) throw new OnhandError("limit", `\`${path}\` has more than ${most} entries: \`${length}\``, { path });
  return value;
}

const POLICY: Fields = {
  lineSplit: ["lineSplit", flag],
  shipComplete: ["shipComplete", flag],
  nodesMax: ["nodesMax", integer(1, 2_000)],
  horizonMs: ["horizonMs", duration],
  shortfallCost: ["shortfallCost", integer(0, 2 ** 40)],
  search: ["search", oneOf(["exact", "greedy"])],
  stepsMax: ["stepsMax", integer(1, Number.MAX_SAFE_INTEGER)],
};
const REQUEST: Fields = {
  lines: ["lines", requestLines],
  to: ["to", shape({ zone: ["zone", text], pickUp: ["pickUp", text] }, [])],
  methods: ["methods", list(text, 64)],
  channel: ["channel", text],
  now: ["now", time],
  neededBy: ["neededBy", time],
  policy: ["policy", shape(POLICY, [])],
  explain: ["explain", oneOf(["none", "summary", "full"])],
};

export const FLAVOURS = ["look_ahead", "cumulative", "discrete", "cumulative_discrete", "backward", "backward_accumulated"];
const LATE: Fields = { ignoredAfterMs: ["ignoredAfterMs", duration], offsetMs: ["offsetMs", duration] };
const RULE: Fields = {
  flavour: ["flavour", oneOf(FLAVOURS)],
  windowMs: ["windowMs", duration],
  infiniteAfterMs: ["infiniteAfterMs", duration],
  starts: ["starts", list(time, LINES_MAX)],
  lateSupply: ["lateSupply", shape(LATE, [])],
  lateDemand: ["lateDemand", shape(LATE, [])],
};
const DEMAND: Fields = { time: ["time", time], units: ["units", integer(0, QUANTITY_MAX)] };
const ATP: Fields = {
  sku: ["sku", text],
  node: ["node", text],
  now: ["now", time],
  rule: ["rule", shape(RULE, [])],
  demand: ["demand", list(shape(DEMAND, ["time", "units"]), LINES_MAX)],
};

/** Reads a question of available to promise once. */
export const atpQuery = shape(ATP, ["sku", "node", "now"]);

/** The lines of a request, in columns. */
export interface RequestLines {
  readonly skus: string[];
  readonly quantities: number[];
  readonly names: string[];
}

/** A request as it was read. */
export interface ReadRequest extends Omit<PromiseRequest, "lines" | "to"> {
  readonly lines: RequestLines;
  readonly to: { readonly zone?: string; readonly pickUp?: string };
}

const units = integer(1, QUANTITY_MAX);
const isUnits = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= QUANTITY_MAX;

/** What `shape` would do, by hand: requests are made often, and most of a request is its lines. */
function requestLines(value: unknown, path: string, key?: string | number): RequestLines {
  const own = join(path, key);
  const entries = array(value, own, 64);
  const length = entries.length;
  const lines: RequestLines = { skus: new Array(length), quantities: new Array(length), names: new Array(length) };
  for (let at = 0; at < length; at++) {
    const entry = entries[at] as Readonly<Record<"sku" | "quantity" | "line", unknown>>;
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) throw invalid(join(own, at), "is not an object", entry);
    let sku: unknown, quantity: unknown, line: unknown;
    const keys = Object.keys(entry);
    for (let place = 0; place < keys.length; place++) {
      const key = keys[place] as string;
      if (key === "sku") sku = entry.sku;
      else if (key === "quantity") quantity = entry.quantity;
      else if (key === "line") line = entry.line;
      else throw invalid(join(join(own, at), key), "is not a known key");
    }
    if (sku === undefined) throw invalid(join(join(own, at), "sku"), "is missing");
    if (quantity === undefined) throw invalid(join(join(own, at), "quantity"), "is missing");
    const text = isPlain(sku) ? sku : name(sku, join(own, at), "sku");
    lines.skus[at] = text;
    lines.quantities[at] = isUnits(quantity) ? quantity : units(quantity, join(own, at), "quantity");
    lines.names[at] = line === undefined ? text : isPlain(line) ? line : name(line, join(own, at), "line");
  }
  return lines;
}

/** Reads a promise request once. */
export const request = shape(REQUEST, ["lines", "to", "now"]) as (value: unknown, path: string) => ReadRequest;

const SHELF: Fields = { sku: ["sku", text], node: ["node", text] };
const CHANGE: Fields = {
  stock: ["stock", shape({ ...SHELF, units: ["units", quantity] }, ["sku", "node", "units"])],
  supply: [
    "supply", shape({ ...SHELF, units: ["units", integer(1, QUANTITY_MAX)], due: ["due", time] }, ["sku", "node", "units", "due"]),
  ],
  moved: ["moved", shape({ ...SHELF, supply: ["supply", text], due: ["due", time] }, ["sku", "node", "supply"])],
  onLine: ["onLine", shape({ node: ["node", text], onLine: ["onLine", flag] }, ["node", "onLine"])],
  unprotected: ["unprotected", shape(SHELF, ["sku", "node"])],
};

/** Reads changes of the view once; each says one thing. */
export const changes = list(oneKey(shape(CHANGE, [])), 64);

const ppm = integer(0, 1_000_000);
const cost = integer(0, 2 ** 40);
const ERROR_MODEL: Fields = { wrongPpm: ["wrongPpm", ppm], meanMilli: ["meanMilli", integer(1_000, 1_000_000_000)] };
const ERROR_TERMS: Fields = {
  sku: ["sku", text],
  node: ["node", text],
  error: ["error", shape(ERROR_MODEL, ["wrongPpm", "meanMilli"])],
};
const RISK: Fields = {
  errors: ["errors", list(shape(ERROR_TERMS, ["error"]), 100_000)],
  supplyPpm: ["supplyPpm", ppm],
  failureCost: ["failureCost", cost],
  attemptCost: ["attemptCost", cost],
  weigh: ["weigh", flag],
};

const WISH: Fields = { cheaperBy: ["cheaperBy", integer(1, MONEY_MAX)], stepsMax: ["stepsMax", integer(1, Number.MAX_SAFE_INTEGER)] };

/** Reads what is wished of a promise once. */
export const wish = shape(WISH, []);

export const STRATEGIES = ["win", "gain", "redistribute", "fill", "lose"];
const WANT: Fields = {
  subject: ["subject", text],
  line: ["line", text],
  strategy: ["strategy", oneOf(STRATEGIES)],
  wanted: ["wanted", integer(0, QUANTITY_MAX)],
  neededBy: ["neededBy", time],
};
const DEAL: Fields = {
  ...SHELF,
  now: ["now", time],
  wants: ["wants", list(shape(WANT, ["subject", "strategy", "wanted"]), LINES_MAX)],
};
const PAGE: Fields = {
  now: ["now", time],
  after: ["after", shape({ subject: ["subject", text], line: ["line", text] }, ["subject", "line"])],
  most: ["most", integer(1, 10_000)],
};

/** Reads who wants what of an item at a node once. */
export const deal = shape(DEAL, ["sku", "node", "now", "wants"]);

/** Reads which page of open promises is asked for once. */
export const page = shape(PAGE, ["now"]);

/** Reads what may go wrong once. */
export const risk = shape(RISK, []);

function oneKey(check: Check): Check {
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
  for (const [key, inner] of Object.entries(value)) copy[CAMEL[key] ?? key] = camel(inner);
  return copy;
}

/** The keys of two words; values are never renamed. Events come back with the keys that they were given with. */
const CAMEL: Readonly<Record<string, string>> = Object.assign(
  Object.create(null) as Record<string, string>,
  Object.fromEntries([EVENT, LINE, ITEM, NODE, LANE, CARD].flatMap((fields) => Object.entries(fields).map(([key, [wire]]) => [wire, key]))),
  {
    on_hand: "onHand",
    closed_through: "closedThrough",
    turned_away: "turnedAway",
    turned_away_count: "turnedAwayCount",
    in_transit: "inTransit",
    to_make: "toMake",
    expected_cost: "expectedCost",
    failure_cost: "failureCost",
    left_out: "leftOut",
    arrive_by: "arriveBy",
    wrong_ppm: "wrongPpm",
    mean_milli: "meanMilli",
    attempt_cost: "attemptCost",
    ship_cost: "shipCost",
    index_cost: "indexCost",
    on_line: "onLine",
    not_taken: "notTaken",
    decided_by: "decidedBy",
  },
);
