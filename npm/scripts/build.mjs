// Builds dist/ from src/ and the WebAssembly binding in wasm/: one JavaScript file for each entry and host.
import { build } from "esbuild";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";

const root = new URL("..", import.meta.url);
const at = (path) => new URL(path, root);
const path = (name) => decodeURIComponent(at(name).pathname);

await rm(at("dist"), { recursive: true, force: true });
await mkdir(at("dist"), { recursive: true });

// The binding's JavaScript keeps one instance for its whole module. As the body of a function it makes one for each engine.
const glue = await readFile(at("wasm/onhand.js"), "utf8");
const body = glue.replace(/^\/\* @ts-self-types=.*$/m, "").replace(/^export \{[^}]*\};?$/gm, "").replace(/^export /gm, "");
if (/^\s*(import|export)\s/m.test(body) || body.includes("import.meta")) throw new Error("the binding's JavaScript has a form that the build does not know");
const binding = `export function bind(module) {\n${body}\ninitSync({ module });\nreturn { Engine, binding_version, memory: wasm.memory };\n}\n`;

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

const made = (host) => ({
  name: "made",
  setup(build) {
    build.onResolve({ filter: /^\.\/(binding|host)\.js$/ }, ({ path }) => ({ path, namespace: "made" }));
    build.onLoad({ filter: /.*/, namespace: "made" }, ({ path }) => ({ contents: path.includes("binding") ? binding : hosts[host] }));
  },
});

const entries = [
  { entry: "node", format: "esm", out: "node.js", platform: "node" },
  { entry: "node", format: "cjs", out: "node.cjs", platform: "node" },
  { entry: "browser", format: "esm", out: "browser.js", platform: "browser" },
  { entry: "workerd", format: "esm", out: "workerd.js", platform: "neutral" },
  { entry: "explain", format: "esm", out: "explain.js", platform: "neutral" },
  { entry: "explain", format: "cjs", out: "explain.cjs", platform: "neutral" },
  { entry: "web", format: "esm", out: "web.js", platform: "neutral" },
  { entry: "web", format: "cjs", out: "web.cjs", platform: "neutral" },
];
for (const { entry, format, out, platform } of entries) {
  await build({
    entryPoints: [path(`src/${entry}.ts`)],
    outfile: path(`dist/${out}`),
    bundle: true,
    format,
    platform,
    target: "es2022",
    external: ["./onhand_bg.wasm"],
    plugins: [made(format)],
    legalComments: "none",
    logLevel: "warning",
  });
}

for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) await cp(at(`../${licence}`), at(licence));
await cp(at("wasm/onhand_bg.wasm"), at("dist/onhand_bg.wasm"));
const types = spawnSync("npx", ["--no-install", "tsc", "--project", path("tsconfig.json")], { cwd: path("."), stdio: "inherit", shell: process.platform === "win32" });
if (types.status !== 0) process.exit(types.status ?? 1);
for (const name of ["onhand_bg.d.wasm.ts", "binding.d.ts", "host.d.ts"]) await cp(at(`src/${name}`), at(`dist/${name}`));
// CommonJS reads the same declarations under its own ending; every relative path needs it too.
for (const name of ["node", "explain", "sentences", "speaker", "web", "shared", "engine", "errors", "types", "version", "promise", "rows", "wire", "host", "binding"]) {
  const text = await readFile(at(`dist/${name}.d.ts`), "utf8");
  await writeFile(at(`dist/${name}.d.cts`), text.replace(/(from "\.\/[a-z_]+)\.js"/g, '$1.cjs"').replace(/(import\("\.\/[a-z_]+)\.js"/g, '$1.cjs"'));
}
