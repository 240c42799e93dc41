// What a scanned code means and how many kits there are, by the doors that a receiving page and a shop page use.
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { createEngine, isOnhandError, restore } from "onhand";
import { facts, NOW } from "./shop.mjs";

let id = 0;
const card = (said, rest) => ({ source: "office", id: ++id, kind: "catalogue_change", occurred: NOW, terms: { card: said }, ...rest });
const cards = () => {
  id = 0;
  return [
    card({ list: "item", name: "TEA-250", gtin: "036000291452", byLot: true }),
    card({ list: "pack", of: "TEA-250", name: "case", count: 12, gtin: "10036000291459" }),
    card({ list: "item", name: "HONEY", gtin: "036000291469", grams: 500, gramsPpm: 50_000 }),
    card({ list: "kit", name: "GIFT", version: "gift-1" }, { lines: [{ sku: "TEA-250", quantity: 2 }, { sku: "HONEY", quantity: 1 }] }),
  ];
};
const gift = { source: "setup", id: 99, kind: "item_change", occurred: NOW, terms: { item: { sku: "GIFT", unit: "each" } } };
const opening = { source: "setup", id: 100, kind: "opening", occurred: NOW, node: "store-1", lines: [{ sku: "HONEY", quantity: 2 }] };

let engine;
beforeEach(async () => {
  engine = await createEngine();
  assert.equal(engine.applyAll([...facts(), gift, opening]).turnedAwayCount, 0);
});

/** Every way in which facts come in. */
const ways = {
  apply: (engine, list) => list.forEach((fact) => assert.equal(engine.apply(fact).ok, true)),
  execute: (engine, list) => list.forEach((fact) => assert.equal(engine.execute(fact).ok, true)),
  applyAll: (engine, list) => assert.equal(engine.applyAll(list).turnedAwayCount, 0),
};

for (const [way, tell] of Object.entries(ways)) {
  describe(`a catalogue told by ${way}`, () => {
    beforeEach(() => tell(engine, cards()));

    test("says what a code means", () => {
      const scan = (code) => engine.scan({ code, at: NOW });
      assert.deepEqual(scan("10036000291459"), { ok: true, sku: "TEA-250", pack: "case", units: 12, byLot: true });
      assert.deepEqual(scan("0036000291469"), { ok: true, sku: "HONEY", units: 1, grams: 500, byLot: false });
      assert.deepEqual(scan("HONEY"), scan("036000291469"));
      assert.deepEqual(scan("036000291453"), { ok: false, code: "check_digit", expected: 2 });
      assert.deepEqual(scan("73513537"), { ok: false, code: "unknown_gtin", gtin: "00000073513537" });
      assert.deepEqual(engine.scan({ code: "10036000291459", at: NOW - 1 }).code, "unknown_gtin");
    });

    test("says how many kits there are", () => {
      assert.deepEqual(engine.kit({ sku: "GIFT", node: "store-1", now: NOW }), {
        ok: true, ready: 0, toMake: 2, binds: "HONEY",
        parts: [{ sku: "HONEY", units: 1, available: 2 }, { sku: "TEA-250", units: 2, available: 7 }],
        split: false,
      });
      assert.deepEqual(engine.kit({ sku: "HONEY", node: "store-1", now: NOW }), { ok: false, code: "not_a_kit" });
    });

    test("is not in a snapshot, and is told again without counting twice", async () => {
      const digest = engine.digest();
      const other = await restore(engine.snapshot());
      assert.equal(other.scan({ code: "10036000291459", at: NOW }).code, "unknown_gtin");
      tell(other, cards());
      assert.equal(other.scan({ code: "10036000291459", at: NOW }).units, 12);
      assert.equal(other.digest(), digest);
    });
  });
}

test("several items with one code are all named", () => {
  engine.applyAll([...cards(), card({ list: "item", name: "HONEY", gtin: "00036000291452" })]);
  const scanned = engine.scan({ code: "036000291452", at: NOW });
  assert.equal(scanned.code, "ambiguous");
  assert.deepEqual(scanned.found.map(({ sku }) => sku), ["HONEY", "TEA-250"]);
});

test("what a dry run or a refusal says is not known", () => {
  const [tea] = cards();
  assert.equal(engine.decide(tea).ok, true);
  assert.equal(engine.execute({ ...tea, terms: { card: { ...tea.terms.card, gtin: "036000291453" } } }).code, "malformed");
  assert.equal(engine.scan({ code: "036000291452", at: NOW }).code, "unknown_gtin");
});

test("whatever comes from a scanner, the answer is a value, and misuse names its part", () => {
  for (const code of ["", " ", "0", "\u001d010003600029145210LOT", "0".repeat(512), "__proto__", "constructor", "\u0000", "🍵"]) {
    assert.equal(engine.scan({ code, at: NOW }).ok, false, code);
  }
  const misused = (call, path) => assert.throws(call, (error) => isOnhandError(error) && error.code === "invalid_argument" && error.path === path);
  misused(() => engine.scan({ code: 36000291452, at: NOW }), "code");
  misused(() => engine.scan({ code: "1".repeat(513), at: NOW }), "code");
  misused(() => engine.scan({ code: "TEA\ud83c", at: NOW }), "code");
  misused(() => engine.scan({ code: "036000291452", at: -1 }), "at");
  misused(() => engine.kit({ sku: "", node: "store-1", now: NOW }), "sku");
  misused(() => engine.kit({ sku: "GIFT", node: "store-1", now: 0.5 }), "now");
  const wrong = (rest) => ({ ...card({ list: "pack", of: "TEA-250", name: "case", count: 12, ...rest }) });
  misused(() => engine.apply(wrong({ count: 1.5 })), "terms.card.count");
  misused(() => engine.apply(wrong({ byLot: 1 })), "terms.card.byLot");
  misused(() => engine.apply(wrong({ colour: "red" })), "terms.card.colour");
});
