// The doors of the floor: deliveries held against their orders, blind counts, and a book that other entries go on with.
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { restore } from "onhand";
import { createEngine } from "onhand/floor";
import { day, facts, NOW } from "./shop.mjs";

const DAY = 86_400_000;
const receipt = (...lines) => ({ source: "dock", id: 1, kind: "receipt", occurred: NOW, node: "store-1", lines });
const tea = (quantity, rest) => ({ sku: "TEA-250", quantity, ...rest });
const order = (rest) => ({ supply: "PO-1", items: [{ sku: "TEA-250", open: 144, packs: [{ pack: "case", units: 12 }], ...rest }] });

let engine;
beforeEach(async () => {
  engine = await createEngine();
  engine.applyAll(facts());
});

describe("a delivery", () => {
  test("that is as ordered is for sale, and is received against its order", () => {
    engine.apply({ source: "buying", id: 1, kind: "supply_change", occurred: NOW, node: "store-1", subject: "PO-1", due: NOW, lines: [tea(144)] });
    assert.deepEqual(engine.supply({ sku: "TEA-250", node: "store-1" }), [
      { due: NOW, supply: "PO-1", expected: 144, received: 0, open: 144, claimed: 0 },
    ]);
    const inspection = engine.inspect({ receipt: receipt(tea(144, { pack: "case" })), order: order() });
    assert.deepEqual([inspection.findings, inspection.complete], [[], true]);
    assert.equal(engine.apply(inspection.receipt).ok, true);
    assert.equal(engine.available({ sku: "TEA-250", node: "store-1", now: NOW })?.available, 7 + 144);
    assert.equal(engine.supply({ sku: "TEA-250", node: "store-1" })[0]?.open, 0);
  });

  const cases = [
    ["without an order", [tea(6)], undefined, ["no_order", 6, 0]],
    ["of a wrong item", [{ sku: "HONEY", quantity: 2 }], order({ open: 0 }), ["wrong_item", 2, 0]],
    ["of more than is tolerated", [tea(154)], order({ over: { ppm: 50_000 } }), ["over", 3, 151]],
    ["of less than is open", [tea(100)], order({ under: { units: 2 } }), ["short", 44, 144]],
    ["of cases booked as pieces", [tea(12)], order(), ["pack_mistaken", 12, 144]],
    ["of a broken case", [tea(18, { pack: "case" })], order({ open: 18 }), ["broken_pack", 6, 12]],
    ["in an unknown pack", [tea(144, { pack: "pallet" })], order(), ["unknown_pack", 144, 0]],
    ["without its lot", [tea(144)], order({ byLot: true }), ["lot_missing", 144, 0]],
    ["without its expiry", [tea(144)], order({ lifeMs: DAY }), ["expiry_missing", 144, 0]],
    ["that is too old", [tea(144, { expires: NOW + DAY - 1 })], order({ lifeMs: DAY }), ["life_too_short", DAY - 1, DAY]],
    ["that is damaged", [tea(144, { state: "damaged" })], order(), ["damaged", 144, 0]],
  ];
  for (const [what, lines, ordered, [oddity, units, limit]] of cases) {
    test(`${what} says so, and sells nothing of it`, () => {
      const before = engine.available({ sku: "TEA-250", node: "store-1", now: NOW })?.available;
      const inspection = engine.inspect({ receipt: receipt(...lines), ...(ordered && { order: ordered }) });
      const finding = inspection.findings.find((one) => one.oddity === oddity);
      assert.deepEqual([finding?.units, finding?.limit], [units, limit], JSON.stringify(inspection.findings));
      const booked = inspection.receipt.lines.reduce((sum, line) => sum + line.quantity, 0);
      assert.equal(booked, lines[0].quantity);
      engine.apply(inspection.receipt);
      const sellable = inspection.receipt.lines.filter((line) => line.state === "sellable").reduce((sum, line) => sum + line.quantity, 0);
      assert.equal(engine.available({ sku: "TEA-250", node: "store-1", now: NOW })?.available, before + sellable);
      if (!["over", "short"].includes(oddity)) assert.equal(sellable, 0);
    });
  }
});

describe("a count", () => {
  const sheet = { name: "count-7", node: "store-1", items: ["TEA-250", "HONEY"], places: ["back-room", "shelf"] };
  const at = (who, place) => ({
    found: (units, sku = "TEA-250") => ({ who, place, sku, units }),
    finished: (moment) => ({ who, place, finished: moment }),
    startOver: () => ({ who, place, startOver: true }),
  });
  const [ada, grace] = [at("ada", "shelf"), at("grace", "shelf")];

  test("adds up what one person finds, and posts a finished place at its moment", () => {
    const marks = [ada.found(3), ada.found(4), ada.finished(NOW + 5)];
    const open = engine.count({ ...sheet, marks });
    assert.deepEqual(open, { notTaken: [], unfinished: ["back-room"], disputes: [], counts: [] });
    const { counts } = engine.count({ ...sheet, marks }, { source: "pda-4", first: 10 });
    assert.deepEqual(counts.map(({ id, occurred, subject, lines }) => [id, occurred, subject, lines.map(({ sku, quantity, place }) => [sku, quantity, place])]), [
      [10, NOW + 5, "count-7", [["HONEY", 0, "shelf"], ["TEA-250", 7, "shelf"]]],
    ]);
    // The answer is a fact as it would be given: the wire's names are not seen.
    assert.equal(engine.apply(counts[0]).ok, true);
    assert.equal(engine.apply(counts[0]).replayed, true);
  });

  test("closes only when those who differ have looked again", () => {
    const marks = [ada.found(7), ada.finished(NOW), grace.found(8), grace.finished(NOW + 1)];
    const close = { source: "pda-4", first: 1 };
    const open = engine.count({ ...sheet, marks }, close);
    assert.deepEqual(open.counts, []);
    assert.deepEqual(open.disputes, [{ place: "shelf", sku: "TEA-250", found: [{ who: "ada", units: 7 }, { who: "grace", units: 8 }] }]);
    const again = [...marks, ada.startOver(), ada.found(8), ada.finished(NOW + 2)];
    assert.equal(engine.count({ ...sheet, marks: again }, close).counts.length, 1);
  });

  test("says which marks it did not take", () => {
    const marks = [
      ada.found(1, "SUGAR"), { who: "ada", place: "cellar", sku: "TEA-250", units: 1 }, ada.found(100_000_000_000), ada.found(1),
      ada.finished(NOW), ada.found(2),
    ];
    assert.deepEqual(engine.count({ ...sheet, marks }).notTaken, [
      { mark: 0, code: "other_item" }, { mark: 1, code: "other_place" }, { mark: 3, code: "out_of_range" }, { mark: 5, code: "finished" },
    ]);
  });

  test("of a node without places is one of the node", () => {
    const { places, ...whole } = sheet;
    assert.deepEqual(engine.count({ ...whole, marks: [] }).unfinished, [null]);
    const marks = [{ who: "ada", sku: "TEA-250", units: 5 }, { who: "ada", finished: NOW }];
    const [count] = engine.count({ ...whole, marks }, { source: "pda-4", first: 1 }).counts;
    engine.apply(count);
    assert.equal(engine.available({ sku: "TEA-250", node: "store-1", now: NOW })?.onHand, 5);
  });
});

test("a decision comes with the names that events are given in", () => {
  const decided = engine.decide({ source: "office", id: 1, kind: "relocate", occurred: NOW, node: "store-1", lines: [tea(1, { toPlace: "shelf" })] });
  assert.equal(decided.ok && "event" in decided && decided.event.lines[0].toPlace, "shelf");
});

test("the book is the same by either entry", async () => {
  engine.applyAll(day());
  const promising = await restore(engine.snapshot());
  assert.equal(promising.digest(), engine.digest());
  assert.equal(promising.promise({ lines: [{ sku: "HONEY", quantity: 1 }], to: { zone: "north" }, now: NOW }).ok, true);
});
