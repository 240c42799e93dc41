// What the package's README says of bundlers, development servers and test runners, tried with the packed package in a project of its own.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { chromium } from "playwright-core";
import { rollup } from "rollup";
import * as vite from "vite";
import * as viteBefore8 from "vite-before-8";
import webpack from "webpack";
import { findChromium } from "../../demo/storefront/test/chromium.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const npm = (args, cwd) => execFileSync("npm", args, { cwd, encoding: "utf8", shell: process.platform === "win32", stdio: ["ignore", "pipe", "pipe"] });

/** A book, as the README makes it, and what it answers. */
const BOOK = `
const said = { source: "shop", occurred: Date.UTC(2026, 0, 5, 9) };
export const events = [
  { ...said, id: 1, kind: "item_change", terms: { item: { sku: "TEA-250", unit: "each" } } },
  { ...said, id: 2, kind: "node_change", terms: { node: { node: "store-1", type: "store", onLine: true, ships: true, picksUp: true } } },
  { ...said, id: 3, kind: "receipt", node: "store-1", lines: [{ sku: "TEA-250", quantity: 12 }] },
];
export function answer(engine) {
  engine.applyAll(events);
  const offer = engine.promise({ lines: [{ sku: "TEA-250", quantity: 7 }], to: { pickUp: "store-1" }, now: said.occurred });
  return engine.digest() + " " + offer.shipments[0].lines[0].quantity;
}
`;

const PAGE = `
import { createEngine } from "onhand";
import { explainOffer } from "onhand/explain";
import { answer } from "./book.js";
createEngine().then(
  (engine) => (document.body.textContent = typeof explainOffer + " " + answer(engine)),
  (error) => (document.body.textContent = error.message),
);
`;

const html = (script) => `<!doctype html><html lang="en"><title>shop</title><body></body><script type="module" src="${script}"></script></html>`;

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

const executablePath = findChromium();
const skip = executablePath === undefined && "no Chromium is here: CHROME_PATH names one";
// A suite that is skipped is counted nowhere; a test is.
if (skip) test("bundles in a real browser", { skip });

describe("the packed package", { timeout: 300_000 }, () => {
  let folder, project, expected, browser;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "onhand-bundlers-"));
    const [packed] = JSON.parse(npm(["pack", "--json", "--pack-destination", folder], here("../../npm")));
    project = join(folder, "project");
    mkdirSync(join(project, "src"), { recursive: true });
    write("package.json", JSON.stringify({ name: "project", private: true }));
    npm(["install", "--offline", "--no-audit", "--no-fund", join(folder, packed.filename)], project);
    write("src/book.js", BOOK);
    write("src/page.js", PAGE);
    write("index.html", html("/src/page.js"));
    const { createEngineSync } = createRequire(join(project, "package.json"))("onhand");
    const { answer } = await import(`data:text/javascript,${encodeURIComponent(BOOK)}`);
    expected = answer(createEngineSync());
    assert.match(expected, / 7$/);
    if (!skip) browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });

  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (path, text) => writeFileSync(join(project, path), text);

  /** What the page at an address says when its engine has answered. */
  async function says(address) {
    const page = await browser.newPage();
    try {
      await page.goto(address);
      await page.waitForFunction(() => document.body.textContent.trim() !== "", undefined, { timeout: 60_000 });
      return (await page.textContent("body")).trim();
    } finally {
      await page.close();
    }
  }

  /** What the page of a built folder says, served as files. */
  async function served(built) {
    const server = createServer(({ url }, response) => {
      const { pathname } = new URL(url, "http://localhost");
      const file = join(built, pathname === "/" ? "index.html" : pathname);
      try {
        response.setHeader("Content-Type", TYPES[extname(file)] ?? "text/plain").end(readFileSync(file));
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      return await says(`http://127.0.0.1:${server.address().port}/`);
    } finally {
      server.close();
    }
  }

  const modules = (built) => readdirSync(built, { recursive: true }).filter((file) => file.endsWith(".wasm"));
  const module = (entry) => join(project, `node_modules/onhand/dist/${entry}_bg.wasm`);

  /** The page as a folder with one WebAssembly module in it, and what it says. */
  async function holds(built) {
    assert.equal(modules(built).length, 1, modules(built).join());
    assert.equal(await served(built), `function ${expected}`);
  }

  for (const [name, { build }] of [["Vite", vite], ["Vite before 8", viteBefore8]]) {
    test(`${name} builds it with its module`, { skip }, async () => {
      const built = join(folder, name);
      await build({ root: project, configFile: false, logLevel: "error", build: { outDir: built, emptyOutDir: true } });
      await holds(built);
    });
  }

  for (const [name, { createServer }, optimizeDeps] of [["Vite", vite, {}], ["Vite before 8, named there,", viteBefore8, { exclude: ["onhand"] }]]) {
    test(`the development server of ${name} serves it`, { skip }, async () => {
      const server = await createServer({
        root: project, configFile: false, logLevel: "error", optimizeDeps, cacheDir: join(folder, `cache of ${name}`), server: { host: "127.0.0.1", port: 0, watch: null },
      });
      try {
        await server.listen();
        assert.equal(await says(server.resolvedUrls.local[0]), `function ${expected}`);
      } finally {
        await server.close();
      }
    });
  }

  test("webpack builds it with its module", { skip }, async () => {
    const built = join(folder, "webpack");
    const compiler = webpack({ mode: "production", context: project, entry: "./src/page.js", output: { path: built, filename: "page.js" }, performance: { hints: false } });
    const stats = await new Promise((resolve, reject) => compiler.run((error, stats) => (error ? reject(error) : resolve(stats))));
    await new Promise((resolve) => compiler.close(resolve));
    assert.deepEqual([stats.compilation.errors, stats.compilation.warnings], [[], []]);
    writeFileSync(join(built, "index.html"), html("/page.js"));
    await holds(built);
  });

  test("Rollup and esbuild build it, and its module is copied beside the script", { skip }, async () => {
    const input = join(project, "src/page.js");
    const builds = {
      rollup: async (built) => {
        const bundle = await rollup({ input, plugins: [nodeResolve({ browser: true })] });
        await bundle.write({ file: join(built, "page.js"), format: "es" });
        await bundle.close();
      },
      esbuild: (built) => esbuild.build({ entryPoints: [input], outfile: join(built, "page.js"), bundle: true, minify: true, format: "esm", logLevel: "error" }),
    };
    for (const [name, build] of Object.entries(builds)) {
      const built = join(folder, name);
      await build(built);
      writeFileSync(join(built, "index.html"), html("/page.js"));
      assert.match(await served(built), /onhand_bg\.wasm/, name);
      cpSync(module("onhand"), join(built, "onhand_bg.wasm"));
      await holds(built);
    }
  });

  test("Jest's jsdom takes it as the README says", () => {
    write("jest.setup.cjs", `Object.assign(globalThis, (({ TextDecoder, TextEncoder }) => ({ TextDecoder, TextEncoder }))(require("node:util")));`);
    write("src/shop.test.js", `
      const { createEngine } = require("onhand");
      test("a book in jsdom", async () => {
        expect(typeof document).toBe("object");
        const engine = await createEngine();
        expect(engine.applyAll([]).posted).toBe(0);
      });
    `);
    write("jest.config.json", JSON.stringify({
      rootDir: project, testEnvironment: here("node_modules/jest-environment-jsdom"), testMatch: ["**/shop.test.js"], transform: {},
      testEnvironmentOptions: { customExportConditions: ["node"] }, setupFiles: ["<rootDir>/jest.setup.cjs"],
    }));
    execFileSync(process.execPath, [here("node_modules/jest/bin/jest.js"), "--config", join(project, "jest.config.json"), "--no-cache", "--no-watchman"], { cwd: project, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  });
});
