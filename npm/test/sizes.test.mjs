// What is too large is refused by name, soon, and with no more memory than three times what the largest valid input takes.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEngine, OnhandError } from "onhand";
import { facts, NOW } from "./shop.mjs";

const MiB = 2 ** 20;
const LINES_MAX = 10_000;
const lot = (number) => String(number).padStart(128, "0");
const line = (number) => ({ sku: "TEA-250", quantity: 1, lot: lot(number) });
const receipt = (lines) => ({ source: "dock-9", id: 1, kind: "receipt", occurred: NOW, node: "store-1", lines });
const receiptText = (lines) => JSON.stringify([receipt(Array.from({ length: lines }, (_, number) => line(number)))]);

const opened = async () => {
  const engine = await createEngine();
  engine.applyAll(facts());
  return engine;
};

/** Bytes of JavaScript's heap and of buffers that are held once everything else is let go of. */
const held = () => {
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
};

/** Bytes that an act leaves held: WebAssembly's memory never shrinks, so that its peak is in it. */
function grown(act) {
  const before = held();
  act();
  return Math.max(0, held() - before);
}

const sales = (count) =>
  `[${Array.from({ length: count }, (_, number) => `{"kind":"sell","source":"till-9","id":${number + 1},"occurred":${NOW},"node":"store-1","lines":[{"sku":"TEA-250","quantity":1}]}`).join(",")}]`;

// The largest event that is right, and a text that is longer than each of those that are wrong.
const largest = Array.from({ length: LINES_MAX }, (_, number) => line(number));
const most = {};
for (const [door, act] of [
  ["apply", (engine) => engine.apply(receipt(largest))],
  ["applyJson", (engine) => engine.applyJson(sales(150_000))],
]) {
  const engine = await opened();
  most[door] = grown(() => act(engine));
}

/** Refused by name, within bounds, and nothing changed; by an engine that has seen nothing large yet. */
async function refused(door, what, code, act) {
  const engine = await opened();
  const digest = engine.digest();
  const started = process.cpuUsage();
  const bytes = grown(() => {
    assert.throws(() => act(engine), (error) => error instanceof OnhandError && error.code === code, what);
  });
  const { user, system } = process.cpuUsage(started);
  const took = (user + system) / 1_000;
  assert.ok(bytes <= 3 * Math.max(most[door], MiB), `${what} holds ${bytes} bytes, the largest valid input ${most[door]}`);
  assert.ok(took < 5_000, `${what} took ${took} ms of a processor`);
  assert.equal(engine.digest(), digest);
}

describe("malicious sizes", () => {
  const sale = { ...receipt([line(1)]), kind: "sell" };
  const million = Array.from({ length: 1_000_000 }, () => line(1));
  const keys = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, number) => [`key-${number}`, 1]));
  const sparse = [];
  sparse.length = 2 ** 32 - 1;
  // In one piece: a text that is put together when it is first read would count against whoever reads it.
  const long = Buffer.alloc(256 * MiB, "x").toString("latin1");
  const nested = Array.from({ length: 17 }).reduce((inner) => ({ node: inner }), "store-1");
  const cases = [
    ["one line more", "limit", { ...sale, lines: [...largest, line(1)] }],
    ["a million lines", "limit", { ...sale, lines: million }],
    ["a list that claims 2^32 - 1 lines", "limit", { ...sale, lines: sparse }],
    ["a name of 256 MiB", "invalid_argument", { ...sale, source: long }],
    ["a name of 256 MiB in a line", "invalid_argument", { ...sale, lines: [{ sku: long, quantity: 1 }] }],
    ["a million keys", "invalid_argument", keys],
    ["a million keys in a line", "invalid_argument", { ...sale, lines: [keys] }],
    ["objects, 17 deep", "invalid_argument", { ...sale, node: nested }],
  ];
  for (const [what, code, event] of cases) {
    test(`${what}: by apply, execute and applyAll`, async () => {
      await refused("apply", what, code, (engine) => engine.apply(event));
      // To list a million keys takes JavaScript itself a second.
      if (what.includes("keys")) return;
      await refused("apply", what, code, (engine) => engine.execute(event));
      await refused("apply", what, code, (engine) => engine.applyAll([event]));
    });
  }

  test("facts without end", async () => {
    await refused("apply", "2^32 - 1 facts", "limit", (engine) => engine.applyAll(sparse));
  });

  for (const [what, code, text] of [
    ["one line more", "invalid_argument", receiptText(LINES_MAX + 1)],
    ["lists, a million deep", "invalid_argument", "[".repeat(1_000_000)],
    ["a million keys", "invalid_argument", `[${JSON.stringify(keys)}]`],
    ["a text of 256 MiB and a character", "limit", `${long} `],
  ]) {
    test(`as text: ${what}`, async () => {
      await refused("applyJson", what, code, (engine) => engine.applyJson(text));
    });
  }

  test("requests and names", async () => {
    const request = { lines: [{ sku: "TEA-250", quantity: 1 }], to: { zone: "north" }, now: NOW };
    await refused("apply", "lines without end", "limit", (engine) => engine.promise({ ...request, lines: sparse }));
    await refused("apply", "a long zone", "invalid_argument", (engine) => engine.promise({ ...request, to: { zone: long } }));
    await refused("apply", "a long name", "invalid_argument", (engine) => engine.intern("sku", long));
  });
});
