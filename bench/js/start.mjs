// From a package that Node.js has found to an engine that can be asked: CPU time of compiling and instantiating, against other
// WebAssembly engines. Each start is in a process of its own: engines compile a module again only there.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { rounds } from "./measure.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const file = (path) => JSON.stringify(join(here, path));
const REQUIRE = `import { createRequire } from "node:module";
    const require = createRequire(${file("start.mjs")});`;

/** How each engine is loaded, as its package would have it, and beside it the same way to a module that is empty. */
const programs = {
  onhand: {
    start: `import { createEngine } from ${file("../../npm/dist/node.js")}; await createEngine();`,
    idle: `import ${file("empty.mjs")};`,
  },
  cedar: {
    start: `${REQUIRE} require("@cedar-policy/cedar-wasm/nodejs").getCedarVersion();`,
    idle: `${REQUIRE} require("./empty.cjs");`,
  },
  zen: {
    start: `import { readFile } from "node:fs/promises";
    ${REQUIRE} const folder = require.resolve("@gorules/zen-engine-wasm/package.json").replace(/package.json$/, "dist/");
    const { default: init } = await import(folder + "zen_engine_wasm.js");
    await init({ module_or_path: await readFile(folder + "zen_engine_wasm_bg.wasm") });`,
    idle: `import "node:fs/promises"; ${REQUIRE} require.resolve("@gorules/zen-engine-wasm/package.json"); await import(${file("empty.mjs")});`,
  },
};

/** CPU seconds that a program takes, Node.js and all. */
function seconds(program) {
  const counted = `${program}\nconst { user, system } = process.cpuUsage();\nconsole.log(user + system);`;
  return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", counted], { encoding: "utf8" })) / 1e6;
}

/** Starts of each program in a round. They take turns, and the least of each counts: what else the machine does only adds to it. */
const STARTS = 7;

for (const other of ["cedar", "zen"]) {
  const sides = [programs.onhand, programs[other]];
  rounds(`start_against_${other}`, () => {
    const least = sides.map(() => ({ start: Infinity, idle: Infinity }));
    for (let at = 0; at < STARTS; at++) {
      for (const [place, side] of sides.entries()) {
        for (const what of ["idle", "start"]) least[place][what] = Math.min(least[place][what], seconds(side[what]));
      }
    }
    return least.map(({ start, idle }) => Math.max(start - idle, 1e-4));
  });
}
