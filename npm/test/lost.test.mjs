// Engines that fail, are freed, or are many.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createEngine, createEngineSync, EngineLostError, isOnhandError, restore } from "onhand";
import { day, facts, NOW } from "./shop.mjs";

test("a failed engine says so, keeps saying so, and others live on", async () => {
  const [engine, other] = [await createEngine(), await createEngine()];
  for (const one of [engine, other]) one.applyAll(facts());
  const [snapshot, version] = [engine.snapshot(), engine.version];
  for (const call of [() => engine.__trap(), () => engine.digest(), () => engine.apply(day()[0]), () => engine.version]) {
    assert.throws(call, (error) => {
      assert.ok(error instanceof EngineLostError);
      assert.ok(isOnhandError(error));
      assert.equal(error.code, "engine_lost");
      assert.equal(error.lastVersion, version);
      return true;
    });
  }
  assert.equal((await restore(snapshot)).digest(), other.digest());
  assert.equal(other.apply(day()[0]).ok, true);
});

test("a freed engine is no engine", () => {
  const engine = createEngineSync();
  engine.free();
  engine.free();
  assert.throws(() => engine.digest(), (error) => error.code === "engine_freed");
  const used = createEngineSync();
  used[Symbol.dispose]();
  assert.throws(() => used.exceptions({ now: NOW }), (error) => error.code === "engine_freed");
});

test("engines that are freed give their memory back", { timeout: 120_000 }, async () => {
  const use = async () => {
    const engine = createEngineSync();
    engine.applyAll([...facts(), ...day(1_000)]);
    engine.promise({ lines: [{ sku: "TEA-250", quantity: 1 }], to: { zone: "north" }, now: NOW });
    engine.free();
    // Collecting what is no longer used takes a turn of the loop.
    await new Promise(setImmediate);
  };
  const used = () => process.memoryUsage().rss;
  for (let round = 0; round < 30; round++) await use();
  const before = used();
  for (let round = 0; round < 150; round++) await use();
  const grown = (used() - before) / 2 ** 20;
  assert.ok(grown < 100, `${grown.toFixed(0)} MiB more after 150 engines`);
});

test("one engine that works for long does not grow", () => {
  const engine = createEngineSync();
  engine.applyAll(facts());
  const request = { lines: [{ sku: "TEA-250", quantity: 1 }], to: { zone: "north" }, now: NOW, explain: "full" };
  const work = () => {
    for (let at = 0; at < 20_000; at++) engine.promise(request);
    for (let at = 0; at < 500; at++) engine.snapshot();
  };
  work();
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
  work();
  globalThis.gc?.();
  const grown = (process.memoryUsage().arrayBuffers + process.memoryUsage().external - before) / 2 ** 20;
  assert.ok(grown < 32, `${grown.toFixed(0)} MiB more after the same work again`);
});
