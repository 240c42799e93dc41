// On real workerd: the package as a bundler makes it part of a worker.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { createEngineSync } from "onhand";
import { day, facts, NOW } from "./shop.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const REQUEST = { lines: [{ sku: "TEA-250", quantity: 6 }], to: { zone: "north" }, now: NOW, explain: "full" };

test("a worker answers as Node.js does", { timeout: 120_000 }, async () => {
  // Within the package, so that it finds itself by its name.
  const folder = mkdtempSync(join(root, "dist", "workerd-"));
  let workerd;
  try {
    writeFileSync(join(folder, "worker.mjs"), `
      import { createEngine, restore } from "onhand";
      import { restore as restoreFloor } from "onhand/floor";
      import { day, facts } from "../../test/shop.mjs";
      export default {
        async fetch() {
          const engine = await createEngine();
          engine.applyAll([...facts(), ...day()]);
          let since;
          const again = await restore(engine.snapshot(), day(), (outcome) => { since = outcome; });
          let lost;
          try { again.__trap(); } catch (error) { lost = error.code; }
          const floor = (await restoreFloor(engine.snapshot())).digest();
          return Response.json({ floor, digest: engine.digest(), offer: engine.promise(${JSON.stringify(REQUEST)}), lost, since });
        },
      };
    `);
    await build({
      entryPoints: [join(folder, "worker.mjs")], outdir: join(folder, "built"), bundle: true, format: "esm", conditions: ["workerd"],
      loader: { ".wasm": "copy" }, outExtension: { ".js": ".mjs" }, logLevel: "warning",
    });
    workerd = new Miniflare({
      modules: true, rootPath: join(folder, "built"), modulesRoot: join(folder, "built"), scriptPath: "worker.mjs",
      modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }], compatibilityDate: "2026-04-01",
    });
    const answer = await (await workerd.dispatchFetch("http://localhost/")).json();
    const engine = createEngineSync();
    engine.applyAll([...facts(), ...day()]);
    assert.equal(answer.digest, engine.digest());
    assert.equal(answer.floor, engine.digest());
    assert.deepEqual(answer.offer, engine.promise(REQUEST));
    assert.equal(answer.lost, "engine_lost");
    assert.deepEqual(answer.since, engine.applyAll(day()));
    assert.equal(answer.since.replayed, day().length);
  } finally {
    await workerd?.dispose();
    rmSync(folder, { recursive: true });
  }
});
