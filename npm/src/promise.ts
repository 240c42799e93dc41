import type { Offer, OfferLine, PromiseRequest, RequestRefused, Shipment } from "./types.js";
import { CHECKS } from "./wire.js";
import { OnhandError } from "./errors.js";

/** One item of a request: its lines asked together, in the order given. */
export interface Merged {
  readonly sku: string;
  quantity: number;
  readonly lines: { readonly line: string; readonly place: number; left: number }[];
}

export function merge(request: PromiseRequest): Merged[] {
  const items = new Map<string, Merged>();
  request.lines.forEach(({ sku, quantity, line }, place) => {
    let item = items.get(sku);
    if (item === undefined) {
      item = { sku, quantity: 0, lines: [] };
      items.set(sku, item);
    }
    item.quantity += quantity;
    item.lines.push({ line: line ?? sku, place, left: quantity });
  });
  return [...items.values()];
}

const EXPLAIN = { none: 0, summary: 1, full: 2 } as const;
const DAY = 86_400_000;
/** As in the core. */
const STEPS_DEFAULT = 20_000_000;

/** The question in numbers; the order is that of the binding. */
export function encodeQuestion(
  request: PromiseRequest,
  to: number,
  pickUp: boolean,
  methods: readonly number[],
  skus: readonly number[],
  merged: readonly Merged[],
): Float64Array {
  const policy = request.policy ?? {};
  const words = new Float64Array(14 + methods.length + 2 * merged.length);
  words[0] = to;
  words[1] = pickUp ? 1 : 0;
  words[2] = request.now;
  words[3] = request.neededBy ?? -1;
  words[4] = policy.lineSplit === false ? 0 : 1;
  words[5] = policy.shipComplete === true ? 1 : 0;
  words[6] = policy.nodesMax ?? 0;
  words[7] = policy.horizonMs ?? 60 * DAY;
  words[8] = policy.shortfallCost ?? 1_000_000;
  words[9] = policy.search === "greedy" ? 1 : 0;
  words[10] = policy.stepsMax ?? STEPS_DEFAULT;
  words[11] = EXPLAIN[request.explain ?? "summary"];
  words[12] = methods.length;
  words[13] = merged.length;
  words.set(methods, 14);
  let at = 14 + methods.length;
  merged.forEach(({ quantity }, place) => {
    words[at++] = skus[place] as number;
    words[at++] = quantity;
  });
  return words;
}

/** Names behind the numbers of an answer. */
export interface NamesOf {
  node(number: number): string | undefined;
  method(number: number): string | undefined;
  supply(number: number): string | undefined;
  readonly to: string;
}

const REFUSED = ["", "no_lines", "too_many_lines", "quantity_not_positive", "out_of_range"] as const;

export function decodeOffer(
  request: PromiseRequest,
  merged: readonly Merged[],
  words: Float64Array,
  names: NamesOf,
): Offer | RequestRefused {
  let at = 0;
  const next = (): number => words[at++] as number;
  const refused = next();
  next();
  if (refused !== 0) {
    if (refused === 5) return { ok: false, code: "unknown_node", node: names.to };
    return { ok: false, code: REFUSED[refused as 1 | 2 | 3 | 4] ?? "out_of_range" };
  }
  const cost = next();
  const bound = next();
  const proven = next() === 1;
  const steps = next();
  const version = next();
  const [shipmentCount, lineCount, passedCount] = [next(), next(), next()];
  const shipments: Shipment[] = [];
  for (let one = 0; one < shipmentCount; one++) {
    const node = known(names.node(next()));
    const method = names.method(next());
    const [releaseBy, arriveBy, shipmentCost, takes] = [next(), next(), next(), next()];
    const lines: OfferLine[] = [];
    for (let take = 0; take < takes; take++) {
      const item = merged[next()] as Merged;
      const units = next();
      split(item, units, names.supply(next()), lines);
    }
    const shipment = { node, releaseBy, arriveBy, cost: shipmentCost, lines };
    shipments.push(method === undefined ? shipment : { ...shipment, method });
  }
  const unmet: { line: string; sku: string; quantity: number; available: number; earliest?: number; place: number }[] = [];
  for (let line = 0; line < lineCount; line++) {
    const item = merged[line] as Merged;
    next();
    const available = next();
    const earliest = next();
    for (const { line: name, left, place } of item.lines) {
      if (left === 0) continue;
      const missing = { line: name, sku: item.sku, quantity: left, available, place };
      unmet.push(earliest < 0 ? missing : { ...missing, earliest });
    }
  }
  unmet.sort((one, other) => one.place - other.place);
  const passed: Offer["passed"][number][] = [];
  for (let one = 0; one < passedCount; one++) {
    const node = known(names.node(next()));
    const check = known(CHECKS[next()]) as Offer["passed"][number]["check"];
    passed.push({ node, check, number: next() });
  }
  const missing = unmet.map(({ place: _, ...rest }) => rest);
  return { ok: true, version, flavour: "look_ahead", cost, bound, proven, steps, shipments, unmet: missing, passed };
}

/** Units of an item go to its lines in the order given. */
function split(item: Merged, units: number, supply: string | undefined, lines: OfferLine[]): void {
  for (const line of item.lines) {
    const quantity = Math.min(units, line.left);
    if (quantity === 0) continue;
    line.left -= quantity;
    units -= quantity;
    const taken = { line: line.line, sku: item.sku, quantity };
    lines.push(supply === undefined ? taken : { ...taken, supply });
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new OnhandError("version_mismatch", "the answer has a number that this package does not know");
  return value;
}
