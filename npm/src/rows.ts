import type { StockEvent } from "./types.js";
import { event as readEvent, KINDS, MONEY_MAX, name, NONE, QUANTITY_MAX, STATES, TIME_MAX } from "./wire.js";

const WORDS = 14;
const NO_STATE = 255;
/** Rows at a time: enough to hide the crossing, small enough to stay in cache. */
const CHUNK = 8_192;

/** Kinds that say all they have to say in one row. Any other part of an event sends it the way of text. */
const PLAIN = new Map(
  ["opening", "receipt", "sell", "return_receive", "ship", "hand_over", "count", "write_off"].map((kind) => [
    kind,
    KINDS.indexOf(kind),
  ]),
);
const STATE_PLACES = new Map(STATES.map((state, place) => [state, place]));

/** A run of a batch: rows, or facts that need all of their parts, as text. */
export type Run = { readonly from: number; readonly rows: Uint8Array } | { readonly from: number; readonly text: string };

/** The numbers of names by kind (sources, items, nodes, words), and the way to a new one. */
export interface Interned {
  readonly numbers: readonly Map<string, number>[];
  readonly intern: (kind: number, text: string) => number;
}

/** Rows that are kept for the next batch, at most: to touch fresh memory takes longer than to write to it again. */
const KEPT = 4 * CHUNK;
let kept: Uint32Array | undefined;

/** What the fact before said: most of a batch is of one source and one kind, and to compare takes less than to look up. */
interface Last {
  kind: string | undefined;
  kindPlace: number;
  source: string | undefined;
  number: number;
}

/** Reads a whole batch before any of it is posted, run by run: one bad fact leaves the book as it was. */
export function postBatch(facts: readonly unknown[], names: Interned, post: (run: Run) => void): void {
  const { length } = facts;
  const words = kept !== undefined && kept.length >= length * WORDS ? kept : new Uint32Array(length * WORDS);
  kept = undefined; // Taken: a getter of a fact may post a batch of its own.
  const runs: Run[] = [];
  const last: Last = { kind: undefined, kindPlace: -1, source: undefined, number: 0 };
  for (let from = 0; from < length; ) {
    const start = from;
    while (from < length && from - start < CHUNK && writeRow(words, from * WORDS, facts, from, names, last)) from++;
    if (from > start) {
      runs.push({ from: start, rows: new Uint8Array(words.buffer, start * WORDS * 4, (from - start) * WORDS * 4) });
      continue;
    }
    const others: unknown[] = [];
    do {
      others.push(readEvent(facts[from], `facts[${from}]`));
      from++;
    } while (from < length && others.length < CHUNK && !writeRow(words, from * WORDS, facts, from, names, last));
    runs.push({ from: start, text: JSON.stringify(others) });
  }
  runs.forEach(post);
  if (length <= KEPT) kept = words;
}

/** Writes a plain fact as a row: 56 bytes, names as numbers. Answers whether it fits in one. */
function writeRow(words: Uint32Array, at: number, facts: readonly unknown[], place: number, names: Interned, last: Last): boolean {
  const fact = facts[place];
  if (typeof fact !== "object" || fact === null) return false;
  const { source, id, kind, occurred, recorded, actor, role, node, lines } = fact as StockEvent;
  if (kind !== last.kind) {
    last.kind = kind;
    last.kindPlace = PLAIN.get(kind) ?? -1;
  }
  const { kindPlace } = last;
  if (kindPlace < 0 || !Array.isArray(lines) || lines.length !== 1) return false;
  if (!isWithin(id, 1, Number.MAX_SAFE_INTEGER) || !isWithin(occurred, 0, TIME_MAX) || typeof source !== "string" || typeof node !== "string") return false;
  if (recorded !== undefined && !isWithin(recorded, 0, TIME_MAX)) return false;
  if (!says(fact, 6 + said(recorded) + said(actor) + said(role))) return false;
  const line = lines[0];
  if (typeof line !== "object" || line === null) return false;
  const { sku, quantity, state, value } = line;
  if (!says(line, 2 + said(state) + said(value))) return false;
  if (typeof sku !== "string" || !isWithin(quantity, -QUANTITY_MAX, QUANTITY_MAX)) return false;
  if (value !== undefined && !isWithin(value, -MONEY_MAX, MONEY_MAX)) return false;
  const statePlace = state === undefined ? NO_STATE : STATE_PLACES.get(state);
  if (statePlace === undefined) return false;
  words[at] = kindPlace | (statePlace << 8);
  if (source !== last.source) {
    last.number = number(names, 0, source, place, "source");
    last.source = source;
  }
  words[at + 1] = last.number;
  put(words, at + 2, id);
  put(words, at + 4, occurred);
  words[at + 6] = number(names, 1, sku, place, "lines[0].sku");
  words[at + 7] = number(names, 2, node, place, "node");
  put(words, at + 8, quantity);
  words[at + 10] = actor === undefined ? NONE : number(names, 3, actor, place, "actor");
  words[at + 11] = role === undefined ? NONE : number(names, 3, role, place, "role");
  if (value === undefined) {
    words[at + 12] = 0;
    words[at + 13] = 0x8000_0000;
  } else {
    put(words, at + 12, value);
  }
  return true;
}

/** The number of a name. What has one is a name: only new ones are checked. */
function number(names: Interned, kind: number, text: string, place: number, path: string): number {
  return names.numbers[kind]?.get(text) ?? names.intern(kind, name(text, `facts[${place}].${path}`));
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function said(part: unknown): number {
  return part === undefined ? 0 : 1;
}

/** Whether as many keys say something as are known to: keys without a value, which are rare, are looked at only then. */
function says(object: object, known: number): boolean {
  let keys = 0;
  for (const _ in object) keys++;
  if (keys === known) return true;
  for (const key in object) if ((object as Record<string, unknown>)[key] === undefined) keys--;
  return keys === known;
}

/** A safe integer as 64 bits, the lower half first. */
function put(words: Uint32Array, at: number, value: number): void {
  words[at] = value;
  words[at + 1] = Math.floor(value * 2 ** -32);
}
