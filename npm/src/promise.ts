import { OnhandError } from "./errors.js";
import type { Offer, OfferLine, RequestRefused, Shipment } from "./types.js";
import { CHECKS, type ReadRequest } from "./asked.js";
import { NameKind, type Names } from "./book.js";
import { NONE } from "./wire.js";

/** Lines of the request by item: units of an item go to its lines in the order given. */
interface Items {
  count: number;
  /** Number of each item. */
  readonly skus: Uint32Array;
  /** Units of each item. */
  readonly wanted: Float64Array;
  /** For each item its first line. */
  readonly first: Int8Array;
  /** For each line the next one of the same item, or -1. */
  readonly next: Int8Array;
}

/** Most lines of a request. */
const LINES = 64;
/** In place of a supply: units beyond what is there and to come. */
export const BACKORDER = 0xffff_fffe;
const EXPLAIN = { none: 0, summary: 1, full: 2 } as const;
const DAY = 86_400_000;
/** As in the core. */
const STEPS_DEFAULT = 20_000_000;
const REFUSED = ["", "no_lines", "too_many_lines", "quantity_not_positive", "out_of_range"] as const;

/** A question on its way. */
export interface Question {
  readonly request: ReadRequest;
  /** Numbers that were written. */
  readonly length: number;
}

/**
 * Questions and answers of promising. Both lie in the memory of the module: numbers are written where it reads them, and read
 * where it wrote them. Between `write` and the end of `read` no code of the caller runs, so that no other question comes in between.
 */
export class Promises {
  readonly #memory: WebAssembly.Memory;
  readonly #names: Names;
  /** Where questions are written. */
  readonly #place: number;
  #words: Float64Array = new Float64Array(0);
  readonly #items: Items = { count: 0, skus: new Uint32Array(LINES), wanted: new Float64Array(LINES), first: new Int8Array(LINES), next: new Int8Array(LINES) };

  constructor(memory: WebAssembly.Memory, place: number, names: Names) {
    this.#memory = memory;
    this.#names = names;
    this.#place = place / 8;
  }

  /** Writes a question, or says why there is none to write. */
  write(request: ReadRequest, to: number, pickUp: boolean): Question | RequestRefused {
    const { skus, quantities } = request.lines;
    const items = this.#items;
    items.count = 0;
    for (let line = 0; line < skus.length; line++) {
      const sku = this.#names.numberOf(NameKind.Sku, skus[line] as string);
      if (sku === NONE) return { ok: false, code: "unknown_sku", sku: skus[line] as string };
      add(items, sku, line, quantities[line] as number);
    }
    const methods = request.methods?.map((method) => this.#names.numberOf(NameKind.Word, method)) ?? [];
    return { request, length: this.#write(request, to, pickUp, methods, items) };
  }

  /** The numbers in the memory of the module, which moves when it grows. */
  numbers(): Float64Array {
    if (this.#words.buffer !== this.#memory.buffer) this.#words = new Float64Array(this.#memory.buffer);
    return this.#words;
  }

  /** The question in numbers; the order is that of the binding. */
  #write(request: ReadRequest, to: number, pickUp: boolean, methods: readonly number[], items: Items): number {
    const policy = request.policy;
    const words = this.numbers();
    let at = this.#place;
    words[at++] = to;
    words[at++] = pickUp ? 1 : 0;
    words[at++] = request.now;
    words[at++] = request.neededBy ?? -1;
    words[at++] = policy?.lineSplit === false ? 0 : 1;
    words[at++] = policy?.shipComplete === true ? 1 : 0;
    words[at++] = policy?.consolidate === true ? 1 : 0;
    words[at++] = policy?.nodesMax ?? 0;
    words[at++] = policy?.horizonMs ?? 60 * DAY;
    words[at++] = policy?.shortfallCost ?? 1_000_000;
    words[at++] = policy?.search === "greedy" ? 1 : 0;
    words[at++] = policy?.stepsMax ?? STEPS_DEFAULT;
    words[at++] = EXPLAIN[request.explain ?? "summary"];
    words[at++] = methods.length;
    words[at++] = items.count;
    for (const method of methods) words[at++] = method;
    for (let item = 0; item < items.count; item++) {
      words[at++] = items.skus[item] as number;
      words[at++] = items.wanted[item] as number;
    }
    return at - this.#place;
  }

  /** A copy of numbers of which an address says how many there are, and where what follows them begins; none at 0. */
  before(address: number): [numbers: Float64Array, rest: number] {
    const words = this.numbers();
    if (address === 0) return [words.slice(0, 0), 0];
    const at = address / 8 + 1;
    const end = at + (words[at - 1] as number);
    return [words.slice(at, end), end * 8];
  }

  /** Reads an answer. */
  read({ request }: Question, address: number): Offer | RequestRefused {
    const { skus, quantities: left, names: lineNames } = request.lines;
    const [names, items] = [this.#names, this.#items];
    const words = this.numbers();
    let at = known(address || undefined) / 8;
    const refused = words[at] as number;
    if (refused !== 0) return { ok: false, code: REFUSED[refused as 1 | 2 | 3 | 4] ?? "out_of_range" };
    const cost = words[at + 2] as number;
    const bound = words[at + 3] as number;
    const proven = words[at + 4] === 1;
    const steps = words[at + 5] as number;
    const version = words[at + 6] as number;
    const shipmentCount = words[at + 7] as number;
    const missingCount = words[at + 8] as number;
    const passedCount = words[at + 9] as number;
    at += 10;
    // What each line still wants goes down to what is missing.
    const shipments: Shipment[] = [];
    for (let one = 0; one < shipmentCount; one++) {
      const node = known(names.nameOf(NameKind.Node, words[at] as number));
      const method = names.nameOf(NameKind.Word, words[at + 1] as number);
      const releaseBy = words[at + 2] as number;
      const arriveBy = words[at + 3] as number;
      const shipmentCost = words[at + 4] as number;
      const end = at + 6 + 3 * (words[at + 5] as number);
      const lines: OfferLine[] = [];
      for (at += 6; at < end; at += 3) {
        let units = words[at + 1] as number;
        const number = words[at + 2] as number;
        const supply = number === BACKORDER ? undefined : names.nameOf(NameKind.Supply, number);
        for (let line = items.first[words[at] as number] as number; line >= 0 && units > 0; line = items.next[line] as number) {
          const quantity = Math.min(units, left[line] as number);
          if (quantity === 0) continue;
          (left[line] as number) -= quantity;
          units -= quantity;
          const [name, sku] = [lineNames[line] as string, skus[line] as string];
          if (number === BACKORDER) lines.push({ line: name, sku, quantity, backorder: true });
          else lines.push(supply === undefined ? { line: name, sku, quantity } : { line: name, sku, quantity, supply });
        }
      }
      if (method === undefined) shipments.push({ node, releaseBy, arriveBy, cost: shipmentCost, lines });
      else shipments.push({ node, releaseBy, arriveBy, cost: shipmentCost, lines, method });
    }
    const unmet = missingCount === 0 ? [] : unmetOf(request, items, words, at, missingCount);
    at += 3 * missingCount;
    const passed: Offer["passed"][number][] = [];
    for (let one = 0; one < passedCount; one++, at += 3) {
      const check = known(CHECKS[words[at + 1] as number]) as Offer["passed"][number]["check"];
      passed.push({ node: known(names.nameOf(NameKind.Node, words[at] as number)), check, number: words[at + 2] as number });
    }
    return { ok: true, version, flavour: "look_ahead", cost, bound, proven, steps, shipments, unmet, passed };
  }
}

/** Lines of one item are asked together. */
function add(items: Items, sku: number, line: number, quantity: number): void {
  items.next[line] = -1;
  let item = 0;
  while (item < items.count && items.skus[item] !== sku) item++;
  if (item === items.count) {
    items.count++;
    items.skus[item] = sku;
    items.wanted[item] = quantity;
    items.first[item] = line;
    return;
  }
  (items.wanted[item] as number) += quantity;
  let last = items.first[item] as number;
  while ((items.next[last] as number) >= 0) last = items.next[last] as number;
  items.next[last] = line;
}

/** What is missing, in the order of the request. Of each item that is short the answer has `item, available, earliest (-1 never)`. */
function unmetOf({ lines }: ReadRequest, items: Items, words: Float64Array, from: number, count: number): Offer["unmet"] {
  const { skus, quantities: left, names } = lines;
  const places: number[] = [];
  for (let at = from; at < from + 3 * count; at += 3) {
    for (let line = items.first[words[at] as number] as number; line >= 0; line = items.next[line] as number) places[line] = at;
  }
  const unmet: Offer["unmet"][number][] = [];
  for (let line = 0; line < skus.length; line++) {
    const [at, quantity] = [places[line], left[line] as number];
    if (at === undefined || quantity === 0) continue;
    const [available, earliest] = [words[at + 1] as number, words[at + 2] as number];
    const missing = { line: names[line] as string, sku: skus[line] as string, quantity, available };
    unmet.push(earliest < 0 ? missing : { ...missing, earliest });
  }
  return unmet;
}

export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new OnhandError("version_mismatch", "the module is of another version");
  return value;
}
