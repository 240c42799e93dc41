// Promises under rulebooks: what JavaScript adds to the core, which the corpus of cases tests.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createEngine, isOnhandError } from "onhand/rules";
import { explainOffer, explainTries } from "onhand/explain";
import { offerFragment } from "onhand/web";

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
  // The likeliest two: the rules without their book, and a book that was not read.
  assert.throws(() => engine.rules([{ name: "x", then: { only: {} } }]), { path: "rulebook", message: "`rulebook` is not an object: `list`" });
  assert.throws(() => engine.promise(request(1), { rules: [] }), { path: "rules", message: "`rules` is not what `rules` of this engine made" });
  for (const [rules, path] of [[1n, "rules"], [() => 1, "rules"], [[Symbol("x")], "rules[0]"], [new Array(2 ** 31), "rules"]]) {
    assert.throws(() => engine.rules({ rules }), (error) => isOnhandError(error) && error.path === path, path);
  }
  assert.equal(engine.digest(), digest);
  assert.equal(engine.promise(request(1)).ok, true);
});

test("what is wrong with a rulebook names its place in it, as everywhere", async () => {
  const engine = await shop();
  const fine = { name: "fine", then: { only: {} } };
  const second = (then, more = {}) => ({ rules: [fine, { name: "x", then, ...more }] });
  const cases = [
    [{ weather: 1 }, "weather"],
    [{ rules: 7 }, "rules"],
    [{ rules: [fine, {}] }, "rules[1].name"],
    [{ rules: [fine, { name: "x" }] }, "rules[1].then"],
    [second({ only: {} }, { when: { nodes: ["a", ""] } }), "rules[1].when.nodes[1]"],
    [second({ only: {} }, { soft: 1 }), "rules[1].soft"],
    [second({ teleport: {} }), "rules[1].then.teleport"],
    [second({ distance: { maxKm: 1 } }), "rules[1].then.distance.maxM"],
    [second({ distance: { maxM: 1, maxKm: 1 } }), "rules[1].then.distance.maxKm"],
    [second({ distance: { maxM: -1 } }), "rules[1].then.distance.maxM"],
    [second({ maxPerLine: { most: 0 } }), "rules[1].then.maxPerLine.most"],
    [second({ capacity: { rows: [{ node: "a" }, { node: "b", units: -1 }] } }), "rules[1].then.capacity.rows[1]"],
    [second({ standIn: { rows: [{ sku: "a", parts: [{ sku: "b", units: 1 }, { sku: "c" }] }] } }), "rules[1].then.standIn.rows[0].parts[1].units"],
    [{ priority: [["a"], ["b", 7]] }, "priority[1][1]"],
    [{ sites: [{ name: "a", latitude: 0, longitude: 0 }, { name: "b", latitude: 90_000_001, longitude: 0 }] }, "sites[1]"],
    [{ objective: { goals: [{ measure: "cost" }, { measure: "beauty" }] } }, "objective.goals[1].measure"],
    [{ timetable: { calendars: [{ name: "a", calendar: { week: [{ spans: [[1, 2], [3]] }] } }] } }, "timetable.calendars[0].calendar.week[0].spans[1]"],
    [{ timetable: { clocks: [{ name: "a" }] } }, "timetable.clocks[0].table"],
  ];
  for (const [rulebook, path] of cases) {
    assert.throws(() => engine.rules(rulebook), (error) => {
      assert.ok(isOnhandError(error) && error.code === "invalid_argument", path);
      assert.equal(error.path, path, error.message);
      assert.ok(error.message.includes(`\`${path}\``), error.message);
      assert.ok(!error.message.includes("at line"), error.message); // Of which text?
      return true;
    });
  }
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

const closed = { rules: [{ name: "closed", when: { nodes: ["s1"] }, then: { exclude: {} } }] };
const error = { wrongPpm: 500_000, meanMilli: 3_000 };

test("what is asked of a promise may be asked under rules, each alone and all at once", async () => {
  const engine = await shop();
  const rules = engine.rules(closed);
  const more = [{ stock: { sku: "TEA", node: "s2", units: 2 } }];
  assert.equal(engine.promise(request(5), rules).unmet[0].quantity, 2);
  assert.deepEqual(engine.promiseIf(request(5), more, rules).unmet, []);
  const [sure, risk] = [engine.promiseSurely(request(2), { errors: [{ error }] }, rules), { errors: [{ sku: "TEA", error }] }];
  assert.deepEqual(sure.offer, engine.promise(request(2), rules));
  assert.equal(sure.certainty.shipments[0].lines[0].record, 3);
  const reserve = { source: "web", id: 1, kind: "reserve", occurred: NOW, subject: "order-1", lines: [{ sku: "TEA", quantity: 3, node: "s2" }] };
  assert.equal(engine.execute(reserve).ok, true);
  assert.deepEqual(engine.promiseAgain(request(3), "order-1", rules).unmet, []);
  const all = engine.promiseWith(request(5), { changes: more, order: "order-1", risk }, rules);
  assert.deepEqual([all.offer.unmet, all.certainty.shipments[0].lines[0].record], [[], 8]);
  assert.equal(engine.promiseWith(request(5), { order: "order-1" }, rules).certainty.ppm, 1_000_000);
  const { remedies } = engine.counterfactual(request(1), {}, rules);
  assert.deepEqual(remedies.map(({ kind, size }) => [kind, size]), [["units", 1]]);
  assert.deepEqual(remedies[0].changes, [{ stock: { sku: "TEA", node: "s2", units: 1 } }]);
  assert.deepEqual(engine.promiseIf(request(1), remedies[0].changes, rules).cost, remedies[0].cost);
  assert.equal(engine.counterfactual(request(1), { stepsMax: 1 }, rules).code, "out_of_range");
});

test("where to look first is asked under rules, and says which of them were relaxed", async () => {
  const engine = await shop();
  engine.apply({ source: "dock", id: 3, kind: "receipt", occurred: NOW, node: "s1", lines: [{ sku: "TEA", quantity: 2 }] });
  const nodes = (tries) => tries.tries.map(({ node }) => node);
  assert.deepEqual(nodes(engine.tries(request(2), { failureCost: 900 })), ["s1", "s2"]);
  const tries = engine.tries(request(2), { failureCost: 900 }, engine.rules(closed));
  assert.deepEqual([nodes(tries), tries.relaxed], [["s2"], undefined]);
  const soft = engine.rules({ rules: [{ ...closed.rules[0], soft: true }] });
  const relaxed = engine.tries(request(4), { failureCost: 900 }, soft);
  assert.deepEqual([nodes(relaxed), relaxed.relaxed.map(({ rule, units }) => [rule, units])], [["s1"], [["closed", 1]]]);
  assert.ok(explainTries(relaxed).at(-1).includes("closed"));
});

test("without rules, and under those that say nothing, every door answers the same", async () => {
  const engine = await shop();
  const [none, changes, risk] = [engine.rules({}), [{ onLine: { node: "s1", onLine: false } }], { errors: [{ error }], failureCost: 900, weigh: true }];
  assert.deepEqual(engine.promiseIf(request(2), changes, none), engine.promiseIf(request(2), changes));
  assert.deepEqual(engine.promiseSurely(request(2), risk, none), engine.promiseSurely(request(2), risk));
  assert.deepEqual(engine.promiseAgain(request(2), "order-1", none), engine.promiseAgain(request(2), "order-1"));
  assert.deepEqual(engine.tries(request(2), risk, none), engine.tries(request(2), risk));
  assert.deepEqual(engine.counterfactual(request(9), {}, none), engine.counterfactual(request(9)));
  assert.deepEqual(engine.promiseWith(request(2), { changes, risk }, none), engine.promiseWith(request(2), { changes, risk }));
});

test("what cannot be asked under rules is misuse that names its field, or is refused by name", async () => {
  const engine = await shop();
  const rules = engine.rules(closed);
  const misused = (call, path) => assert.throws(call, (error) => isOnhandError(error) && error.code === "invalid_argument" && error.path === path, path);
  misused(() => engine.promiseIf(request(1), [{ weather: {} }], rules), "changes[0].weather");
  misused(() => engine.earliest(undefined, rules), "node");
  misused(() => engine.latest(null, rules), "node");
  misused(() => engine.shown(null, rules), "sku");
  misused(() => engine.promiseSurely(request(1), { weigh: "yes" }, rules), "risk.weigh");
  misused(() => engine.promiseAgain(request(1), "", rules), "order");
  misused(() => engine.tries(request(1), { failureCost: -1 }, rules), "risk.failureCost");
  misused(() => engine.counterfactual(request(1), { cheaperBy: 0 }, rules), "wish.cheaperBy");
  misused(() => engine.promiseWith(request(1), { weather: {} }, rules), "weather");
  misused(() => engine.promiseWith(request(1), { risk: { supplyPpm: -1 } }, rules), "risk.supplyPpm");
  const unknown = { ok: false, code: "unknown_sku", sku: "CAVIAR" };
  assert.deepEqual(engine.promiseIf(request(1), [{ unprotected: { sku: "CAVIAR", node: "s1" } }], rules), unknown);
  assert.deepEqual(engine.promiseSurely(request(1), { errors: [{ sku: "CAVIAR", error }] }, rules), unknown);
  assert.deepEqual(engine.counterfactual(request(1, { lines: [] }), {}, rules), { ok: false, code: "no_lines" });
  assert.equal(engine.promise(request(1), rules).ok, true);
});

test("who accepts too late is offered what the same rules allow now", async () => {
  const engine = await shop();
  const rules = engine.rules({ rules: [{ name: "whole", then: { shipComplete: {} } }] });
  const [one, other] = [engine.promise(request(4), rules), engine.promise(request(4), rules)];
  const command = (id) => ({ source: "web", id, occurred: NOW, subject: `order-${id}` });
  assert.equal(engine.accept(command(1), request(4), one, rules).ok, true);
  const refused = engine.accept(command(2), request(4), other, rules);
  assert.deepEqual([refused.code, refused.fresh.shipments, refused.fresh.unmet[0].quantity], ["insufficient", [], 4]);
  assert.equal(engine.accept(command(2), request(4), other).fresh.unmet[0].quantity, 2);
});

test("the parts of a kit stand in for it as its card has them", async () => {
  const engine = await shop();
  const item = (id, sku) => ({ source: "master", id, kind: "item_change", occurred: NOW, terms: { item: { sku, unit: "each" } } });
  const parts = [{ sku: "CUP", quantity: 1 }, { sku: "TEA", quantity: 2 }];
  const card = (id, more) => ({ source: "master", id, kind: "catalogue_change", occurred: NOW, terms: { card: { list: "kit", name: "SET", version: `v${id}`, ...more } }, lines: parts });
  engine.applyAll([item(20, "SET"), item(21, "CUP"), { source: "dock", id: 20, kind: "receipt", occurred: NOW, node: "s2", lines: [{ sku: "CUP", quantity: 2 }] }]);
  const asked = request(0, { lines: [{ sku: "SET", quantity: 2 }] });
  const offered = () => {
    const kit = engine.kit({ sku: "SET", node: "s1", now: NOW });
    const row = { sku: "SET", parts: kit.parts.map(({ sku, units }) => ({ sku, units })), split: kit.split };
    return engine.promise(asked, engine.rules({ rules: [{ name: "kits", then: { standIn: { rows: [row] } } }] }));
  };
  assert.equal(engine.apply(card(22)).ok, true);
  assert.equal(offered().unmet[0].quantity, 1);
  assert.equal(engine.apply(card(23, { split: true })).ok, true);
  assert.deepEqual(offered().unmet, []);
});

test("a pick-up is said from when the doors are open, and holidays have hours of their own", async () => {
  const engine = await shop();
  const day = (from, to) => ({ spans: [[from * 60, to * 60]] });
  const hours = (from, to) => ({ week: Array.from({ length: 7 }, () => day(from, to)), holidays: [{ day: Math.floor(NOW / 86_400_000), hours: day(from, to + 1) }] });
  const rules = engine.rules({
    timetable: {
      clocks: [{ name: "utc", table: { rows: [[0, 0]] } }],
      calendars: [{ name: "picking", calendar: hours(6, 20) }, { name: "opening", calendar: hours(11, 18) }],
      nodes: [{ node: "s1", clock: "utc", picking: "picking", opening: "opening" }],
    },
  });
  const offer = engine.promise({ ...request(1), to: { pickUp: "s1" } }, rules);
  assert.deepEqual([offer.shipments[0].releaseBy, offer.shipments[0].arriveBy], [NOW, NOW + 7_200_000]);
  assert.match(explainOffer(offer)[0], /^1 unit to pick up at s1 from Jan 5, 2026, 11:00\sAM UTC\.$/);
  assert.equal(offerFragment({ availability: "InStock", now: NOW, promise: offer }).deliveryLeadTime.maxValue, 2);
});

test("under goals other than cost nothing is said of the cost of plans that are not as good", async () => {
  const engine = await shop();
  const rules = engine.rules({ objective: { goals: [{ measure: "shipments" }] } });
  const offer = engine.promise(request(2, { explain: "full" }), rules);
  assert.deepEqual([offer.cost, offer.proven], [100, true]);
  assert.deepEqual(explainOffer(offer).slice(1), ["The plan costs 100, and no plan that is as good costs less.", "s2 could help, but no plan with it is better."]);
});
