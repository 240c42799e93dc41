import type { StockEvent } from "./types.js";
import { event as readEvent, KINDS, MONEY_MAX, name, QUANTITY_MAX, STATES, TIME_MAX } from "./wire.js";

const WORDS = 14;
const NO_STATE = 255;
const NONE = 0xffff_ffff;
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

/** Reads a whole batch before any of it is posted: one bad fact leaves the book as it was. */
export function readBatch(facts: readonly unknown[], names: Interned): Run[] {
  const runs: Run[] = [];
  const writer = new RowWriter(facts, names);
  for (let from = 0; from < facts.length; ) {
    const rows = writer.fill(from);
    if (rows !== undefined) {
      runs.push({ from, rows });
      from += rows.byteLength / (WORDS * 4);
      continue;
    }
    const others: unknown[] = [];
    const start = from;
    do {
      others.push(readEvent(facts[from], `facts[${from}]`));
      from++;
    } while (from < facts.length && others.length < CHUNK && !writer.fits(from));
    runs.push({ from: start, text: JSON.stringify(others) });
  }
  return runs;
}

/** Writes plain facts as rows: 56 bytes each, names as numbers. */
class RowWriter {
  readonly #facts: readonly unknown[];
  readonly #names: Interned;
  readonly #probe = new Uint32Array(WORDS);
  #words = this.#probe;
  #place = 0;

  /** While an instance lives, so does what V8 has compiled for its shape: with none left, each collection of garbage threw it away. */
  static readonly kept = new RowWriter([], { numbers: [], intern: () => NONE });

  constructor(facts: readonly unknown[], names: Interned) {
    this.#facts = facts;
    this.#names = names;
  }

  /** Rows of the facts from a place on, as long as they fit; nothing when the first does not. */
  fill(from: number): Uint8Array | undefined {
    if (!this.fits(from)) return undefined;
    const most = Math.min(this.#facts.length - from, CHUNK);
    this.#words = new Uint32Array(WORDS * most);
    let rows = 0;
    while (rows < most && this.#write(from + rows, rows * WORDS)) rows++;
    return new Uint8Array(this.#words.buffer, 0, rows * WORDS * 4);
  }

  /** Whether a fact fits in a row. */
  fits(place: number): boolean {
    this.#words = this.#probe;
    return this.#write(place, 0);
  }

  #write(place: number, at: number): boolean {
    const fact = this.#facts[place];
    this.#place = place;
    if (typeof fact !== "object" || fact === null) return false;
    const { source, id, kind, occurred, recorded, actor, role, node, lines } = fact as StockEvent;
    const kindPlace = PLAIN.get(kind);
    if (kindPlace === undefined || !Array.isArray(lines) || lines.length !== 1) return false;
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
    const words = this.#words;
    words[at] = kindPlace | (statePlace << 8);
    words[at + 1] = this.#number(0, source, "source");
    put(words, at + 2, id);
    put(words, at + 4, occurred);
    words[at + 6] = this.#number(1, sku, "lines[0].sku");
    words[at + 7] = this.#number(2, node, "node");
    put(words, at + 8, quantity);
    words[at + 10] = actor === undefined ? NONE : this.#number(3, actor, "actor");
    words[at + 11] = role === undefined ? NONE : this.#number(3, role, "role");
    if (value === undefined) {
      words[at + 12] = 0;
      words[at + 13] = 0x8000_0000;
    } else {
      put(words, at + 12, value);
    }
    return true;
  }

  /** What has a number is a name: only new ones are checked. */
  #number(kind: number, text: string, path: string): number {
    const known = this.#names.numbers[kind]?.get(text);
    return known ?? this.#names.intern(kind, name(text, `facts[${this.#place}].${path}`));
  }
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
  words[at + 1] = Math.floor(value / 4_294_967_296);
}
