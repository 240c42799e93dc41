// The same work in WebAssembly and natively: this program times the one, a child the other, in turn.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { quick, roundsLater, settle, timed } from "./measure.mjs";
import { network, orders, wire } from "./network.mjs";
import { engineWith } from "./onhand.mjs";
import { Shop } from "./shop.mjs";

const BATCH = 10_000;

for (const { name, size, batches, slow } of [
  { name: "10k", size: { skus: 200, nodes: 50 }, batches: 20, slow: false },
  { name: "1m", size: { skus: 20_000, nodes: 50 }, batches: 30, slow: true },
]) {
  if (slow && quick) continue;
  const native = start(["rounds", name, String(batches)]);
  const shop = new Shop(size);
  await roundsLater(`evolve_wasm_against_native_${name}`, async (swap) => {
    const wasm = () => {
      // Made beforehand, as the other side does: what makes rows leaves garbage, and pushes the book out of cache.
      const rows = Array.from({ length: batches }, () => shop.rows(shop.changes(BATCH)));
      settle();
      const seconds = timed(() => rows.forEach((batch) => shop.post(batch)));
      shop.close();
      return seconds;
    };
    const before = swap ? await native.round() : undefined;
    const ours = wasm();
    return [ours, before ?? (await native.round())];
  }, { pieces: BATCH * batches });
  native.stop();
  shop.engine.free();
}

const folder = mkdtempSync(join(tmpdir(), "onhand-bench-"));
try {
  const size = { skus: 2_000, nodes: 50 };
  const facts = network(size);
  const carts = orders({ ...size, lines: 10, count: 32, search: "exact" });
  const files = [join(folder, "facts.json"), join(folder, "requests.json")];
  writeFileSync(files[0], JSON.stringify(wire(facts)));
  writeFileSync(files[1], JSON.stringify(carts));
  const native = start(["promises", ...files]);
  const engine = engineWith(facts);
  await roundsLater("promise_exact_wasm_against_native_10x50", async (swap) => {
    const before = swap ? await native.round() : undefined;
    const ours = timed(() => carts.forEach((cart) => engine.promise(cart)));
    return [ours, before ?? (await native.round())];
  }, { pieces: carts.length });
  native.stop();
} finally {
  rmSync(folder, { recursive: true });
}

/** A child that runs a round for each line it reads, and answers with its seconds. */
function start(args) {
  const child = spawn(process.env.ONHAND_BENCH, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async round() {
      child.stdin.write("round\n");
      const { value, done } = await lines.next();
      if (done) throw new Error(`\`${args.join(" ")}\` ended`);
      return Number(value);
    },
    stop: () => child.stdin.end(),
  };
}
