// What the package answers, by the doors that a program uses.
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { createEngine, createEngineSync, restore, restoreSync } from "onhand";
import { explainException, explainPassed, explainRefusal } from "onhand/explain";
import { day, facts, NOW, shuffled } from "./shop.mjs";

const sale = { source: "till-1", id: 1_000, kind: "sell", occurred: NOW, node: "store-1", lines: [{ sku: "TEA-250", quantity: 2 }] };
const order = {
  source: "web", id: "order-7", kind: "reserve", occurred: NOW, node: "store-1", subject: "order-7",
  lines: [{ sku: "TEA-250", quantity: 5 }],
};
const shelf = { sku: "TEA-250", node: "store-1", now: NOW };

let engine;
beforeEach(async () => {
  engine = await createEngine();
  assert.equal(engine.applyAll(facts()).turnedAwayCount, 0);
});

describe("facts", () => {
  test("are posted, and posted again change nothing", () => {
    const first = engine.apply(sale);
    assert.equal(first.ok, true);
    assert.equal(first.replayed, false);
    const digest = engine.digest();
    assert.equal(engine.apply(sale).replayed, true);
    assert.equal(engine.digest(), digest);
    assert.equal(engine.available(shelf).available, 5);
  });

  test("are posted though they contradict the book, and say so", () => {
    const outcome = engine.apply({ ...sale, lines: [{ sku: "TEA-250", quantity: 9 }] });
    assert.deepEqual(outcome.exceptions.map(({ code }) => code), ["deficit"]);
    const [open] = engine.exceptions({ now: NOW });
    assert.equal(open.quantity, -2);
    assert.match(explainException(open), /TEA-250 at store-1 is -2/);
    assert.equal(engine.available(shelf).available, 0);
  });

  test("with a used id and other content are turned away by name", () => {
    engine.apply(sale);
    const other = engine.apply({ ...sale, lines: [{ sku: "TEA-250", quantity: 3 }] });
    assert.equal(other.ok, false);
    assert.equal(other.code, "id_conflict");
  });

  test("about an unknown item wait for it", () => {
    const early = { ...sale, lines: [{ sku: "JAM", quantity: 1 }] };
    assert.equal(engine.apply(early).standing, "parked");
    engine.apply({ source: "setup", id: 900, kind: "item_change", occurred: NOW, terms: { item: { sku: "JAM", unit: "each" } } });
    assert.equal(engine.available({ ...shelf, sku: "JAM" }).sellable, -1);
  });
});

describe("intents", () => {
  test("that a cancelled receipt leaves without stock are named, the last one first", () => {
    for (const [id, quantity] of [["order-1", 3], ["order-2", 3]]) {
      assert.equal(engine.execute({ ...order, id, subject: id, lines: [{ sku: "TEA-250", quantity }] }).ok, true);
    }
    assert.deepEqual(engine.losingClaims(shelf), []);
    const cancelled = engine.apply({ ...sale, id: 1_001, kind: "receipt_cancel", reason: "miscounted", lines: [{ sku: "TEA-250", quantity: 5 }] });
    assert.equal(cancelled.exceptions[0].code, "overcommitted");
    assert.deepEqual(engine.losingClaims(shelf), [
      { ledger: "order", subject: "order-2", line: "TEA-250", units: 3 },
      { ledger: "order", subject: "order-1", line: "TEA-250", units: 1 },
    ]);
    assert.throws(() => engine.losingClaims({ ...shelf, node: "" }), { code: "invalid_argument", path: "node" });
  });

  test("are accepted or refused with numbers, and a refusal changes nothing", () => {
    assert.equal(engine.execute(order).ok, true);
    const digest = engine.digest();
    const refused = engine.execute({ ...order, id: "order-8", subject: "order-8" });
    assert.equal(refused.ok, false);
    assert.equal(refused.code, "insufficient");
    assert.equal(refused.shortages[0].available, 2);
    assert.equal(refused.shortages[0].requested, 5);
    assert.match(explainRefusal(refused), /2 available, 5 asked for/);
    assert.equal(engine.digest(), digest);
  });

  test("are decided without being applied", () => {
    const digest = engine.digest();
    assert.equal(engine.decide(order).ok, true);
    assert.equal(engine.digest(), digest);
  });
});

describe("batches", () => {
  test("end as the same facts do one by one, in any order and by every door", () => {
    const expected = createEngineSync();
    for (const fact of [...facts(), ...day()]) assert.equal(expected.apply(fact).ok, true);
    const digest = expected.digest();
    const doors = {
      objects: (other) => other.applyAll([...facts(), ...day()]),
      shuffled: (other) => other.applyAll(shuffled([...facts(), ...day()])),
      reversed: (other) => other.applyAll([...facts(), ...day()].reverse()),
      text: (other) => other.applyJson(wire([...facts(), ...day()])),
    };
    for (const [door, post] of Object.entries(doors)) {
      const other = createEngineSync();
      const outcome = post(other);
      assert.equal(outcome.events, facts().length + day().length, door);
      assert.equal(outcome.posted + outcome.parked, outcome.events, door);
      assert.equal(other.digest(), digest, door);
      other.free();
    }
  });

  test("read names beyond ASCII alike from a text and from its bytes", () => {
    const text = wire([...facts(), ...day()]).replaceAll("HONEY", "HÖNIG-蜂蜜-🍯");
    const [one, other] = [createEngineSync(), createEngineSync()];
    assert.deepEqual(one.applyJson(text), other.applyJson(new TextEncoder().encode(text)));
    assert.equal(one.digest(), other.digest());
    assert.ok(one.positions("HÖNIG-蜂蜜-🍯").length > 0);
    one.free();
    other.free();
  });

  test("say which facts were turned away", () => {
    const conflict = { ...sale, lines: [{ sku: "HONEY", quantity: 1 }] };
    const outcome = engine.applyAll([sale, { ...sale, id: 1_001 }, conflict, { ...sale, id: 1_002 }]);
    assert.equal(outcome.posted, 3);
    assert.deepEqual(outcome.turnedAway.map(({ index, code }) => [index, code]), [[2, "id_conflict"]]);
  });
});

describe("promises", () => {
  const request = { lines: [{ sku: "TEA-250", quantity: 6 }, { sku: "HONEY", quantity: 1 }], to: { zone: "north" }, now: NOW };

  test("are the same plan at every level of explanation", () => {
    const [none, summary, full] = ["none", "summary", "full"].map((explain) => engine.promise({ ...request, explain }));
    assert.deepEqual(none.shipments, full.shipments);
    assert.deepEqual(summary.shipments, full.shipments);
    assert.equal(full.proven, true);
    assert.equal(full.bound, full.cost);
    // Tea from the depot, honey from the only store that has it: two parcels and seven units.
    assert.deepEqual(full.shipments.map(({ node }) => node), ["depot", "store-2"]);
    assert.equal(full.cost, 400 + 600 + 7 * 10);
    const [passed] = full.passed;
    assert.equal(passed.node, "store-1");
    assert.equal(passed.check, "not_needed");
    assert.match(explainPassed(passed), /store-1 could help/);
  });

  test("name what cannot be had", () => {
    const offer = engine.promise({ ...request, to: { pickUp: "store-1" } });
    assert.deepEqual(offer.shipments[0].lines, [{ line: "TEA-250", sku: "TEA-250", quantity: 6 }]);
    assert.deepEqual(offer.unmet, [{ line: "HONEY", sku: "HONEY", quantity: 1, available: 0 }]);
    assert.deepEqual(engine.promise({ ...request, to: { pickUp: "nowhere" } }), { ok: false, code: "unknown_node", node: "nowhere" });
  });

  test("keep two lines of one item apart, and never promise a unit twice", () => {
    const lines = [{ sku: "HONEY", quantity: 3, line: "1" }, { sku: "HONEY", quantity: 3, line: "2" }];
    const offer = engine.promise({ ...request, lines });
    assert.deepEqual(offer.shipments[0].lines.map(({ line, quantity }) => [line, quantity]), [["1", 3], ["2", 1]]);
    assert.deepEqual(offer.unmet.map(({ line, quantity }) => [line, quantity]), [["2", 2]]);
  });
});

test("a snapshot carries the book, and facts that came since bring it up to date", async () => {
  const snapshot = engine.snapshot();
  engine.applyAll(day());
  const again = await restore(snapshot, day());
  assert.equal(again.digest(), engine.digest());
  assert.equal(again.version, engine.version);
});

test("who restores hears what became of the facts since, and may refuse the engine for it", async () => {
  const snapshot = engine.snapshot();
  const [first, ...rest] = day();
  const since = [first, { ...first, occurred: first.occurred + 1 }, first, ...rest];
  const expected = (await restore(snapshot)).applyAll(since);
  assert.deepEqual(expected.turnedAway.map(({ index, code }) => [index, code]), [[1, "id_conflict"]]);
  const heard = [];
  const told = (outcome) => heard.push(outcome);
  const engines = [await restore(snapshot, since, told), restoreSync(snapshot, since, told), await restore(snapshot, undefined, told)];
  assert.deepEqual(heard.slice(0, 2), [expected, expected]);
  assert.equal(heard[2].events, 0);
  assert.equal(engines[0].digest(), (await restore(snapshot, since)).digest());
  const lossy = (outcome) => {
    if (outcome.turnedAwayCount > 0) throw new Error(outcome.turnedAway[0].code);
  };
  await assert.rejects(restore(snapshot, since, lossy), /^Error: id_conflict$/);
  assert.ok(await restore(snapshot, day(), lossy));
  for (const told of [null, "told", {}]) {
    const misuse = { name: "OnhandError", code: "invalid_argument", path: "told" };
    await assert.rejects(restore(snapshot, since, told), misuse);
    assert.throws(() => restoreSync(snapshot, since, told), misuse);
  }
});

test("readings", () => {
  assert.deepEqual(engine.available(shelf), {
    onHand: 7, sellable: 7, claimed: 0, protected: 0, available: 7, overcommitted: 0, backorderLimit: 0, withheld: 0,
  });
  assert.equal(engine.available({ ...shelf, node: "nowhere" }), undefined);
  const everywhere = engine.availableEverywhere({ sku: "TEA-250", now: NOW });
  assert.deepEqual(everywhere.map(({ node, available }) => [node, available]), [["depot", 20], ["store-1", 7], ["store-2", 0]]);
  const columns = engine.availableByNode({ sku: "TEA-250", now: NOW });
  assert.deepEqual([columns.nodes, [...columns.available]], [["depot", "store-1", "store-2"], [20, 7, 0]]);
  assert.equal(engine.availableByNode({ sku: "HONEY", now: NOW }).nodes, columns.nodes, "the same nodes are the same list");
  assert.equal(engine.availableByNode({ sku: "nothing", now: NOW }), undefined);
  assert.deepEqual(engine.positions("HONEY").map(({ location, quantity }) => [location, quantity]), [["store-2", 4]]);
  assert.match(engine.digest(), /^[0-9a-f]{64}$/);
});

test("availability by node follows the book, and the moment where something ends by itself", () => {
  const tea = (now = NOW) => engine.availableByNode({ sku: "TEA-250", now }).available;
  const DAY = 86_400_000;
  tea().fill(0);
  assert.deepEqual(tea(), [20, 7, 0], "whoever got the numbers may write on them");
  assert.equal(engine.apply(sale).ok, true);
  assert.deepEqual(tea(), [20, 5, 0]);
  engine.apply({ source: "setup", id: 901, kind: "protection_change", occurred: NOW, terms: { protection: { sku: "TEA-250", node: "depot", quantity: 4 } } });
  assert.deepEqual(tea(), [16, 5, 0]);
  assert.equal(engine.execute({ ...order, expires: NOW + DAY }).ok, true);
  assert.deepEqual([tea(), tea(NOW + DAY), tea()], [[16, 0, 0], [16, 5, 0], [16, 0, 0]]);
  engine.apply({ source: "setup", id: 902, kind: "lot_change", occurred: NOW, terms: { lot: { sku: "TEA-250", lot: "L1", expires: NOW + 2 * DAY } } });
  engine.apply({ ...sale, id: 1_001, kind: "receipt", lines: [{ sku: "TEA-250", quantity: 3, lot: "L1" }] });
  assert.deepEqual([tea(NOW + DAY), tea(NOW + 2 * DAY)], [[16, 8, 0], [16, 5, 0]]);
  engine.apply({ source: "setup", id: 903, kind: "node_change", occurred: NOW, terms: { node: { node: "attic", type: "store", onLine: true, ships: true, picksUp: true, handlingMs: 0 } } });
  assert.deepEqual(engine.availableByNode({ sku: "TEA-250", now: NOW + DAY }), { nodes: ["attic", "depot", "store-1", "store-2"], available: [0, 16, 8, 0] });
});

/** Facts in the keys of the wire. */
function wire(list) {
  const names = { onLine: "on_line", picksUp: "picks_up", handlingMs: "handling_ms", transitMs: "transit_ms", parcelCost: "parcel_cost", unitCost: "unit_cost" };
  const rename = (value) => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [names[key] ?? key, rename(inner)]));
  };
  return JSON.stringify(rename(list));
}

describe("available to promise", () => {
  const DAY = 86_400_000;
  const order = (id, due, quantity) => ({
    source: "buyer", id, kind: "supply_change", occurred: NOW, node: "store-1", subject: id, due, lines: [{ sku: "TEA-250", quantity }],
  });

  test("is answered by flavour, with the bucket that binds", () => {
    engine.applyAll([order("PO-1", NOW + 2 * DAY, 10), order("PO-2", NOW + 5 * DAY, 3)]);
    const demand = [{ time: NOW + 3 * DAY, units: 15 }];
    const ahead = engine.atp({ ...shelf, demand });
    assert.equal(ahead.flavour, "look_ahead");
    assert.deepEqual(ahead.buckets.map(({ available }) => available), [2, 2, 2, 5]);
    assert.equal(ahead.buckets[0].bindsAt, NOW + 3 * DAY);
    const discrete = engine.atp({ ...shelf, demand, rule: { flavour: "discrete", infiniteAfterMs: 9 * DAY } });
    assert.deepEqual(discrete.buckets.map(({ raw }) => raw), [7, -5, 0, 3, 100_000_000_000]);
    assert.equal(engine.atp({ ...shelf, sku: "JAM" }), undefined);
  });

  test("misuse names the field and the value", () => {
    assert.throws(() => engine.atp({ ...shelf, rule: { flavour: "best" } }), { code: "invalid_argument", message: /rule\.flavour.*best/ });
    assert.throws(() => engine.atp({ ...shelf, demand: [{ time: NOW, units: -1 }] }), { code: "invalid_argument", message: /demand\[0\]\.units.*-1/ });
  });
});
