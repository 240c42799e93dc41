import type { OnhandEvent, StockEvent } from "./types.js";
import { KINDS, name, STATES } from "./wire.js";

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
const EVENT_KEYS = 9;

/** Writes plain facts as rows: 56 bytes each, names as numbers. */
export class RowWriter {
  readonly #words: Uint32Array;
  readonly #intern: (kind: number, text: string) => number;

  constructor(facts: number, intern: (kind: number, text: string) => number) {
    this.#words = new Uint32Array(WORDS * Math.min(facts, CHUNK));
    this.#intern = intern;
  }

  bytes(rows: number): Uint8Array {
    return new Uint8Array(this.#words.buffer, 0, rows * WORDS * 4);
  }

  /** Writes facts from a place on as long as they fit; answers how many. */
  fill(facts: readonly OnhandEvent[], from: number): number {
    const most = Math.min(facts.length - from, this.#words.length / WORDS);
    let rows = 0;
    while (rows < most && this.#write(facts[from + rows], rows * WORDS)) rows++;
    return rows;
  }

  /** Whether a fact would fit in a row. */
  fits(fact: OnhandEvent | undefined): boolean {
    return this.#write(fact, 0);
  }

  #write(fact: OnhandEvent | undefined, at: number): boolean {
    if (typeof fact !== "object" || fact === null) return false;
    const { source, id, kind, occurred, recorded, actor, role, node, lines } = fact as StockEvent;
    const place = PLAIN.get(kind);
    if (place === undefined || !Array.isArray(lines) || lines.length !== 1) return false;
    if (!isNatural(id) || id === 0 || !isNatural(occurred) || typeof source !== "string" || typeof node !== "string") return false;
    let keys = 6;
    if (recorded !== undefined) keys++;
    if (actor !== undefined) keys++;
    if (role !== undefined) keys++;
    if (keys > EVENT_KEYS || count(fact) !== keys) return false;
    const line = lines[0];
    if (typeof line !== "object" || line === null) return false;
    const { sku, quantity, state, value } = line;
    if (count(line) !== 2 + (state === undefined ? 0 : 1) + (value === undefined ? 0 : 1)) return false;
    if (typeof sku !== "string" || !Number.isSafeInteger(quantity) || (value !== undefined && !Number.isSafeInteger(value))) return false;
    const statePlace = state === undefined ? NO_STATE : STATE_PLACES.get(state);
    if (statePlace === undefined) return false;
    const words = this.#words;
    words[at] = place | (statePlace << 8);
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

  #number(kind: number, text: string, path: string): number {
    return this.#intern(kind, name(text, path));
  }
}

function isNatural(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Own keys that say something. */
function count(object: object): number {
  let keys = 0;
  for (const key in object) if ((object as Record<string, unknown>)[key] !== undefined) keys++;
  return keys;
}

/** A safe integer as 64 bits, the lower half first. */
function put(words: Uint32Array, at: number, value: number): void {
  words[at] = value;
  words[at + 1] = Math.floor(value / 4_294_967_296);
}
