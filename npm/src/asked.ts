/** What is asked of promises: requests, changes of the view, what may go wrong, and whose claims give way. Read once, as the border says. */
import { invalid } from "./errors.js";
import type { PromiseRequest } from "./types.js";
import {
  array, duration, type Fields, flag, integer, isPlain, join, LINES_MAX, list, MONEY_MAX, name, oneKey, oneOf, quantity, QUANTITY_MAX, shape, text,
  time,
} from "./wire.js";

/** Why a node is not of a plan: the place of a code is its number. */
export const CHECKS: readonly string[] = [
  "other_node", "off_line", "not_capable", "no_lane", "no_stock", "too_late", "not_needed", "protected", "no_hours", "no_carrier",
  "excluded", "not_selected", "too_far", "no_capacity", "cooling_down", "below_minimum", "short_life", "not_launched", "ruled_out",
];

const POLICY: Fields = {
  lineSplit: flag,
  shipComplete: flag,
  consolidate: flag,
  nodesMax: integer(1, 2_000),
  horizonMs: duration,
  shortfallCost: integer(0, 2 ** 40),
  search: oneOf(["exact", "greedy"]),
  stepsMax: integer(1, Number.MAX_SAFE_INTEGER),
};
const REQUEST: Fields = {
  lines: requestLines,
  to: shape({ zone: text, pickUp: text }, []),
  methods: list(text, 64),
  channel: text,
  now: time,
  neededBy: time,
  policy: shape(POLICY, []),
  explain: oneOf(["none", "summary", "full"]),
};

export const FLAVOURS = ["look_ahead", "cumulative", "discrete", "cumulative_discrete", "backward", "backward_accumulated"];
const LATE: Fields = { ignoredAfterMs: duration, offsetMs: duration };
const RULE: Fields = {
  flavour: oneOf(FLAVOURS),
  windowMs: duration,
  infiniteAfterMs: duration,
  starts: list(time, LINES_MAX),
  lateSupply: shape(LATE, []),
  lateDemand: shape(LATE, []),
};
const DEMAND: Fields = { time, units: integer(0, QUANTITY_MAX) };
const ATP: Fields = {
  sku: text,
  node: text,
  now: time,
  rule: shape(RULE, []),
  demand: list(shape(DEMAND, ["time", "units"]), LINES_MAX),
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
      else throw invalid(join(join(own, at), key), "is none of the keys sku, quantity, line");
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

const SHELF: Fields = { sku: text, node: text };
const CHANGE: Fields = {
  stock: shape({ ...SHELF, units: quantity }, ["sku", "node", "units"]),
  supply: shape({ ...SHELF, units: integer(1, QUANTITY_MAX), due: time }, ["sku", "node", "units", "due"]),
  moved: shape({ ...SHELF, supply: text, due: time }, ["sku", "node", "supply"]),
  onLine: shape({ node: text, onLine: flag }, ["node", "onLine"]),
  unprotected: shape(SHELF, ["sku", "node"]),
};

/** Reads changes of the view once; each says one thing. */
export const changes = list(oneKey(shape(CHANGE, [])), 64);

const ppm = integer(0, 1_000_000);
const cost = integer(0, 2 ** 40);
const ERROR_MODEL: Fields = { wrongPpm: ppm, meanMilli: integer(1_000, 1_000_000_000) };
const ERROR_TERMS: Fields = {
  sku: text,
  node: text,
  error: shape(ERROR_MODEL, ["wrongPpm", "meanMilli"]),
};
const RISK: Fields = {
  errors: list(shape(ERROR_TERMS, ["error"]), 100_000),
  supplyPpm: ppm,
  failureCost: cost,
  attemptCost: cost,
  weigh: flag,
};

const WISH: Fields = { cheaperBy: integer(1, MONEY_MAX), stepsMax: integer(1, Number.MAX_SAFE_INTEGER) };

/** Reads what is wished of a promise once. */
export const wish = shape(WISH, []);

export const STRATEGIES = ["win", "gain", "redistribute", "fill", "lose"];
const WANT: Fields = {
  subject: text,
  line: text,
  strategy: oneOf(STRATEGIES),
  wanted: integer(0, QUANTITY_MAX),
  neededBy: time,
};
const DEAL: Fields = {
  ...SHELF,
  now: time,
  wants: list(shape(WANT, ["subject", "strategy", "wanted"]), LINES_MAX),
};
const PAGE: Fields = {
  now: time,
  after: shape({ subject: text, line: text }, ["subject", "line"]),
  most: integer(1, 10_000),
};

/** Reads who wants what of an item at a node once. */
export const deal = shape(DEAL, ["sku", "node", "now", "wants"]);

/** Reads which page of open promises is asked for once. */
export const page = shape(PAGE, ["now"]);

/** Reads what may go wrong once. */
export const risk = shape(RISK, []);
