/// <reference lib="esnext.disposable" preserve="true" />
/** Rulebooks: what a retailer declares ahead of its requests. */
import type { RawRules } from "./binding.js";
import { invalid, OnhandError } from "./errors.js";
import type { Change, Millis, Money, Quantity, Risk } from "./types.js";
import { changes, risk } from "./asked.js";
import { EVENTS_MAX, join, list, name, shape, snake } from "./wire.js";

/** Everything that a retailer declares ahead of its requests. An empty one changes no promise. */
export interface Rulebook {
  /** In the order of their importance, at most 64, of which 16 may be soft. */
  readonly rules?: readonly Rule[];
  /** Nodes that rules name together. */
  readonly groups?: readonly { readonly name: string; readonly nodes: readonly string[] }[];
  /** Where nodes and zones are, in millionths of a degree north and east. */
  readonly sites?: readonly { readonly name: string; readonly latitude: number; readonly longitude: number }[];
  /** Nodes or groups, best first: the rank of a node is the place of its list. */
  readonly priority?: readonly (readonly string[])[];
  /** What is to be as small as can be; cost unless said. */
  readonly objective?: Objective;
  /** What decides between plans that are equal, before the names of nodes. */
  readonly ties?: readonly ("rank" | "distance")[];
  /** Hours of nodes and carriers. */
  readonly timetable?: Timetable;
}

/** A rule. All soft rules hold if they can; those that do not are in the offer's `relaxed`. */
export interface Rule {
  /** What explanations call it. */
  readonly name: string;
  /** It may be relaxed where that fills more of an order; hard unless said. */
  readonly soft?: boolean;
  /** It holds from this moment on; always unless said. */
  readonly from?: Millis;
  /** It holds before this moment and not at it; always unless said. */
  readonly until?: Millis;
  /** What it is about; everything unless said. Limits on the order as a whole are about every request for one of `skus`, whichever nodes they name. */
  readonly when?: {
    /** Requests of these channels. */
    readonly channels?: readonly string[];
    /** Requests for delivery to these zones. */
    readonly zones?: readonly string[];
    /** Requests for pick-up, or for delivery. */
    readonly pickUp?: boolean;
    /** These items. */
    readonly skus?: readonly string[];
    /** These nodes, with those of `groups`. */
    readonly nodes?: readonly string[];
    /** The nodes of these groups, with `nodes`. */
    readonly groups?: readonly string[];
    /** Nodes of these types; of those that `nodes` and `groups` name. */
    readonly types?: readonly ("store" | "warehouse" | "channel")[];
  };
  /** What it asks for. */
  readonly then: Term;
}

/** What a rule asks for. */
export type Term =
  /** Safety stock; the most specific row holds, with thresholds for showing on line and for routing. */
  | { readonly safety: { readonly rows: readonly SafetyRow[] } }
  /** Units kept for other channels; `ranked`: only for those of a higher priority. */
  | { readonly allocation: { readonly rows: readonly AllocationRow[]; readonly ranked?: boolean } }
  /** Units that may not be there, from how wrong records are and how many of a million promised units may be cancelled. */
  | { readonly buffer: { readonly error: { readonly wrongPpm: number; readonly meanMilli: number }; readonly cancelPpm: number } }
  /** The nodes are not used. */
  | { readonly exclude: Readonly<Record<string, never>> }
  /** Only the nodes are used. */
  | { readonly only: Readonly<Record<string, never>> }
  /** The nodes are used where they are not further from the destination, in metres. A node or zone without a site is too far. */
  | { readonly distance: { readonly maxM: number } }
  /**
   * What the nodes can still take: a row for a node and a span of time, as far as it is limited. What there is no room for leaves when
   * it has room again, within the first 32 spans that have some.
   */
  | { readonly capacity: { readonly rows: readonly Room[] } }
  /** Nodes that turned orders down of late, `count` times (1 unless said) within `forMs`, are not asked for a while. */
  | { readonly coolDown: { readonly rows: readonly { readonly node: string; readonly sku?: string; readonly at: Millis }[]; readonly count?: number; readonly forMs: number } }
  /** A node that has fewer units of an item on hand that nobody claims is not asked for it. */
  | { readonly minimum: { readonly units: Quantity } }
  /** Units of lots are promised only if they live long enough after they arrive. Lots without a row live for ever. */
  | { readonly lotLife: { readonly leastMs: number; readonly rows: readonly { readonly sku: string; readonly lot: string; readonly expires: Millis }[] } }
  /** The items are for sale from a moment on: no earlier does a node begin to prepare them. `preOrder`: they are promised before it, too. */
  | { readonly launch: { readonly at: Millis; readonly preOrder: boolean } }
  /** Nodes begin with the orders no earlier than at a moment. */
  | { readonly hold: { readonly to: Millis } }
  /** Units at each node beyond what is there and to come, promised by lead time; never more than the item's backorder limit lets be reserved. */
  | { readonly backorder: { readonly depth: Quantity; readonly leadMs: number } }
  /** Everything or nothing. */
  | { readonly shipComplete: Readonly<Record<string, never>> }
  /** A line comes from one node at one moment. */
  | { readonly noLineSplit: Readonly<Record<string, never>> }
  /** Most parcels of the order, at least 1. */
  | { readonly maxShipments: { readonly most: number } }
  /** Most parcels that a line is spread over, at least 1. */
  | { readonly maxPerLine: { readonly most: number } }
  /** A part of a line in a parcel is at least so large, unless it is the whole line. */
  | { readonly leastUnits: { readonly units: Quantity } }
  /** A parcel is worth at least so much, unless it is the whole of what is shipped. Items without a row are worth nothing. */
  | { readonly leastValue: { readonly value: Money; readonly rows: readonly { readonly sku: string; readonly value: Money }[] } }
  /** Costs that come on top, for each unit and each parcel; below zero to prefer it. */
  | { readonly price: { readonly unit?: Money; readonly parcel?: Money } }
  /** What being late costs: after `due`, for each unit and each `stepMs` begun. */
  | { readonly lateness: { readonly due: Millis; readonly unit: Money; readonly stepMs: number } }
  /** What may stand in for what is short, best first: other items, or the parts of a kit, of which only whole ones count. */
  | { readonly standIn: { readonly rows: readonly StandInRow[] } }
  /** The hook: what the caller's own rules say of nodes, or of nodes for an item. `unit` is an opportunity price. */
  | { readonly verdict: { readonly rows: readonly { readonly node: string; readonly sku?: string; readonly refuse?: number; readonly unit?: Money }[] } };

/** Safety stock of an item at a node by a method; the most specific row holds. */
export interface SafetyRow {
  /** The item; every item unless said. */
  readonly sku?: string;
  /** The node; every node unless said. */
  readonly node?: string;
  /** The method; every method unless said. */
  readonly method?: string;
  /** Kept while it is shown on line. */
  readonly onLine: Quantity;
  /** Kept when orders are routed to it. */
  readonly routing: Quantity;
}

/** Units that are kept for a channel. */
export interface AllocationRow {
  /** The channel that they are kept for. */
  readonly channel: string;
  /** The item; every item unless said. */
  readonly sku?: string;
  /** The node; every node unless said. */
  readonly node?: string;
  /** Units that are kept. */
  readonly units: Quantity;
  /** Units of those that the channel has used already. */
  readonly used?: Quantity;
  /** The lower, the more important. */
  readonly priority?: number;
  /** Kept before this moment and free from it on. */
  readonly until?: Millis;
}

/** What may stand in for an item, in this direction alone. */
export interface StandInRow {
  /** The item that is asked for: what is short of it, or a kit. */
  readonly sku: string;
  /** What is shipped for one unit of it: `parts` and `split` of `engine.kit` for a kit. */
  readonly parts: readonly { readonly sku: string; readonly units: Quantity }[];
  /** Parts may come in different parcels; all of a kit from one node in one parcel unless said. */
  readonly split?: boolean;
  /** What it costs on top for each unit that is asked for; below zero where it is welcome. */
  readonly unit?: Money;
}

/** A node, and where to and how it ships; without a method, a pick-up there. */
export interface Leg {
  /** The node. */
  readonly node: string;
  /** The zone it goes to. */
  readonly zone?: string;
  /** How it is shipped. */
  readonly method?: string;
}

/** When an order leaves and arrives, or is ready and can be collected. */
export interface Times {
  /** When it leaves, or is ready. */
  readonly releaseBy: Millis;
  /** When it arrives, or can be collected. */
  readonly arriveBy: Millis;
}

/** What a promise under rules is asked with beside its request; each part may be left out. */
export interface With {
  /** What is supposed to be otherwise, as in `promiseIf`. */
  readonly changes?: readonly Change[];
  /** The order whose claims are given back for the question, as in `promiseAgain`. */
  readonly order?: string;
  /** What may go wrong, as in `promiseSurely`; nothing unless said. */
  readonly risk?: Risk;
}

/** What a node can still take in a span of time. */
export interface Room {
  /** The node. */
  readonly node: string;
  /** For what leaves from this moment on. */
  readonly from?: Millis;
  /** For what leaves before this moment. What there may be no room for can begin then. */
  readonly until?: Millis;
  /** Orders. */
  readonly orders?: Quantity;
  /** Lines of orders. */
  readonly lines?: Quantity;
  /** Units. */
  readonly units?: Quantity;
}

/** What can be measured of a plan. */
export type Measure = "cost" | "shortfall" | "shipments" | "distance" | "rank" | "arrival" | "lateness";

/** What a plan is chosen by: goals one after the other, or weighed. */
export interface Objective {
  /** The most important first. */
  readonly goals: readonly { readonly measure: Measure; readonly weight?: number }[];
  /** Weighed against each other instead of one after the other. */
  readonly weighed?: boolean;
  /** Distances within the same band of so many metres are equal. */
  readonly bandM?: number;
}

/** Clocks, calendars, and who works by them. */
export interface Timetable {
  /** Rows of moment and offset in seconds, from a time-zone database whose version travels along. */
  readonly clocks?: readonly {
    /** What nodes and carriers call it. */
    readonly name: string;
    /** Its offsets. */
    readonly table: { readonly version?: string; readonly rows: readonly (readonly [from: Millis, seconds: number])[]; readonly until?: Millis };
  }[];
  /** When somebody works. */
  readonly calendars?: readonly {
    /** What nodes and carriers call it. */
    readonly name: string;
    /** Monday first; holidays by days since 1970. */
    readonly calendar: { readonly week: readonly Hours[]; readonly holidays?: readonly { readonly day: number; readonly hours: Hours }[] };
  }[];
  /** When nodes prepare orders and hand them over. */
  readonly nodes?: readonly { readonly node: string; readonly clock: string; readonly picking: string; readonly opening?: string }[];
  /** When carriers call and deliver; a row that names node and zone goes before one that does not. */
  readonly carriers?: readonly {
    /** The method. */
    readonly method: string;
    /** The node; every node unless said. */
    readonly node?: string;
    /** The zone; every zone unless said. */
    readonly zone?: string;
    /** The calendar of calls, on the clock of the node. */
    readonly calls: string;
    /** The clock of the destination. */
    readonly clock: string;
    /** The calendar of deliveries: a day with hours is a working day. */
    readonly deliveries: string;
    /** Working days after the day of the call. */
    readonly transitDays: number;
  }[];
}

/** Minutes of the local day; none is closed. */
export interface Hours {
  /** From minute to minute, in order. */
  readonly spans: readonly (readonly [from: number, to: number])[];
  /** The minute at which orders of the day end. */
  readonly cutOff?: number;
}

const OWNER = Symbol("owner");
const RAW = Symbol("raw");

/** A rulebook that an engine has read and checked: made by `Engine.rules`, for promises of that engine. */
export class Rules {
  readonly [OWNER]: object;
  [RAW]: RawRules | undefined;

  /** The names of the rules, in their order. */
  readonly names: readonly string[];

  /** @internal */
  constructor(owner: object, raw: RawRules, names: readonly string[]) {
    this[OWNER] = owner;
    this[RAW] = raw;
    this.names = names;
  }

  /** Gives the memory back. */
  free(): void {
    this[RAW]?.free();
    this[RAW] = undefined;
  }

  [Symbol.dispose](): void {
    this.free();
  }
}

/** @internal What the binding made, for the engine that it was made by. */
export function rawRules(rules: Rules, owner: object): RawRules {
  if (!(rules instanceof Rules) || rules[OWNER] !== owner) throw invalid("rules", "is not what `rules` of this engine made");
  const raw = rules[RAW];
  if (raw === undefined) throw invalid("rules", "were freed");
  return raw;
}

/** Deep enough for every rulebook; what is deeper is none. */
const DEPTH_MAX = 9;

interface WireRulebook {
  readonly rules?: readonly { readonly name: string }[];
}

/** @internal Reads a rulebook once. */
export function readRulebook(rulebook: Rulebook): WireRulebook {
  if (typeof rulebook !== "object" || rulebook === null || Array.isArray(rulebook)) throw invalid("rulebook", "is not an object", rulebook);
  return wire(rulebook, "") as WireRulebook;
}

/** @internal Reads what a promise under rules is asked with once. */
export const readWith = shape({ changes, order: name, risk }, []) as (value: unknown, path: string) => With;

/** @internal The names of the rules that were read: once the core has checked them, they are texts. */
export function namesOf(read: WireRulebook): string[] {
  return (read.rules ?? []).map((rule) => rule.name);
}

/** @internal What the core says is wrong with a rulebook: it names the part by the keys of the wire. */
export function placed(error: OnhandError): OnhandError {
  const [named, path] = /^(?:out_of_range: )?`([^`]+)`/.exec(error.message) ?? [];
  if (error.code !== "invalid_argument" || named === undefined || path === undefined) return error;
  const spelled = path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  // The lines and columns are those of a text that nobody wrote.
  return new OnhandError(error.code, error.message.replace(path, spelled).replace(/ at line .*/, ""), { path: spelled, cause: error.cause });
}

/** Own data, each property read once, with the keys of the wire. What the keys and values have to be is known in the core. */
function wire(value: unknown, path: string, depth = 0): unknown {
  if (["bigint", "function", "symbol"].includes(typeof value)) throw invalid(path, "is no value of JSON", value);
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw invalid(path, "is not an integer", value);
  if (typeof value === "string" && !value.isWellFormed()) throw invalid(path, "is not well-formed Unicode");
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEPTH_MAX) throw invalid(path, "is too deep");
  if (Array.isArray(value)) return list((one, path, at) => wire(one, join(path, at), depth + 1) ?? null, EVENTS_MAX)(value, path);
  const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value)) {
    const inner = wire((value as Record<string, unknown>)[key], join(path, key), depth + 1);
    if (inner !== undefined) copy[snake(key)] = inner;
  }
  return copy;
}
