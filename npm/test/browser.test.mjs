// In a real Chromium, under a content security policy that allows WebAssembly and no more, from servers good and bad.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { delimiter, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { createEngineSync } from "onhand";
import { chromium } from "playwright-core";
import { day, facts, NOW } from "./shop.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const REQUEST = { lines: [{ sku: "TEA-250", quantity: 6 }], to: { zone: "north" }, now: NOW, explain: "full" };
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

/** The browser that CHROME_PATH names, or the first on the search path. */
function findChromium() {
  const named = process.env.CHROME_PATH;
  if (named && existsSync(named)) return named;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

const executablePath = findChromium();
const skip = executablePath === undefined && "no Chromium is here: CHROME_PATH names one";
// A suite that is skipped is counted nowhere; a test is.
if (skip) test("the package in a real browser", { skip });

describe("in a browser", { skip, timeout: 120_000 }, () => {
  let server, browser, address;
  const served = { type: "application/wasm", status: 200, policy: POLICY, fetches: 0 };

  before(async () => {
    server = createServer(async ({ url }, response) => {
      const path = new URL(url, "http://localhost").pathname;
      response.setHeader("Content-Security-Policy", served.policy);
      if (path === "/") return response.setHeader("Content-Type", "text/html").end("<!doctype html><title>onhand</title>");
      const types = { js: "text/javascript", mjs: "text/javascript", wasm: served.type };
      if (path.endsWith(".wasm")) {
        served.fetches++;
        response.statusCode = served.status;
      }
      try {
        const bytes = path.endsWith(".wasm") && served.body ? served.body : await readFile(join(root, path));
        response.setHeader("Content-Type", types[path.split(".").at(-1)] ?? "text/plain").end(bytes);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${server.address().port}/`;
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  /** Runs a function in a fresh page. */
  async function inPage(work, serving = {}) {
    Object.assign(served, { type: "application/wasm", status: 200, policy: POLICY, fetches: 0, body: undefined }, serving);
    const page = await browser.newPage();
    try {
      await page.goto(address);
      return await page.evaluate(work, REQUEST);
    } finally {
      await page.close();
    }
  }

  async function answers(request) {
    const { createEngine, init } = await import("/dist/browser.js");
    const { day, facts } = await import("/test/shop.mjs");
    const [, , engine] = await Promise.all([init(), createEngine(), createEngine()]);
    engine.applyAll([...facts(), ...day()]);
    return { digest: engine.digest(), offer: engine.promise(request) };
  }

  /** What `init` fails with, and whether it works once the server is mended. */
  async function fails() {
    const { init } = await import("/dist/browser.js");
    return init().then(() => ["none"], (error) => [error.name, error.code, error.message]);
  }

  const expected = () => {
    const engine = createEngineSync();
    engine.applyAll([...facts(), ...day()]);
    return { digest: engine.digest(), offer: engine.promise(REQUEST) };
  };

  test("answers as Node.js does, and fetches the module once", async () => {
    assert.deepEqual(await inPage(answers), expected());
    assert.equal(served.fetches, 1);
  });

  test("who restores hears what became of the facts since", async () => {
    const outcome = await inPage(async () => {
      const { createEngine, restore } = await import("/dist/browser.js");
      const { day, facts } = await import("/test/shop.mjs");
      const engine = await createEngine();
      engine.applyAll(facts());
      const [first, ...rest] = day();
      let heard;
      await restore(engine.snapshot(), [first, { ...first, occurred: first.occurred + 1 }, ...rest], (outcome) => (heard = outcome));
      return heard;
    });
    assert.deepEqual([outcome.posted, outcome.turnedAway.map(({ index, code }) => [index, code])], [day().length, [[1, "id_conflict"]]]);
  });

  test("takes a module of the wrong content type", async () => {
    assert.deepEqual(await inPage(answers, { type: "application/octet-stream" }), expected());
  });

  test("names what is wrong with a server", async () => {
    const [name, code, message] = await inPage(fails, { status: 404 });
    assert.deepEqual([name, code], ["OnhandError", "init_failed"]);
    assert.match(message, /status 404/);
  });

  test("names what came in the place of a module, and what to do", async () => {
    const [, code, message] = await inPage(fails, { type: "text/html", body: "<!doctype html>" });
    assert.equal(code, "init_failed");
    assert.match(message, /onhand_bg\.wasm` \(text\/html\) cannot be compiled: give `init` the address of `onhand_bg\.wasm`, or its bytes/);
  });

  test("in a classic script, which has no address, says what to do", async () => {
    const entry = { contents: 'export { createEngine } from "onhand"', resolveDir: join(root, "test") };
    const built = await build({ stdin: entry, bundle: true, write: false, format: "iife", globalName: "onhand", platform: "browser", logLevel: "silent" });
    const work = `${built.outputFiles[0].text}; onhand.createEngine().catch((error) => [error.name, error.code, error.message])`;
    const [name, code, message] = await inPage(work);
    assert.deepEqual([name, code], ["OnhandError", "init_failed"]);
    assert.match(message, /give `init` the address of `onhand_bg\.wasm`/);
  });

  test("names the policy that forbids WebAssembly", async () => {
    const [, code, message] = await inPage(fails, { policy: "default-src 'self'" });
    assert.equal(code, "init_failed");
    assert.match(message, /wasm-unsafe-eval/);
  });
});
