// Builds dist/ from src/ and the WebAssembly binding in wasm/: one JavaScript file for each entry and host.
import { build } from "esbuild";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";

const root = new URL("..", import.meta.url);
const at = (path) => new URL(path, root);
const path = (name) => decodeURIComponent(at(name).pathname);

await rm(at("dist"), { recursive: true, force: true });
await mkdir(at("dist"), { recursive: true });

// What no host and no caller of ours asks for, and no bundler can know to be unused; and a way of its own for texts, whose short form is
// as quick for the few that cross one by one.
const UNUSED = [
  /\(typeof FinalizationRegistry === 'undefined'\)\s+\? \{[^}]*\{\}[^}]*\{\} \}\s+: (?=new FinalizationRegistry)/g,
  /^if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n[^]*?^\}\n/m,
  [/^    if \(realloc === undefined\) \{\n[^]*?^    \}\n[^]*?^    return ptr;\n/m, "    return passArray8ToWasm0(cachedTextEncoder.encode(arg), malloc);\n"],
  /^if \(Symbol\.dispose\) .*\n/gm,
  /^    (cached\w+Memory0 = null|wasmInstance = instance|wasmModule = module);\n/gm,
];

function without(text, parts) {
  return parts.map((part) => [part].flat()).reduce((left, [part, instead = ""]) => {
    if (left.search(part) < 0) throw new Error("the binding's JavaScript has what nobody asks for in a form that the build does not know");
    return left.replace(part, instead);
  }, text);
}

// The binding's JavaScript keeps one instance for its whole module. As the body of a function it makes one for each engine. It ends
// with ways to fetch and compile a module; the package hands over a compiled one, and no bundler takes out what a function holds unused.
async function binding(folder, classes) {
  const glue = await readFile(at(`${folder}/onhand.js`), "utf8");
  const [used, ...rest] = glue.split(/^async function __wbg_load\(/m);
  if (rest.length !== 1 || !used.includes("function __wbg_finalize_init(instance, module)")) throw new Error("the binding's JavaScript starts in a way that the build does not know");
  const body = without(used, UNUSED).replace(/^\/\* @ts-self-types=.*$/m, "").replace(/^export \{[^}]*\};?$/gm, "").replace(/^export /gm, "");
  if (/^\s*(import|export)\s/m.test(body) || body.includes("import.meta")) throw new Error("the binding's JavaScript has a form that the build does not know");
  return `export function bind(module) {\n${body}\n__wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()), module);\nreturn { ${classes}, binding_version, memory: wasm.memory };\n}\n`;
}

// Each has a module of its own, with the doors that it offers. They differ in what an engine is, and not in how a host gets at it.
const kinds = {
  onhand: { wasm: "wasm", binding: await binding("wasm", "Engine"), instead: {} },
  floor: {
    wasm: "wasm/floor", binding: await binding("wasm/floor", "Engine, Trail"), instead: { engine: "floor_engine", shared: "floor_shared" },
  },
  rules: {
    wasm: "wasm/rules", binding: await binding("wasm/rules", "Engine"), instead: { engine: "rules_engine", shared: "rules_shared" },
  },
};

// A built-in module that is had without `import` spares a start the 2 ms that an ESM wrapper of it takes. Node.js can do so since 20.16.
const hosts = {
  esm: `let fs = globalThis.process?.getBuiltinModule?.("node:fs");
export const isReady = () => fs !== undefined;
export async function ready() { fs ??= await import("node:fs"); }
export function moduleBytes() { return fs.readFileSync(new URL("./onhand_bg.wasm", import.meta.url)); }`,
  cjs: `import { readFileSync } from "node:fs";
export const isReady = () => true;
export async function ready() {}
export function moduleBytes() { return readFileSync(__dirname + "/onhand_bg.wasm"); }`,
};

const made = (kind, host) => ({
  name: "made",
  setup(build) {
    build.onResolve({ filter: /^\.\/(binding|host)\.js$/ }, ({ path }) => ({ path, namespace: "made" }));
    build.onLoad({ filter: /.*/, namespace: "made" }, ({ path }) => ({
      contents: path.includes("binding") ? kinds[kind].binding : hosts[host].replace("onhand_bg", `${kind}_bg`),
    }));
    // The sources of a host name the engine and the module of the main entry.
    build.onLoad({ filter: /[/\\](node|browser|workerd)\.ts$/ }, async ({ path }) => ({ loader: "ts", contents: ofKind(kind, await readFile(path, "utf8")) }));
  },
});

function ofKind(kind, text) {
  const { instead } = kinds[kind];
  return text.replaceAll("onhand_bg", `${kind}_bg`).replace(/"\.\/(engine|shared)\.(js|cjs)"/g, (whole, name, ending) => (instead[name] ? `"./${instead[name]}.${ending}"` : whole));
}

const entries = [
  { entry: "explain", format: "esm", out: "explain.js", platform: "neutral" },
  { entry: "explain", format: "cjs", out: "explain.cjs", platform: "neutral" },
  { entry: "web", format: "esm", out: "web.js", platform: "neutral" },
  { entry: "web", format: "cjs", out: "web.cjs", platform: "neutral" },
];
for (const kind of Object.keys(kinds)) {
  const name = (host) => (kind === "onhand" ? host : `${kind}_${host}`);
  entries.push({ kind, entry: "node", format: "esm", out: `${name("node")}.js`, platform: "node" });
  entries.push({ kind, entry: "node", format: "cjs", out: `${name("node")}.cjs`, platform: "node" });
  entries.push({ kind, entry: "browser", format: "esm", out: `${name("browser")}.js`, platform: "browser" });
  entries.push({ kind, entry: "workerd", format: "esm", out: `${name("workerd")}.js`, platform: "neutral" });
}
for (const { kind = "onhand", entry, format, out, platform } of entries) {
  await build({
    entryPoints: [path(`src/${entry}.ts`)],
    outfile: path(`dist/${out}`),
    bundle: true,
    format,
    platform,
    target: "es2022",
    external: [`./${kind}_bg.wasm`],
    plugins: [made(kind, format)],
    legalComments: "none",
    logLevel: "warning",
  });
}

await cp(at("../docs/TABLES.md"), at("dist/TABLES.md"));
for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) await cp(at(`../${licence}`), at(licence));
const types = spawnSync("npx", ["--no-install", "tsc", "--project", path("tsconfig.json")], { cwd: path("."), stdio: "inherit", shell: process.platform === "win32" });
if (types.status !== 0) process.exit(types.status ?? 1);
for (const name of ["binding.d.ts", "host.d.ts"]) await cp(at(`src/${name}`), at(`dist/${name}`));
for (const [kind, { wasm }] of Object.entries(kinds)) {
  await cp(at(`${wasm}/onhand_bg.wasm`), at(`dist/${kind}_bg.wasm`));
  await cp(at("src/onhand_bg.d.wasm.ts"), at(`dist/${kind}_bg.d.wasm.ts`));
  if (kind === "onhand") continue;
  for (const host of ["node", "browser", "workerd"]) {
    await writeFile(at(`dist/${kind}_${host}.d.ts`), ofKind(kind, await readFile(at(`dist/${host}.d.ts`), "utf8")));
  }
}
// CommonJS reads the same declarations under its own ending; every relative path needs it too. Only Node.js has CommonJS.
const declared = (await readdir(at("dist"))).filter((name) => name.endsWith(".d.ts") && !/(browser|workerd)\.d\.ts$/.test(name));
for (const name of declared) {
  const text = await readFile(at(`dist/${name}`), "utf8");
  const renamed = text.replace(/(from "\.\/[a-z_]+)\.js"/g, '$1.cjs"').replace(/(import\("\.\/[a-z_]+)\.js"/g, '$1.cjs"');
  await writeFile(at(`dist/${name.replace(/ts$/, "cts")}`), renamed);
}
