// What the package weighs: the figures of `npm run size`, as it prints them.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { figure } from "./measure.mjs";

const { stdout } = spawnSync(process.execPath, ["scripts/size.mjs", "--json"], { cwd: fileURLToPath(new URL("../../npm", import.meta.url)), encoding: "utf8" });
for (const [key, wanted] of [["size_brotli", "browser"], ["size_floor_brotli", "floor_browser"], ["size_rules_brotli", "rules_browser"]]) {
  const { wasm, script, total } = JSON.parse(stdout).find(({ entry }) => entry === wanted);
  figure(key, total, `${wasm} of WebAssembly and ${script} of JavaScript, for browsers`);
}
