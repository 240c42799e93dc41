// Promises after they are made, through the package: what cannot be asked is misuse by name, and two carts cannot have one unit.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEngineSync } from "onhand";
import { facts, NOW } from "./shop.mjs";

function shop() {
  const engine = createEngineSync();
  assert.equal(engine.applyAll(facts()).turnedAwayCount, 0);
  return engine;
}

const request = { lines: [{ sku: "TEA-250", quantity: 7 }], to: { pickUp: "store-1" }, now: NOW };

/** What throws as misuse, and of which field. */
function misused(call, path) {
  assert.throws(call, (error) => error.code === "invalid_argument" && error.path === path, path);
}

describe("two carts that are offered the last units", () => {
  test("cannot both have them: one commits, the other gets a fresh offer, and asking again is a replay", () => {
    const engine = shop();
    const [one, other] = [engine.promise(request), engine.promise(request)];
    const command = (id) => ({ source: "web", id, occurred: NOW + id, subject: `order-${id}` });
    const accepted = engine.accept(command(1), request, one);
    assert.deepEqual([accepted.ok, accepted.replayed], [true, false]);
    const digest = engine.digest();
    const refused = engine.accept(command(2), request, other);
    assert.deepEqual([refused.ok, refused.code, refused.shortages[0].available], [false, "insufficient", 0]);
    assert.deepEqual([refused.fresh.shipments.length, refused.fresh.unmet[0].quantity], [0, 7]);
    assert.equal(engine.digest(), digest);
    assert.equal(engine.accept(command(1), request, one).replayed, true);
    assert.deepEqual(engine.accept(command(3), request, refused.fresh), { ok: false, code: "nothing_offered" });
  });

  test("may each name lines as they like: parts of one line get names of their own", () => {
    const engine = shop();
    const both = { lines: [{ sku: "TEA-250", quantity: 3, line: "a" }, { sku: "TEA-250", quantity: 2, line: "a#2" }], to: { pickUp: "store-1" }, now: NOW };
    const outcome = engine.accept({ source: "web", id: 1, occurred: NOW, subject: "order-1" }, both, engine.promise(both));
    assert.equal(outcome.ok, true);
    const { promises } = engine.openPromises({ now: NOW });
    assert.deepEqual(promises.map(({ line, units }) => [line, units]), [["a", 3], ["a#2", 2]]);
  });
});

describe("what cannot be asked", () => {
  test("is misuse that names its field", () => {
    const engine = shop();
    misused(() => engine.promiseIf(request, {}), "changes");
    misused(() => engine.promiseIf(request, [{}]), "changes[0]");
    misused(() => engine.promiseIf(request, [{ onLine: { node: "store-1", onLine: true }, stock: { sku: "TEA-250", node: "store-1", units: 1 } }]), "changes[0]");
    misused(() => engine.promiseIf(request, [{ stock: { sku: "TEA-250", node: "store-1", units: 0.5 } }]), "changes[0].stock.units");
    misused(() => engine.promiseIf(request, [{ weather: {} }]), "changes[0].weather");
    misused(() => engine.promiseSurely(request, { weigh: "yes" }), "risk.weigh");
    misused(() => engine.promiseSurely(request, { errors: [{ error: { wrongPpm: 1_000_001, meanMilli: 1_000 } }] }), "risk.errors[0].error.wrongPpm");
    misused(() => engine.tries(request, { failureCost: -1 }), "risk.failureCost");
    misused(() => engine.counterfactual(request, { cheaperBy: 0 }), "wish.cheaperBy");
    misused(() => engine.promiseAgain(request, ""), "order");
    misused(() => engine.openPromises({ now: NOW, most: 0 }), "most");
    misused(() => engine.openPromises({ now: NOW, after: { subject: "order-1" } }), "after.line");
    misused(() => engine.redistribute({ sku: "TEA-250", node: "store-1", now: NOW, wants: [{ subject: "o", strategy: "charm", wanted: 1 }] }), "wants[0].strategy");
    misused(() => engine.redistribute({ sku: "TEA-250", node: "store-1", now: NOW, wants: [{ subject: "o\n", strategy: "win", wanted: 1 }] }), "wants[0].subject");
    assert.equal(engine.promise(request).ok, true);
  });

  test("is refused by name where only the book can know", () => {
    const engine = shop();
    const unknown = { ok: false, code: "unknown_sku", sku: "CAVIAR" };
    assert.deepEqual(engine.promiseIf(request, [{ stock: { sku: "CAVIAR", node: "store-1", units: 1 } }]), unknown);
    assert.deepEqual(engine.tries({ ...request, lines: [{ sku: "CAVIAR", quantity: 1 }] }, {}), unknown);
    assert.deepEqual(engine.redistribute({ sku: "TEA-250", node: "moon", now: NOW, wants: [] }), { ok: false, code: "unknown_node", node: "moon" });
    const [order, line] = ["order-1", "TEA-250"];
    const twice = [{ subject: order, line, strategy: "win", wanted: 1 }, { subject: order, strategy: "lose", wanted: 1 }];
    assert.deepEqual(engine.redistribute({ sku: "TEA-250", node: "store-1", now: NOW, wants: twice }), { ok: false, code: "out_of_range" });
    assert.deepEqual(engine.promiseSurely({ ...request, lines: [] }, {}), { ok: false, code: "no_lines" });
  });

  test("is answered the same whatever was asked before: the numbers of an answer are read before another is asked", () => {
    const engine = shop();
    const sure = engine.promiseSurely(request, { errors: [{ error: { wrongPpm: 500_000, meanMilli: 3_000 } }] });
    const offer = engine.promise(request);
    assert.deepEqual(sure.offer, offer);
    assert.deepEqual(engine.promiseSurely(request, { errors: [{ error: { wrongPpm: 500_000, meanMilli: 3_000 } }] }), sure);
    assert.equal(sure.certainty.shipments[0].lines[0].record, 7);
  });
});
