import { NameKind } from "./book.js";
import { Engine as Promising } from "./engine.js";
import { BACKORDER, known } from "./promise.js";
import { type Leg, type Measure, namesOf, rawRules, readRulebook, type Rulebook, Rules, type Times } from "./rulebook.js";
import type { Check, Millis, Offer, PromiseRequest, RequestRefused } from "./types.js";
import { CHECKS, name, time } from "./wire.js";

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
    const address = this.call((raw) => raw.promise_under(question.length, rules, question.request.channel));
    if (address === 0) return this.promises.read(question, 0);
    const [numbers, rest] = this.promises.before(address);
    const offer = this.promises.read(question, rest);
    return offer.ok ? this.#ruled(offer, numbers, under.names, [...new Set(question.request.lines.skus)]) : offer;
  }

  /**
   * When an order that is placed now leaves a node and arrives at the earliest, by the hours of the rules and the node's handling time;
   * without a method: when it is ready and can be collected. The check that fails otherwise; undefined where the timetable says nothing
   * of the node.
   */
  earliest(leg: Leg & { readonly now: Millis }, under: Rules): Times | { readonly check: Check } | undefined {
    const [first, arriveBy] = this.#scheduled(leg, leg.now, "now", false, under);
    if (first === undefined) return undefined;
    return arriveBy === undefined ? { check: known(CHECKS[-1 - first]) as Check } : { releaseBy: first, arriveBy };
  }

  /** Until when an order can be placed that arrives, or can be collected, on the day of a moment; undefined where it cannot. */
  latest(leg: Leg & { readonly arriveBy: Millis }, under: Rules): Millis | undefined {
    return this.#scheduled(leg, leg.arriveBy, "arriveBy", true, under)[0];
  }

  #scheduled({ node, zone, method }: Leg, at: Millis, key: string, latest: boolean, under: Rules): Float64Array {
    const of = (value: string | undefined, path: string): string | undefined => (value === undefined ? value : name(value, path));
    const [from, to, by, moment, rules] = [name(node, "node"), of(zone, "zone"), of(method, "method"), time(at, key), rawRules(under, this)];
    return this.call((raw) => raw.scheduled(rules, from, to, by, moment, latest));
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

  /** What rules have to do with an offer: the numbers before it, the names of the rules, and the items that were asked for. */
  #ruled(offer: Offer, numbers: Float64Array, rules: readonly string[], skus: readonly string[]): Offer {
    let at = 0;
    const next = (): number => numbers[at++] as number;
    const [relaxedCount, reachedCount] = [next(), next()];
    const relaxed = Array.from({ length: relaxedCount }, () => ({ rule: known(rules[next()]), units: next(), saves: next() }));
    const reached = Array.from({ length: reachedCount }, () => ({ measure: known(MEASURES[next()]), value: next() }));
    const shipments = offer.shipments.map((shipment) => {
      const orderBy = next();
      return { ...shipment, lines: [...shipment.lines], ...(orderBy < 0 ? {} : { orderBy }) };
    });
    const passed = offer.passed.map((one) => {
      const [sku, rule] = [this.nameOf(NameKind.Sku, next()), rules[next()]];
      return { ...one, ...(sku === undefined ? {} : { sku }), ...(rule === undefined ? {} : { rule }) };
    });
    // What stands in goes to the lines that are short, in the order given: each part of a kit to the same ones.
    const unmet = offer.unmet.map((one) => ({ ...one }));
    let takes: { readonly of: { readonly line: string; quantity: number }; readonly most: number; taken: number }[] = [];
    let [lastRow, lastSku, lastTimes] = [-1, -1, 1];
    for (let count = next(); count >= 0; count--) {
      const [row, sku, shipment, line, times] = count === 0 ? [-1, -1, 0, 0, 1] : [next(), next(), next(), next(), next()] as const;
      if (row !== lastRow) for (const { of, taken } of takes) of.quantity -= taken / lastTimes;
      if (count === 0) break;
      const asked = known(skus[line]);
      if (row !== lastRow || sku !== lastSku) takes = unmet.filter((one) => one.sku === asked).map((of) => ({ of, most: of.quantity * times, taken: 0 }));
      [lastRow, lastSku, lastTimes] = [row, sku, times];
      let units = next();
      const number = next();
      const supply = this.nameOf(NameKind.Supply, number);
      for (const one of takes) {
        const quantity = Math.min(units, one.most - one.taken);
        [units, one.taken] = [units - quantity, one.taken + quantity];
        const from = number === BACKORDER ? { backorder: true as const } : supply === undefined ? {} : { supply };
        if (quantity > 0) known(shipments[shipment]).lines.push({ line: one.of.line, sku: known(this.nameOf(NameKind.Sku, sku)), quantity, ...from, asked });
      }
    }
    const parts = { ...(relaxed.length > 0 ? { relaxed } : {}), ...(reached.length > 0 ? { reached } : {}) };
    return { ...offer, shipments, unmet: unmet.filter(({ quantity }) => quantity > 0), passed, ...parts };
  }
}
