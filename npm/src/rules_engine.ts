import { Engine as Promising } from "./engine.js";
import { known } from "./promise.js";
import { type Measure, namesOf, rawRules, readRulebook, type Rulebook, Rules } from "./rulebook.js";
import type { Offer, PromiseRequest, RequestRefused } from "./types.js";
import { name, time } from "./wire.js";

/** In the order of the core. */
const MEASURES: readonly Measure[] = ["cost", "shortfall", "shipments", "distance", "rank", "arrival", "lateness"];

/** A book that promises under the rules of a retailer. */
export class Engine extends Promising {
  /**
   * Reads and checks a rulebook once, for any number of promises.
   *
   * ```ts
   * const rules = engine.rules({ rules: [
   *   { name: "near", soft: true, then: { distance: { maxM: 50_000 } } },
   *   { name: "safety stock", then: { safety: { rows: [{ sku: "TEA-250", onLine: 4, routing: 2 }] } } },
   * ] });
   * engine.promise({ lines: [{ sku: "TEA-250", quantity: 1 }], to: { zone: "north" }, now }, rules);
   * ```
   */
  rules(rulebook: Rulebook): Rules {
    const read = readRulebook(rulebook);
    return new Rules(this, this.__beside((_, binding) => binding.Engine.rules(JSON.stringify(read))), namesOf(read));
  }

  /**
   * What can be offered: from where, by when, at what cost, and why not from elsewhere; under the rules of a rulebook, where one is
   * given.
   */
  override promise(request: PromiseRequest, under?: Rules): Offer | RequestRefused {
    if (under === undefined) return super.promise(request);
    const rules = rawRules(under, this);
    const question = this.question(request);
    if ("ok" in question) return question;
    const { channel, lines } = question.request;
    const address = this.call((raw) => raw.promise_under(question.length, rules, channel));
    if (address === 0) return this.promises.read(question, 0);
    const [numbers, rest] = this.promises.before(address);
    const offer = this.promises.read(question, rest);
    return offer.ok ? ruled(offer, numbers, under.names, [...new Set(lines.skus)]) : offer;
  }

  /**
   * Units of an item at a node that a channel may be shown: what is available, less what rules keep with their thresholds for showing
   * on line. Undefined when the book knows the item or the node not.
   */
  shown(query: { readonly sku: string; readonly node: string; readonly channel?: string; readonly now: number }, under: Rules): number | undefined {
    const [sku, node, now] = [name(query.sku, "sku"), name(query.node, "node"), time(query.now, "now")];
    const channel = query.channel === undefined ? undefined : name(query.channel, "channel");
    const rules = rawRules(under, this);
    return this.call((raw) => raw.shown(rules, sku, node, channel, now));
  }
}

/** What rules have to do with an offer: the numbers before it, the names of the rules, and the items that were asked for. */
function ruled(offer: Offer, numbers: Float64Array, rules: readonly string[], skus: readonly string[]): Offer {
  let at = 0;
  const next = (): number => numbers[at++] as number;
  const [relaxedCount, reachedCount] = [next(), next()];
  const relaxed = Array.from({ length: relaxedCount }, () => ({ rule: known(rules[next()]), units: next(), saves: next() }));
  const reached = Array.from({ length: reachedCount }, () => ({ measure: known(MEASURES[next()]), value: next() }));
  const shipments = offer.shipments.map((shipment) => {
    const orderBy = next();
    return orderBy < 0 ? shipment : { ...shipment, orderBy };
  });
  const passed = offer.passed.map((one) => {
    const [sku, rule] = [skus[next()], rules[next()]];
    return { ...one, ...(sku === undefined ? {} : { sku }), ...(rule === undefined ? {} : { rule }) };
  });
  return { ...offer, shipments, passed, ...(relaxed.length > 0 ? { relaxed } : {}), ...(reached.length > 0 ? { reached } : {}) };
}
