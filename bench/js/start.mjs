// From a module on disk to an engine that can be asked: CPU time of compiling and instantiating, against other WebAssembly engines.
// Each start is in a process of its own: engines compile a module again only there.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { rounds } from "./measure.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const programs = {
  onhand: `import { createEngine } from ${JSON.stringify(join(here, "../../npm/dist/node.js"))};
    await createEngine();`,
  cedar: `import { createRequire } from "node:module";
    const require = createRequire(${JSON.stringify(join(here, "start.mjs"))});
    require("@cedar-policy/cedar-wasm/nodejs").getCedarVersion();`,
  zen: `import { readFile } from "node:fs/promises";
    import { createRequire } from "node:module";
    const folder = createRequire(${JSON.stringify(join(here, "start.mjs"))}).resolve("@gorules/zen-engine-wasm/package.json").replace(/package.json$/, "dist/");
    const { default: init } = await import(folder + "zen_engine_wasm.js");
    await init({ module_or_path: await readFile(folder + "zen_engine_wasm_bg.wasm") });`,
  nothing: "",
};

/** CPU seconds of a start, without those that Node.js itself takes. */
function seconds(name) {
  const program = `${programs[name]}\nconst { user, system } = process.cpuUsage();\nconsole.log(user + system);`;
  return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" })) / 1e6;
}

for (const other of ["cedar", "zen"]) {
  rounds(`start_against_${other}`, () => {
    const least = (name) => Math.min(...[1, 2, 3].map(() => seconds(name)));
    const idle = least("nothing");
    return [least("onhand") - idle, least(other) - idle].map((value) => Math.max(value, 1e-4));
  });
}
