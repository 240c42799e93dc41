// Prints what each entry costs its user: WebAssembly and the minified JavaScript that it reaches, after brotli. Fails when over.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { brotliCompressSync, constants } from "node:zlib";

// Promises under rules weigh more than a page that only promises should carry: they have an entry, and a budget, of their own.
const BUDGETS = { onhand: 154_000, floor: 134_000, rules: 179_500 };
const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
const at = (path) => decodeURIComponent(new URL(`../${path}`, import.meta.url).pathname);

let over = false;
const rows = [];
for (const entry of ["browser", "workerd", "node", "floor_browser", "floor_workerd", "floor_node", "rules_browser", "rules_workerd", "rules_node"]) {
  const kind = Object.keys(BUDGETS).find((kind) => entry.startsWith(kind)) ?? "onhand";
  const wasm = brotli(await readFile(at(`dist/${kind}_bg.wasm`)));
  const built = await build({
    entryPoints: [at(`dist/${entry}.js`)], bundle: true, minify: true, write: false, format: "esm",
    platform: entry.endsWith("node") ? "node" : "neutral", external: [`./${kind}_bg.wasm`], logLevel: "error",
  });
  const script = brotli(built.outputFiles[0].contents);
  over ||= wasm + script > BUDGETS[kind];
  rows.push({ entry, wasm, script, total: wasm + script, budget: BUDGETS[kind] });
}
if (process.argv.includes("--json")) console.log(JSON.stringify(rows));
else console.table(rows);
process.exit(over ? 1 : 0);
