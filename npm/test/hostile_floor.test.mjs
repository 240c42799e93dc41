// What no honest caller gives to the doors of the floor: refused by name, nothing changed, the engine unharmed.
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { createEngine as createPromising } from "onhand";
import { createEngine, isOnhandError, OnhandError, restore, Trail } from "onhand/floor";
import { facts, NOW } from "./shop.mjs";

const receipt = { source: "dock", id: 1, kind: "receipt", occurred: NOW, node: "store-1", lines: [{ sku: "TEA-250", quantity: 12 }] };
const item = { sku: "TEA-250", open: 144 };
const delivery = (rest, of = {}) => ({ receipt: { ...receipt, ...of }, order: { supply: "PO-1", items: [{ ...item, ...rest }] } });
const sheet = { name: "count-7", node: "store-1", marks: [] };
const marked = (...marks) => ({ ...sheet, marks });
const found = { who: "ada", sku: "TEA-250", units: 1 };

let engine, trail, digest, head;
beforeEach(async () => {
  engine = await createEngine();
  trail = new Trail(engine, { policy: { rules: [{ name: "clerk", kinds: ["adjust"], windowMs: 1, units: 5 }] } });
  for (const fact of facts()) trail.apply(fact, NOW);
  digest = engine.digest();
  head = trail.head();
});

/** Misuse names its place, and leaves everything as it was. */
function misused(act, path, code = "invalid_argument") {
  assert.throws(act, (error) => {
    assert.ok(error instanceof OnhandError && isOnhandError(error), String(error));
    assert.deepEqual([error.code, error.path], [code, path], error.message);
    return true;
  });
  assert.equal(engine.digest(), digest);
  assert.deepEqual(trail.head(), head);
}

describe("deliveries", () => {
  const cases = [
    ["nothing", null, ""],
    ["no receipt", {}, "receipt"],
    ["a receipt that is none", { receipt: { ...receipt, kind: "sell" } }, "receipt.kind"],
    ["a receipt of nothing", { receipt: null }, "receipt.kind"],
    ["no lines", { receipt: { ...receipt, lines: undefined } }, "receipt.lines"],
    ["a line that is none", { receipt: { ...receipt, lines: [7] } }, "receipt.lines[0].sku"],
    ["a fraction", { receipt: { ...receipt, lines: [{ sku: "TEA-250", quantity: 0.5 }] } }, "receipt.lines[0].quantity"],
    ["an expiry that is a Date", { receipt: { ...receipt, lines: [{ ...receipt.lines[0], expires: new Date() }] } }, "receipt.lines[0].expires"],
    ["an order without items", { receipt, order: { supply: "PO-1" } }, "order.items"],
    ["less than nothing open", delivery({ open: -1 }), "order.items[0].open"],
    ["an unknown key", delivery({ price: 1 }), "order.items[0].price"],
    ["a tolerance below zero", delivery({ over: { units: -1 } }), "order.items[0].over.units"],
    ["packs by name", delivery({ packs: { case: 12 } }), "order.items[0].packs"],
    ["a pack without its units", delivery({ packs: [{ pack: "case" }] }), "order.items[0].packs[0].units"],
    ["a flag that is a number", delivery({ byLot: 1 }), "order.items[0].byLot"],
    ["a name with a line break", delivery({ sku: "TEA\nHONEY" }), "order.items[0].sku"],
  ];
  for (const [what, value, path] of cases) test(what, () => misused(() => engine.inspect(value), path));

  test("more lines, items or packs than the limit", () => {
    const many = (count, one) => Array.from({ length: count }, () => one);
    misused(() => engine.inspect(delivery({}, { lines: many(10_001, receipt.lines[0]) })), "receipt.lines", "limit");
    misused(() => engine.inspect({ receipt, order: { supply: "PO-1", items: many(10_001, item) } }), "order.items", "limit");
    misused(() => engine.inspect(delivery({ packs: many(101, { pack: "case", units: 12 }) })), "order.items[0].packs", "limit");
  });

  test("of the most lines and items is looked at in one go", () => {
    const skus = Array.from({ length: 10_000 }, (_, at) => `SKU-${at}`);
    const lines = skus.map((sku) => ({ sku, quantity: 100_000_000_000, expires: NOW + 1 }));
    const items = skus.map((sku) => ({ sku, open: 100_000_000_000, lifeMs: 1, packs: [{ pack: "case", units: 100_000_000_000 }] }));
    const { complete, receipt: booked } = engine.inspect({ receipt: { ...receipt, lines }, order: { supply: "PO-1", items } });
    assert.deepEqual([complete, booked.lines.length], [true, 10_000]);
  });

  test("getters are read once", () => {
    let reads = 0;
    engine.inspect({ receipt: { ...receipt, get lines() { reads++; return receipt.lines; } } });
    assert.equal(reads, 1);
  });
});

describe("counts", () => {
  const cases = [
    ["no marks", { name: "count-7", node: "store-1" }, "marks"],
    ["a mark that is none", marked(null), "marks[0].who"],
    ["a mark of nobody", marked({ sku: "TEA-250", units: 1 }), "marks[0].who"],
    ["a mark that says nothing", marked({ who: "ada" }), "marks[0].sku"],
    ["a mark of two forms", marked({ ...found, finished: NOW }), "marks[0].sku"],
    ["found without units", marked({ who: "ada", sku: "TEA-250" }), "marks[0].units"],
    ["less than nothing found", marked({ ...found, units: -1 }), "marks[0].units"],
    ["an unknown state", { ...sheet, state: "lost" }, "state"],
    ["places that are none", { ...sheet, places: [7] }, "places[0]"],
    ["a lot of no item", { ...sheet, lots: [{ lot: "L1" }] }, "lots[0].sku"],
  ];
  for (const [what, value, path] of cases) test(what, () => misused(() => engine.count(value), path));

  test("a close by nobody, or with a number that is none", () => {
    misused(() => engine.count(sheet, {}), "close.source");
    misused(() => engine.count(sheet, { source: "pda", first: 0 }), "close.first");
    misused(() => engine.count(sheet, null), "close");
  });

  test("more marks than the limit", () => misused(() => engine.count(marked(...Array.from({ length: 100_001 }, () => found))), "marks", "limit"));
});

describe("trails", () => {
  test("of no engine, or of one of another entry", async () => {
    misused(() => new Trail({}), "book");
    const promising = await createPromising();
    misused(() => new Trail(promising), "book");
  });

  const starts = [
    ["a policy without rules", { policy: {} }, "policy.rules"],
    ["a rule without a window", { policy: { rules: [{ name: "clerk", kinds: ["adjust"] }] } }, "policy.rules[0].windowMs"],
    ["a rule of no known kind", { policy: { rules: [{ name: "clerk", kinds: ["steal"], windowMs: 1 }] } }, "policy.rules[0].kinds[0]"],
    ["a limit below zero", { policy: { rules: [{ name: "clerk", kinds: [], windowMs: 1, units: -1 }] } }, "policy.rules[0].units"],
    ["a head without its seal", { start: { entries: 1 } }, "start.seal"],
    ["a seal that is none", { start: { entries: 1, seal: "00" } }, "start.seal"],
  ];
  for (const [what, options, path] of starts) test(what, () => misused(() => new Trail(engine, options), path));

  test("entries that are none", async () => {
    const [entry] = trail.entries();
    const other = await createEngine();
    for (const [bad, path] of [
      ["log", "entries"], [[null], "entries[0]"], [[{ ...entry, number: -1 }], "entries[0].number"],
      [[{ ...entry, verdict: "maybe" }], "entries[0].verdict"], [[{ ...entry, verdict: {} }], "entries[0].verdict.turnedAway"],
      [[{ ...entry, verdict: { refused: "" } }], "entries[0].verdict.refused"], [[{ ...entry, seal: "x".repeat(64) }], "entries[0].seal"],
      [[{ ...entry, event: { ...entry.event, kind: "sold" } }], "entries[0].event.kind"], [[{ ...entry, why: 1 }], "entries[0].why"],
    ]) misused(() => Trail.read(other, bad), path);
    assert.equal(other.version, 0);
  });

  test("questions that are none", () => {
    misused(() => trail.apply(receipt), "recorded");
    misused(() => trail.apply({ ...receipt, node: 7 }, NOW), "node");
    misused(() => trail.execute(receipt, -1), "recorded");
    misused(() => trail.verify({}), "known.entries");
    misused(() => trail.entries({ most: 0 }), "most");
    misused(() => trail.knownThen("now"), "moment");
    misused(() => trail.history({}), "subject");
    misused(() => trail.history({ subject: "order-1", node: "store-1" }), "node");
    misused(() => trail.history({ sku: "TEA-250" }), "node");
    misused(() => trail.lives({ now: NOW, costs: [{ sku: "TEA-250" }] }), "costs[0].cost");
    misused(() => trail.lanes({ now: Number.NaN }), "now");
    misused(() => trail.soldLine({ order: "", line: "L1" }), "order");
    misused(() => trail.mayRefund({ order: "order-1", line: "L1", units: 0.5 }), "units");
    misused(() => trail.approval({ name: "approval-1" }), "now");
    misused(() => trail.lanes(), "now");
    misused(() => trail.soldLine(null), "order");
    misused(() => trail.mayRefund(), "order");
    misused(() => trail.approval(), "name");
    misused(() => trail.history("x".repeat(1_000_000)), "subject");
    assert.equal(trail.entries(null).length, head.entries);
    assert.equal(Trail.read(engine, [], null) instanceof Trail, true);
  });
});

test("a door of the other entry is not there, and a book of the other entry is a book here", async () => {
  assert.equal("promise" in engine, false);
  const promising = await createPromising();
  assert.equal("inspect" in promising, false);
  assert.equal((await restore(promising.snapshot())).digest(), promising.digest());
});
