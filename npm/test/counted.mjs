/** Work that is counted and not timed: a module that says of each read of its memory that there was one. The same work has the same count. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
/** What the module is built with, too: the one that the project installed, or that of the machine. */
const OWN = file("../../xtask/node_modules/binaryen/bin/wasm-opt");
const FEATURES = ["--mvp-features", ...["bulk-memory", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"].map((name) => `--enable-${name}`)];
const PLACES = { load_ptr: 3, store_ptr: 3 };

/**
 * The module of an entry, and how many reads of memory a piece of work takes in an engine that is made of it.
 *
 * @param {string} entry
 */
export async function countedModule(entry) {
  const folder = await mkdtemp(join(tmpdir(), "onhand-counted-"));
  try {
    const [program, first] = existsSync(OWN) ? [process.execPath, [OWN]] : ["wasm-opt", []];
    const made = join(folder, "counted.wasm");
    execFileSync(program, [...first, file(`../dist/${entry}_bg.wasm`), ...FEATURES, "--instrument-memory", "-o", made]);
    const module = await WebAssembly.compile(await readFile(made));
    let reads = 0;
    // Each is told where, how much and what, and answers with what it is to be.
    const told = (name) => (...said) => {
      if (name === "load_ptr") reads++;
      return said[PLACES[name] ?? said.length - 1];
    };
    const env = Object.fromEntries(WebAssembly.Module.imports(module).filter((one) => one.module === "env").map(({ name }) => [name, told(name)]));
    const count = (work) => {
      reads = 0;
      work();
      return reads;
    };
    return { module, env, count };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Runs what makes instances of that module, which the package knows nothing of.
 *
 * @template T
 * @param {{ env: Record<string, () => number> }} counted
 * @param {() => T} make
 */
export function instantiating({ env }, make) {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(module, imports) {
      super(module, { ...imports, env });
    }
  };
  try {
    return make();
  } finally {
    WebAssembly.Instance = Instance;
  }
}
