import { Door, NameKind } from "./book.js";
import { decodeCertainty, encodeRisk } from "./certainty.js";
import { Promising } from "./promising.js";
import type { AcceptCommand, AcceptOutcome, Change, Counterfactual, Offer, PromiseRequest, RequestRefused, Risk, SureOffer, Tries, Wish } from "./types.js";
import { encodeChanges } from "./whatif.js";
import { wish as readWish } from "./asked.js";
import { name, parts } from "./wire.js";
import { Words } from "./words.js";

/** A book that also promises. */
export class Engine extends Promising {
  /** What can be offered: from where, by when, at what cost, and why not from elsewhere. */
  promise(request: PromiseRequest): Offer | RequestRefused {
    return this.offer(request, (raw, length) => raw.promise(length));
  }

  /**
   * What could be offered if a few things were otherwise: the book is not copied and not changed. Units that are only supposed have
   * no name: they are offered without a supply, from the moment they would be there.
   */
  promiseIf(request: PromiseRequest, changes: readonly Change[]): Offer | RequestRefused {
    const words = encodeChanges(changes, this.names);
    return words instanceof Float64Array ? this.offer(request, (raw, length) => raw.promise_if(length, words)) : words;
  }

  /**
   * What can be offered and how sure it is, when records err as `risk` says: the cheapest plan or, with `weigh`, the one with the lowest
   * expected cost. Units that others have claimed are picked first.
   */
  promiseSurely(request: PromiseRequest, risk: Risk): SureOffer | RequestRefused {
    const words = encodeRisk(risk, this.names);
    if (!(words instanceof Float64Array)) return words;
    let sure = new Float64Array(0);
    const offer = this.offer(request, (raw, length) => {
      const [numbers, rest] = this.promises.before(raw.promise_surely(length, words));
      sure = numbers as typeof sure;
      return rest;
    });
    const certainty = decodeCertainty(sure, this.names);
    return offer.ok && certainty !== undefined ? { ok: true, offer, certainty } : (offer as RequestRefused);
  }

  /**
   * Where to look for one item and in which order, when picks may fail: every node that has all units of it now. The sequence has the
   * lowest expected cost there is, giving up at the end included.
   */
  tries(request: PromiseRequest, risk: Risk): Tries | RequestRefused {
    const words = encodeRisk(risk, this.names);
    return words instanceof Float64Array ? this.told(request, ({ length }) => this.ask(Door.Tries, new Words().number(length).add(words))) : words;
  }

  /**
   * What would have made a promise hold or, with `cheaperBy`, cheaper: the smallest change of each kind. A unit more at a node, a supply
   * an hour earlier, a rule of the request dropped.
   */
  counterfactual(request: PromiseRequest, wish: Wish = {}): Counterfactual | RequestRefused {
    const { cheaperBy = 0, stepsMax = 50_000_000 } = readWish(wish, "wish") as Wish;
    return this.told(request, ({ length }) => this.ask(Door.Counterfactual, new Words().number(length).number(cheaperBy).number(stepsMax)));
  }

  /**
   * What can be offered to an order that holds claims: they are given back for the question, so that it may keep what it has, get it
   * earlier or cheaper, or more of it. Nothing moves.
   */
  promiseAgain(request: PromiseRequest, order: string): Offer | RequestRefused {
    const subject = name(order, "order");
    return this.offer(request, (raw, length) => raw.promise_again(length, subject));
  }

  /**
   * Accepts an offer: reserves all of it for the order that the command names, or refuses with what can be offered now. The same command
   * again is a replay, as everywhere.
   */
  accept(command: AcceptCommand, request: PromiseRequest, offer: Offer): AcceptOutcome {
    return this.accepted(command, offer, (now) => this.promise({ ...parts(request), now }));
  }
}
