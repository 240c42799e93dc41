import type { RawRules } from "./binding.js";
import { NameKind } from "./book.js";
import { decodeCertainty, encodeRisk } from "./certainty.js";
import type { OnhandError } from "./errors.js";
import { BACKORDER, known } from "./promise.js";
import { Promising } from "./promising.js";
import { type Leg, type Measure, namesOf, placed, rawRules, readRulebook, readWith, type Rulebook, Rules, type Times, type With } from "./rulebook.js";
import type {
  AcceptCommand, AcceptOutcome, Certainty, Change, Check, Counterfactual, Millis, Offer, PromiseRequest, RequestRefused, Risk, SureOffer, Tries, Wish,
} from "./types.js";
import { encodeChanges } from "./whatif.js";
import { CHECKS, wish as readWish } from "./asked.js";
import { type Fields, name, parts, shape, text, time } from "./wire.js";
import { Words } from "./words.js";

/** In the order of the core. */
const MEASURES: readonly Measure[] = ["cost", "shortfall", "shipments", "distance", "rank", "arrival", "lateness"];

/** What is asked under rules now and then, by the numbers of the binding. */
const enum DoorUnder {
  Tries = 0,
  Counterfactual = 1,
  Shown = 2,
  Earliest = 3,
  Latest = 4,
  LatestBy = 5,
}

const LEG: Fields = { node: text, zone: text, method: text };
const readNow = shape({ ...LEG, now: time }, ["node", "now"]);
const readArriveBy = shape({ ...LEG, arriveBy: time }, ["node", "arriveBy"]);
const readShown = shape({ sku: text, node: text, channel: text, now: time }, ["sku", "node", "now"]);

/** A leg that was read, with its moment. */
type LegAt = Leg & { readonly now?: Millis; readonly arriveBy?: Millis };

/** An offer, and how sure it is where that was asked. */
interface Sure {
  readonly ok: true;
  readonly offer: Offer;
  readonly certainty: Certainty | undefined;
}

/** A book that promises under the rules of a retailer: whatever is asked without any is answered as `onhand` does. */
export class Engine extends Promising {
  #empty: Rules | undefined;

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
    try {
      return new Rules(this, this.__beside((_, binding) => binding.Engine.rules(JSON.stringify(read))), namesOf(read));
    } catch (error) {
      throw placed(error as OnhandError);
    }
  }

  /**
   * What can be offered: from where, by when, at what cost, and why not from elsewhere; under the rules of a rulebook, where one is
   * given.
   */
  promise(request: PromiseRequest, under?: Rules): Offer | RequestRefused {
    return under === undefined ? this.offer(request, (raw, length) => raw.promise(length)) : this.#offer(request, {}, under);
  }

  /**
   * What could be offered if a few things were otherwise: the book is not copied and not changed. Units that are only supposed have
   * no name: they are offered without a supply, from the moment they would be there.
   */
  promiseIf(request: PromiseRequest, changes: readonly Change[], under?: Rules): Offer | RequestRefused {
    return this.#offer(request, { changes }, under);
  }

  /**
   * What can be offered and how sure it is, when records err as `risk` says: the cheapest plan or, with `weigh`, the one with the lowest
   * expected cost. Units that others have claimed are picked first.
   */
  promiseSurely(request: PromiseRequest, risk: Risk, under?: Rules): SureOffer | RequestRefused {
    return this.#sure(request, { risk }, under) as SureOffer | RequestRefused;
  }

  /**
   * What can be offered to an order that holds claims: they are given back for the question, so that it may keep what it has, get it
   * earlier or cheaper, or more of it. Nothing moves.
   */
  promiseAgain(request: PromiseRequest, order: string, under?: Rules): Offer | RequestRefused {
    return this.#offer(request, { order: name(order, "order") }, under);
  }

  /**
   * What can be offered and how sure it is, with all that may be said at once: on a changed view, for an order that holds claims, with
   * what may go wrong. Where nothing may, everything is sure.
   */
  promiseWith(request: PromiseRequest, asked: With, under?: Rules): SureOffer | RequestRefused {
    return this.#sure(request, { risk: {}, ...readWith(asked, "") }, under) as SureOffer | RequestRefused;
  }

  /**
   * Where to look for one item and in which order, when picks may fail: every node that has all units of it now. The sequence has the
   * lowest expected cost there is, giving up at the end included. Under rules: every node that may ship them alone, while the rules hold
   * that hold in a promise of the request.
   */
  tries(request: PromiseRequest, risk: Risk, under?: Rules): Tries | RequestRefused {
    const rules = rawRules(under ?? this.#none(), this);
    const words = encodeRisk(risk, this.names);
    if (!(words instanceof Float64Array)) return words;
    return this.told(request, ({ length, request: { channel } }) => this.#ask(DoorUnder.Tries, new Words().number(length).name(channel).add(words), rules));
  }

  /**
   * What would have made a promise hold or, with `cheaperBy`, cheaper: the smallest change of each kind. A unit more at a node, a supply
   * an hour earlier, a rule of the request dropped. Under rules each remedy is enough; with soft ones, or where it is everything or
   * nothing, a smaller one may be, too.
   */
  counterfactual(request: PromiseRequest, wish: Wish = {}, under?: Rules): Counterfactual | RequestRefused {
    const { cheaperBy = 0, stepsMax = 50_000_000 } = readWish(wish, "wish") as Wish;
    const rules = rawRules(under ?? this.#none(), this);
    return this.told(request, ({ length, request: { channel } }) =>
      this.#ask(DoorUnder.Counterfactual, new Words().number(length).name(channel).number(cheaperBy).number(stepsMax), rules));
  }

  /**
   * Accepts an offer: reserves all of it for the order that the command names, or refuses with what can be offered now, under the rules that
   * the offer was made under. Under rules it is asked for again, and accepted where it is made again, as soon as then but for the time that
   * has passed since; else it is refused as `offer_changed`. The same command again is a replay, as everywhere.
   */
  accept(command: AcceptCommand, request: PromiseRequest, offer: Offer, under?: Rules): AcceptOutcome {
    return this.accepted(command, offer, (now) => this.promise({ ...parts(request), now }, under), under && request.now);
  }

  /**
   * When an order that is placed now leaves a node and arrives at the earliest, by the hours of the rules and the node's handling time;
   * without a method: when it is ready and can be collected. The check that fails otherwise; undefined where the timetable says nothing
   * of the node.
   */
  earliest(leg: Leg & { readonly now: Millis }, under: Rules): Times | { readonly check: Check } | undefined {
    const [first, arriveBy] = this.#scheduled(readNow(parts(leg), "") as LegAt, DoorUnder.Earliest, under);
    if (first === undefined) return undefined;
    return arriveBy === undefined ? { check: known(CHECKS[-1 - first]) as Check } : { releaseBy: first, arriveBy };
  }

  /** Until when an order can be placed that arrives, or can be collected, on the day of a moment; undefined where it cannot. */
  latest(leg: Leg & { readonly arriveBy: Millis }, under: Rules): Millis | undefined {
    return this.#scheduled(readArriveBy(parts(leg), "") as LegAt, DoorUnder.Latest, under)[0];
  }

  /** Until when an order can be placed that has arrived, or can be collected, by the moment itself; undefined where it cannot. */
  latestBy(leg: Leg & { readonly arriveBy: Millis }, under: Rules): Millis | undefined {
    return this.#scheduled(readArriveBy(parts(leg), "") as LegAt, DoorUnder.LatestBy, under)[0];
  }

  #scheduled({ node, zone, method, now, arriveBy = now }: LegAt, door: DoorUnder, under: Rules): readonly number[] {
    return this.#ask(door, new Words().name(node).name(zone).name(method).number(arriveBy), rawRules(under, this)) as number[];
  }

  /**
   * Units of an item at a node that a channel may be shown: what is available, less what rules keep with their thresholds for showing
   * on line. Undefined when the book knows the item or the node not.
   */
  shown(query: { readonly sku: string; readonly node: string; readonly channel?: string; readonly now: number }, under: Rules): number | undefined {
    const { sku, node, channel, now } = readShown(parts(query), "") as typeof query;
    const words = new Words().name(sku).name(node).name(channel).number(now);
    return (this.#ask(DoorUnder.Shown, words, rawRules(under, this)) as number | null) ?? undefined;
  }

  #ask(door: DoorUnder, { numbers, names }: Words, rules: RawRules): unknown {
    return this.answer((raw) => raw.ask_under(rules, door, numbers, names));
  }

  /** Rules that say nothing: what is asked under them is answered as without any. */
  #none(): Rules {
    return (this.#empty ??= this.rules({}));
  }

  #offer(request: PromiseRequest, and: With, under: Rules | undefined): Offer | RequestRefused {
    const sure = this.#sure(request, and, under);
    return sure.ok ? sure.offer : sure;
  }

  #sure(request: PromiseRequest, { changes = [], order, risk }: With, under = this.#none()): Sure | RequestRefused {
    const rules = rawRules(under, this);
    const supposed = encodeChanges(changes, this.names);
    const risks = risk === undefined ? new Float64Array(0) : encodeRisk(risk, this.names);
    if (!(supposed instanceof Float64Array)) return supposed;
    if (!(risks instanceof Float64Array)) return risks;
    const question = this.question(request);
    if ("ok" in question) return question;
    const address = this.call((raw) => raw.promise_under(question.length, rules, question.request.channel, supposed, order, risks));
    const [numbers, rest] = this.promises.before(address);
    const offer = this.promises.read(question, rest);
    return offer.ok ? this.#ruled(offer, numbers, under.names, [...new Set(question.request.lines.skus)]) : offer;
  }

  /** What rules have to do with an offer: the numbers before it, the names of the rules, and the items that were asked for. */
  #ruled(offer: Offer, numbers: Float64Array, rules: readonly string[], skus: readonly string[]): Sure {
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
    const certainty = decodeCertainty(numbers.subarray(at), this.names);
    return { ok: true, offer: { ...offer, shipments, unmet: unmet.filter(({ quantity }) => quantity > 0), passed, ...parts }, certainty };
  }
}
