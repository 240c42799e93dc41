// What the package weighs: the figures of `npm run size`, as it prints them.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { figure } from "./measure.mjs";

const { stdout } = spawnSync(process.execPath, ["scripts/size.mjs", "--json"], { cwd: fileURLToPath(new URL("../../npm", import.meta.url)), encoding: "utf8" });
const [{ wasm, script, total }] = JSON.parse(stdout);
figure("size_brotli", total, `${wasm} of WebAssembly and ${script} of JavaScript, for browsers`);
