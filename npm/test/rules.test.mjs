// Promises under rulebooks: what JavaScript adds to the core, which the corpus of cases tests.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createEngine, isOnhandError } from "onhand/rules";
import { explainOffer } from "onhand/explain";

const NOW = Date.UTC(2026, 0, 5, 9);

async function shop() {
  const engine = await createEngine();
  const node = (id, name) => ({ source: "master", id, kind: "node_change", occurred: NOW, terms: { node: { node: name, type: "store", onLine: true, ships: true, picksUp: true } } });
  const lane = (id, name, cost) => ({ source: "master", id, kind: "lane_change", occurred: NOW, terms: { lane: { node: name, zone: "north", method: "van", open: true, transitMs: 0, parcelCost: cost, unitCost: 0 } } });
  engine.applyAll([
    { source: "master", id: 1, kind: "item_change", occurred: NOW, terms: { item: { sku: "TEA", unit: "each" } } },
    node(2, "s1"), node(3, "s2"), lane(4, "s1", 100), lane(5, "s2", 300),
    { source: "dock", id: 1, kind: "receipt", occurred: NOW, node: "s1", lines: [{ sku: "TEA", quantity: 3 }] },
    { source: "dock", id: 2, kind: "receipt", occurred: NOW, node: "s2", lines: [{ sku: "TEA", quantity: 3 }] },
  ]);
  return engine;
}

const request = (quantity, more = {}) => ({ lines: [{ sku: "TEA", quantity }], to: { zone: "north" }, now: NOW, ...more });

test("rules are read once, hold for any number of promises, and are said in sentences", async () => {
  const engine = await shop();
  const rules = engine.rules({ rules: [{ name: "closed", soft: true, when: { nodes: ["s1"] }, then: { exclude: {} } }] });
  const plain = engine.promise(request(2));
  assert.equal(plain.shipments[0].node, "s1");
  const ruled = engine.promise(request(2, { explain: "full" }), rules);
  assert.equal(ruled.shipments[0].node, "s2");
  assert.deepEqual(ruled.passed, [{ node: "s1", check: "excluded", number: 0, rule: "closed" }]);
  assert.ok(explainOffer(ruled).includes("s1 is not to be used (rule closed)."));
  const relaxed = engine.promise(request(5), rules);
  assert.deepEqual(relaxed.relaxed, [{ rule: "closed", units: 2, saves: 1_999_900 }]);
  assert.ok(explainOffer(relaxed).some((sentence) => sentence.startsWith("The rule closed does not hold: with it, 2 fewer could be had")));
});

test("a rulebook is of its engine, and gone when it was freed", async () => {
  const [engine, other] = [await shop(), await shop()];
  const rules = engine.rules({});
  assert.deepEqual(engine.promise(request(1), rules), engine.promise(request(1)));
  assert.throws(() => other.promise(request(1), rules), (error) => isOnhandError(error) && error.code === "invalid_argument");
  rules.free();
  rules.free();
  assert.throws(() => engine.promise(request(1), rules), (error) => isOnhandError(error) && error.code === "invalid_argument");
});

test("what is no rulebook is misuse by name, and leaves the engine as it was", async () => {
  const engine = await shop();
  const digest = engine.digest();
  const deep = (levels) => (levels === 0 ? 1 : [deep(levels - 1)]);
  for (const rulebook of [
    null, 7, { rule: [] }, { rules: 7 }, { rules: [{}] }, { rules: [{ name: "x" }] }, { rules: [{ name: "x", then: {} }] },
    { rules: [{ name: "x", then: { exclude: {}, only: {} } }] }, { rules: [{ name: "x", then: { exclude: { more: 1 } } }] },
    { rules: [{ name: "x", then: { distance: { maxM: 1.5 } } }] }, { rules: [{ name: "x", then: { distance: { maxM: NaN } } }] },
    { rules: [{ name: "\ud800", then: { exclude: {} } }] }, { rules: [{ name: "", then: { exclude: {} } }] },
    { rules: [{ name: "x", then: { exclude: {} } }, { name: "x", then: { only: {} } }] },
    { rules: Array.from({ length: 65 }, (_, at) => ({ name: `x${at}`, then: { exclude: {} } })) },
    { objective: { goals: [{ measure: "beauty" }] } }, { priority: deep(40) }, { ties: ["name"] },
  ]) {
    assert.throws(() => engine.rules(rulebook), (error) => isOnhandError(error) && error.code === "invalid_argument", JSON.stringify(rulebook));
  }
  assert.equal(engine.digest(), digest);
  assert.equal(engine.promise(request(1)).ok, true);
});

test("what stands in for what is short is read as the core says it, and said in a sentence", async () => {
  const engine = await shop();
  engine.applyAll([
    { source: "master", id: 9, kind: "item_change", occurred: NOW, terms: { item: { sku: "CUP", unit: "each" } } },
    { source: "dock", id: 9, kind: "receipt", occurred: NOW, node: "s2", lines: [{ sku: "CUP", quantity: 5 }] },
  ]);
  const row = { sku: "TEA", parts: [{ sku: "CUP", units: 2 }], unit: 10 };
  const rules = engine.rules({ rules: [{ name: "other", then: { standIn: { rows: [row] } } }] });
  const asked = request(9, { lines: [{ sku: "TEA", quantity: 4, line: "a" }, { sku: "TEA", quantity: 3, line: "b" }, { sku: "TEA", quantity: 2, line: "c" }] });
  const offer = engine.promise(asked, rules);
  const stood = offer.shipments.flatMap(({ lines }) => lines).filter((line) => line.asked !== undefined);
  assert.deepEqual(stood, [{ line: "b", sku: "CUP", quantity: 2, asked: "TEA" }, { line: "c", sku: "CUP", quantity: 2, asked: "TEA" }]);
  assert.deepEqual(offer.unmet.map(({ line, quantity }) => [line, quantity]), [["c", 1]]);
  assert.ok(explainOffer(offer).includes("s2 sends 2 of CUP for TEA."));
  const accepted = engine.accept({ source: "web", id: 1, occurred: NOW, subject: "order-1" }, asked, offer);
  assert.equal(accepted.ok, true);
  assert.equal(engine.available({ sku: "CUP", node: "s2", now: NOW }).claimed, 4);
});
