// The tarball as a stranger gets it: what is in it, and that an empty project can use it by every way of importing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { createEngineSync } from "onhand";
import { publint } from "publint";
import { day, facts } from "./shop.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const tool = (path) => join(root, "node_modules", path);
const run = (program, args, cwd) => execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const npm = (args, cwd) => execFileSync("npm", args, { cwd, encoding: "utf8", shell: process.platform === "win32", stdio: ["ignore", "pipe", "pipe"] });

describe("the packed package", { timeout: 300_000 }, () => {
  let folder, tarball, files, project;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "onhand package "));
    const [packed] = JSON.parse(npm(["pack", "--json", "--pack-destination", folder], root));
    tarball = join(folder, packed.filename);
    files = packed.files.map(({ path }) => path);
    project = join(folder, "project");
    mkdirSync(project);
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "project", private: true }));
    npm(["install", "--offline", "--no-audit", "--no-fund", tarball], project);
  });

  after(() => rmSync(folder, { recursive: true }));

  test("has what its README and its types point to", () => {
    const papers = files.filter((file) => file === "README.md" || file.endsWith(".d.ts")).map((file) => readFileSync(join(project, "node_modules/onhand", file), "utf8"));
    const named = papers.flatMap((paper) => [...paper.matchAll(/`((?:[a-z]+\/)+[\w.]+\.[a-z]+)`/g)].map(([, file]) => file.replace(/^onhand\//, "dist/")));
    assert.ok(named.includes("dist/TABLES.md") && named.includes("dist/onhand_bg.wasm"), named.join());
    assert.deepEqual(named.filter((file) => !files.includes(file)), []);
  });

  test("has a module for each entry, both licences, and nothing that is not for its users", () => {
    assert.deepEqual(files.filter((file) => file.endsWith(".wasm")), ["dist/floor_bg.wasm", "dist/onhand_bg.wasm", "dist/rules_bg.wasm"]);
    for (const file of ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "package.json"]) assert.ok(files.includes(file), file);
    for (const file of files) assert.match(file, /^(dist\/[a-z_.]+\.(js|cjs|wasm|d\.ts|d\.cts|d\.wasm\.ts)|dist\/TABLES\.md|README\.md|LICENSE-[A-Z]+|package\.json)$/);
    for (const file of files.filter((name) => /\.(js|cjs|ts|cts)$/.test(name))) {
      const text = readFileSync(join(project, "node_modules/onhand", file), "utf8");
      assert.doesNotMatch(text, /\beval\(|new Function\(|sourceMappingURL|\/\/# source/, file);
    }
    const { dependencies, scripts } = JSON.parse(readFileSync(join(project, "node_modules/onhand/package.json"), "utf8"));
    assert.equal(dependencies, undefined);
    for (const hook of ["preinstall", "install", "postinstall"]) assert.equal(scripts[hook], undefined);
  });

  test("ends in the same digest by import and by require", () => {
    const engine = createEngineSync();
    engine.applyAll([...facts(), ...day()]);
    cpSync(join(root, "test/shop.mjs"), join(project, "shop.mjs"));
    writeFileSync(join(project, "import.mjs"), `
      import { createEngine } from "onhand";
      import { explainException } from "onhand/explain";
      import { createEngine as createFloor, Trail } from "onhand/floor";
      import { fewLeft } from "onhand/web";
      import { day, facts } from "./shop.mjs";
      const engine = await createEngine();
      engine.applyAll([...facts(), ...day()]);
      const trail = new Trail(await createFloor());
      for (const fact of [...facts(), ...day()]) trail.apply(fact, fact.occurred);
      if (trail.book.digest() !== engine.digest()) throw new Error("another book on the floor");
      if (typeof explainException !== "function") throw new Error("no explain");
      if (fewLeft(3) !== "only 3 left") throw new Error("no web");
      console.log(engine.digest());
    `);
    writeFileSync(join(project, "require.cjs"), `
      const { createEngineSync } = require("onhand");
      const { explainException } = require("onhand/explain");
      const floor = require("onhand/floor");
      const { fewLeft } = require("onhand/web");
      import("./shop.mjs").then(({ day, facts }) => {
        const engine = createEngineSync();
        engine.applyAll([...facts(), ...day()]);
        if (floor.restoreSync(engine.snapshot()).digest() !== engine.digest()) throw new Error("another book on the floor");
        if (typeof explainException !== "function") throw new Error("no explain");
        if (fewLeft(3) !== "only 3 left") throw new Error("no web");
        console.log(engine.digest());
      });
    `);
    for (const program of ["import.mjs", "require.cjs"]) {
      assert.equal(run(process.execPath, [program], project).trim(), engine.digest(), program);
    }
  });

  test("bundled for a server without its module says what to do, and runs with its bytes", async () => {
    for (const [format, entry] of [["esm", "onhand"], ["cjs", "onhand/floor"]]) {
      writeFileSync(join(project, "server.mjs"), `
        import { readFileSync } from "node:fs";
        import { createEngine, init } from "${entry}";
        createEngine().catch((error) => console.log(error.code, error.message)).then(async () => {
          await init(readFileSync(process.argv[2]));
          console.log((await createEngine()).version);
        });
      `);
      const [built, module] = [join(project, `built/server.${format === "esm" ? "mjs" : "cjs"}`), `${entry === "onhand" ? "onhand" : "floor"}_bg.wasm`];
      await build({ entryPoints: [join(project, "server.mjs")], outfile: built, bundle: true, platform: "node", format, logLevel: "error" });
      const said = run(process.execPath, [built, join(project, "node_modules/onhand/dist", module)], project).split("\n");
      assert.deepEqual([said[0].startsWith(`init_failed \`${module}\` is not beside the script`), said[1]], [true, "0"], said[0]);
    }
  });

  for (const [module, resolution] of [["esnext", "bundler"], ["node16", "node16"], ["nodenext", "nodenext"]]) {
    test(`has types by the resolution ${resolution}`, () => {
      const source = `
        import { createEngine, type Offer, OnhandError } from "onhand";
        import { ENGLISH, explainRefusal, type Sentences } from "onhand/explain";
        import { createEngine as createFloor, type Finding, Trail } from "onhand/floor";
        import { itemAvailability, offerFragment } from "onhand/web";
        export const translation: Sentences = { ...ENGLISH, no_stock: ({ node }, { units }) => node + units(0) };
        // @ts-expect-error: a translation has every sentence
        export const unfinished: Sentences = { no_stock: () => "" };
        // @ts-expect-error: a sentence has the facts of its code and no others
        export const wrong: Sentences = { ...ENGLISH, no_stock: ({ shortages }) => String(shortages) };
        export const fragment = offerFragment({ availability: itemAvailability({ now: 0, shipped: [] }), now: 0 });
        export async function odd(): Promise<readonly Finding[]> {
          const engine = await createFloor();
          const trail = new Trail(engine);
          // @ts-expect-error: the floor promises nothing
          trail.book.promise({ lines: [], to: { zone: "north" }, now: 0 });
          return trail.book.inspect({ receipt: { source: "dock", id: 1, kind: "receipt", occurred: 0, lines: [{ sku: "TEA", quantity: 1, expires: 7 }] } }).findings;
        }
        export async function offer(): Promise<Offer | undefined> {
          const engine = await createEngine();
          const answer = engine.promise({ lines: [{ sku: "TEA", quantity: 1 }], to: { zone: "north" }, now: 0 });
          if (answer.ok) return answer;
          console.log(explainRefusal(answer), OnhandError.name);
          const decided = engine.decide({ source: "web", id: 1, kind: "reserve", occurred: 0, node: "s", subject: "o", lines: [{ sku: "TEA", quantity: 1 }] });
          if ("event" in decided) engine.apply(decided.event);
          if (!decided.ok && decided.code === "insufficient") console.log(decided.shortages.length);
          // @ts-expect-error: a quantity is a number
          engine.apply({ source: "till", id: 1, kind: "sell", occurred: 0, lines: [{ sku: "TEA", quantity: "1" }] });
          return undefined;
        }
      `;
      const endings = resolution === "bundler" ? ["ts"] : ["mts", "cts"];
      for (const ending of endings) {
        writeFileSync(join(project, `consumer.${ending}`), source);
        run(process.execPath, [
          tool("typescript/bin/tsc"), "--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022", "--lib", "es2022,dom",
          "--module", module, "--moduleResolution", resolution, join(project, `consumer.${ending}`),
        ], project);
      }
    });
  }

  test("passes the checks of publint and of arethetypeswrong", async () => {
    const { messages } = await publint({ pkgDir: join(project, "node_modules/onhand"), strict: true });
    assert.deepEqual(messages, []);
    run(process.execPath, [tool("@arethetypeswrong/cli/dist/index.js"), tarball, "--profile", "node16", "--exclude-entrypoints", "./onhand_bg.wasm", "./floor_bg.wasm", "./rules_bg.wasm"], root);
  });
});
