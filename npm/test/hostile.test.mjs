// What no honest caller gives: refused by name, nothing changed, the engine unharmed.
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { runInNewContext } from "node:vm";
import { createEngine, Engine, isOnhandError, OnhandError, restoreSync } from "onhand";
import { day, facts, NOW } from "./shop.mjs";

const sale = { source: "till-1", id: 1_000, kind: "sell", occurred: NOW, node: "store-1", lines: [{ sku: "TEA-250", quantity: 2 }] };
const line = (rest) => ({ ...sale, lines: [{ sku: "TEA-250", quantity: 2, ...rest }] });

let engine, digest;
beforeEach(async () => {
  engine = await createEngine();
  engine.applyAll(facts());
  digest = engine.digest();
});

/** Misuse names its place, and leaves everything as it was. */
function misused(act, path, code = "invalid_argument") {
  assert.throws(act, (error) => {
    assert.ok(error instanceof OnhandError, String(error));
    assert.ok(isOnhandError(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.path, path, error.message);
    return true;
  });
  assert.equal(engine.digest(), digest);
}

describe("events", () => {
  const cases = [
    ["nothing", null, ""],
    ["a list", [], ""],
    ["a text", "sell", ""],
    ["no source", { ...sale, source: undefined }, "source"],
    ["an unknown key", { ...sale, quantity: 1 }, "quantity"],
    ["an unknown kind", { ...sale, kind: "sold" }, "kind"],
    ["a kind of the prototype", { ...sale, kind: "constructor" }, "kind"],
    ["a key of the prototype", JSON.parse(`{ "__proto__": 1 }`), "__proto__"],
    ["an id of zero", { ...sale, id: 0 }, "id"],
    ["an id beyond the safe integers", { ...sale, id: 2 ** 53 }, "id"],
    ["an id that is a BigInt", { ...sale, id: 1n }, "id"],
    ["a time that is no number", { ...sale, occurred: Number.NaN }, "occurred"],
    ["a time before 1970", { ...sale, occurred: -1 }, "occurred"],
    ["a time that is a Date", { ...sale, occurred: new Date() }, "occurred"],
    ["a recording time that is a text", { ...sale, recorded: "now" }, "recorded"],
    ["a fraction", line({ quantity: 1.5 }), "lines[0].quantity"],
    ["an infinite quantity", line({ quantity: Number.POSITIVE_INFINITY }), "lines[0].quantity"],
    ["a quantity that is a text", line({ quantity: "2" }), "lines[0].quantity"],
    ["a quantity out of range", line({ quantity: 1e12 }), "lines[0].quantity"],
    ["an empty name", line({ sku: "" }), "lines[0].sku"],
    ["a name with space at its end", line({ sku: "TEA " }), "lines[0].sku"],
    ["a name with a control character", line({ sku: "TEA\u0000" }), "lines[0].sku"],
    ["half a character", line({ sku: "TEA\ud83c" }), "lines[0].sku"],
    ["a name in another normal form", line({ sku: "cafe\u0301" }), "lines[0].sku"],
    ["a name of 129 bytes", line({ sku: "é".repeat(64) + "x" }), "lines[0].sku"],
    ["lines that are no list", { ...sale, lines: { length: 1 } }, "lines"],
    ["a symbol", { ...sale, source: Symbol("till") }, "source"],
    ["terms of no kind", { ...sale, terms: {} }, "terms"],
  ];
  for (const [what, event, path] of cases) {
    test(`${what}: by apply, execute and applyAll`, () => {
      misused(() => engine.apply(event), path);
      misused(() => engine.execute(event), path);
      const batch = path === "" ? "facts[1]" : `facts[1].${path}`;
      // Good facts before and behind it are not posted either: nothing is half-applied.
      misused(() => engine.applyAll([sale, event, ...day()]), batch);
    });
  }

  test("what is wrong is said beside what would be right", () => {
    const right = [
      [{ ...sale, occurred: new Date(NOW) }, "`occurred` is not a time in whole milliseconds since 1970, from 0 to 253402300799999: `object`"],
      [{ ...sale, kind: "sale" }, /^`kind` is none of opening, receipt, .*, sell, .*: `"sale"`$/],
      [{ ...sale, line: [] }, /^`line` is none of the keys source, id, .*, lines, terms$/],
      [line({ qty: 1 }), /^`lines\[0\]\.qty` is none of the keys sku, quantity, /],
      [line({ quantity: "2" }), '`lines[0].quantity` is not a whole number from -100000000000 to 100000000000: `"2"`'],
      [line({ quantity: 1.5 }), "`lines[0].quantity` is not a whole number from -100000000000 to 100000000000: `1.5`"],
      [line({ state: "sold" }), /^`lines\[0\]\.state` is none of sellable, .*: `"sold"`$/],
      [[sale], "what was given is not an object: `list`"],
    ];
    for (const [event, message] of right) assert.throws(() => engine.apply(event), { message });
    const request = { lines: [{ sku: "TEA-250", qty: 1 }], to: { pickUp: "store-1" }, now: NOW };
    assert.throws(() => engine.promise(request), { message: "`lines[0].qty` is none of the keys sku, quantity, line" });
    assert.throws(() => new Engine(), { name: "OnhandError", code: "invalid_argument", message: /`createEngine`/ });
  });

  test("a fact of a batch is turned away with its reason, by whichever way it went in", () => {
    const wrong = line({ quantity: -1 });
    const [byText] = engine.applyJson(JSON.stringify([wrong])).turnedAway;
    assert.match(byText.message, /`lines.quantity` of line 0 is wrong_sign: `-1`/);
    assert.deepEqual(engine.applyAll([...day(), wrong, ...day()]).turnedAway, [{ ...byText, index: day().length }]);
  });

  test("negative zero is zero", () => {
    assert.equal(engine.apply(line({ quantity: -0 })).ok, true);
  });

  test("a getter is read once, and what it throws reaches its caller", () => {
    let reads = 0;
    const once = { ...sale, get source() { reads++; return "till-1"; } };
    engine.apply(once);
    assert.equal(reads, 1);
    digest = engine.digest();
    const failing = { ...sale, id: 7, get node() { throw new RangeError("mine"); } };
    assert.throws(() => engine.apply(failing), /mine/);
    assert.throws(() => engine.applyAll([{ ...sale, id: 8 }, failing]), /mine/);
    assert.equal(engine.digest(), digest);
  });

  test("a getter that posts a batch of its own leaves the batch that is being read as it is", async () => {
    const other = await createEngine();
    other.applyAll([...facts(), { ...sale, id: 10 }, { ...sale, id: 11 }, { ...sale, id: 12 }, { ...sale, id: 13 }]);
    const nested = { ...sale, id: 11, get node() { engine.applyAll([{ ...sale, id: 12 }, { ...sale, id: 13 }]); return sale.node; } };
    engine.applyAll([{ ...sale, id: 9 }]);
    other.applyAll([{ ...sale, id: 9 }]);
    engine.applyAll([{ ...sale, id: 10 }, nested]);
    assert.equal(engine.digest(), other.digest());
  });

  test("more lines than the limit", () => {
    const many = Array.from({ length: 10_001 }, () => ({ sku: "TEA-250", quantity: 1 }));
    misused(() => engine.apply({ ...sale, lines: many }), "lines", "limit");
  });

  test("an array that claims to be long", () => {
    misused(() => engine.applyAll({ length: 2 ** 31 }), "facts");
    misused(() => engine.applyAll(new Array(1_000_001)), "facts", "limit");
  });
});

describe("texts", () => {
  const text = JSON.stringify([sale]);
  const cases = [
    ["no JSON", "sell"],
    ["half of a text", text.slice(0, -3)],
    ["more behind the end", `${text}]`],
    ["an unknown key", text.replace("quantity", "amount")],
    ["a repeated key", text.replace(`"id":1000`, `"id":1000,"id":1001`)],
    ["a fraction", text.replace(`"quantity":2`, `"quantity":2.5`)],
    ["a number beyond 64 bits", text.replace("1000", "99999999999999999999")],
    ["another normal form", text.replace("TEA-250", "cafe\u0301")],
    ["another normal form, escaped", text.replace("TEA-250", "cafe\\u0301")],
    ["half a character, escaped", text.replace("TEA-250", "TEA\\ud83c")],
    ["lists within lists", "[".repeat(100_000)],
  ];
  for (const [what, bad] of cases) {
    test(what, () => {
      misused(() => engine.applyJson(bad), undefined);
      assert.equal(engine.applyJson(text).posted, 1);
    });
  }

  test("no text at all, or half a character", () => {
    misused(() => engine.applyJson([sale]), "text");
    misused(() => engine.applyJson(text.replace("TEA-250", "TEA\ud83c")), "text");
  });
});

describe("the other doors", () => {
  test("requests", () => {
    const request = { lines: [{ sku: "TEA-250", quantity: 1 }], to: { zone: "north" }, now: NOW };
    assert.equal(engine.promise(request).ok, true);
    misused(() => engine.promise({ ...request, to: {} }), "to");
    misused(() => engine.promise({ ...request, to: { zone: "north", pickUp: "store-1" } }), "to");
    misused(() => engine.promise({ ...request, now: "now" }), "now");
    misused(() => engine.promise({ ...request, lines: [{ sku: "TEA-250", quantity: 0 }] }), "lines[0].quantity");
    misused(() => engine.promise({ ...request, lines: Array.from({ length: 65 }, () => request.lines[0]) }), "lines", "limit");
    misused(() => engine.promise({ ...request, policy: { nodesMax: 0 } }), "policy.nodesMax");
    misused(() => engine.promise({ ...request, policy: { speed: 1 } }), "policy.speed");
    assert.deepEqual(engine.promise({ ...request, lines: [] }), { ok: false, code: "no_lines" });
  });

  test("rows, names and snapshots", () => {
    misused(() => engine.applyRows([1, 2, 3]), "rows");
    misused(() => engine.applyRows(new Uint8Array(55)), "rows");
    assert.equal(engine.applyRows(new Uint8Array(112).fill(255)).turnedAwayCount, 2);
    misused(() => engine.intern("colour", "red"), "kind");
    misused(() => engine.intern("sku", ""), "text");
    misused(() => engine.available({ sku: "TEA-250", node: "store-1", now: -1 }), "now");
  });

  test("damaged snapshots", async () => {
    const { restore } = await import("onhand");
    const snapshot = engine.snapshot();
    // A page whose snapshot did not come is not given an empty book.
    await assert.rejects(restore(undefined), (error) => error.path === "snapshot");
    for (const bad of [new Uint8Array(), snapshot.slice(0, -1), snapshot.map((byte, at) => (at === 100 ? byte ^ 1 : byte))]) {
      await assert.rejects(restore(bad), (error) => error.code === "invalid_snapshot");
    }
    await assert.rejects(restore("text"), (error) => error.path === "snapshot");
  });
});

describe("values of no use, at every door", () => {
  const handedOn = new Uint8Array(8);
  structuredClone(handedOn.buffer, { transfer: [handedOn.buffer] });
  let deep = [];
  for (let depth = 0; depth < 20_000; depth++) deep = [deep];
  const odd = {
    null: null, true: true, number: -0.5, text: " ", bigint: 1n, symbol: Symbol("odd"), function: () => 1, list: [7], deep, "a long text": "x".repeat(1_000_000),
    // What makes a text of these runs their code, fails, or goes on for minutes.
    "no text": Object.create(null), "a text that throws": { toString() { throw new Error("mine"); } }, "a list of holes": new Array(2 ** 31),
    "a list that claims to be long": new Proxy([], { get: (list, key) => (key === "length" ? 2 ** 31 : list[key]) }), "bytes that were handed on": handedOn,
  };
  const request = { lines: [{ sku: "TEA-250", quantity: 1 }], to: { zone: "north" }, now: NOW };
  const command = { source: "web", id: 1, occurred: NOW, subject: "order-1" };
  const doors = {
    apply: (value) => engine.apply(value), source: (value) => engine.apply({ ...sale, source: value }), line: (value) => engine.apply({ ...sale, lines: [value] }),
    quantity: (value) => engine.apply(line({ quantity: value })), state: (value) => engine.apply(line({ state: value === null ? 0 : value })),
    applyAll: (value) => engine.applyAll([sale, value]), applyRows: (value) => engine.applyRows(value), kind: (value) => engine.intern(value, "x"),
    available: (value) => engine.available(value), availableEverywhere: (value) => engine.availableEverywhere(value), availableByNode: (value) => engine.availableByNode(value),
    losingClaims: (value) => engine.losingClaims(value), exceptions: (value) => engine.exceptions(value), supply: (value) => engine.supply(value),
    scan: (value) => engine.scan(value), kit: (value) => engine.kit(value), load: (value) => engine.load(value), promise: (value) => engine.promise(value),
    offer: (value) => engine.accept(command, request, value), shipment: (value) => engine.accept(command, request, { shipments: [value] }),
    offered: (value) => engine.accept(command, request, { shipments: [{ node: "store-1", lines: [value] }] }),
    "a line of an offer": (value) => engine.accept(command, request, { shipments: [{ node: "store-1", lines: [{ line: value, sku: "TEA-250", quantity: 1 }] }] }),
    command: (value) => engine.accept(value, request, engine.promise(request)),
    since: (value) => restoreSync(engine.snapshot(), value),
  };
  for (const [door, call] of Object.entries(doors)) {
    test(door, { timeout: 10_000 }, () => {
      for (const [what, value] of Object.entries(odd)) {
        const named = ({ path, message }) => (path === "" ? message.startsWith("what was given ") : message.includes(`\`${path}\``));
        assert.throws(() => call(value), (error) => isOnhandError(error) && typeof error.path === "string" && named(error), what);
        assert.equal(engine.digest(), digest, what);
      }
    });
  }

  test("texts of bytes that were handed on are told, and the engine goes on", () => misused(() => engine.applyJson(handedOn), "text"));

  test("what is wrong is said with its value, or with the type of what has no plain text", () => {
    assert.throws(() => engine.positions(7), /`sku` is not a text: `7`/);
    assert.throws(() => engine.positions({ toString: () => "TEA" }), /`sku` is not a text: `object`/);
  });

  test("facts since a snapshot are never passed over for their form", () => {
    for (const since of [new Set([sale]), { 0: sale }, null]) misused(() => restoreSync(engine.snapshot(), since), "facts");
  });

  test("bytes of another realm, and those that threads share, are bytes", () => {
    const snapshot = engine.snapshot();
    const foreign = runInNewContext("Uint8Array").from(snapshot);
    assert.equal(foreign instanceof Uint8Array, false);
    const shared = new Uint8Array(new SharedArrayBuffer(snapshot.length));
    shared.set(snapshot);
    for (const bytes of [foreign, shared, Buffer.from(snapshot)]) assert.equal(restoreSync(bytes).digest(), digest);
  });
});
