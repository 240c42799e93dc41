// What a start on Node.js needs, and what it must not need.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { runInNewContext } from "node:vm";

const program = (lines) => execFileSync(process.execPath, ["--input-type=module", "--eval", lines.join("\n")], { encoding: "utf8", cwd: import.meta.dirname ?? new URL(".", import.meta.url).pathname });

describe("a start", () => {
  test("imports nothing of Node.js: an ESM wrapper of `node:fs` takes as long as a fifth of the start", () => {
    assert.doesNotMatch(readFileSync(new URL("../dist/node.js", import.meta.url), "utf8"), /^import /m);
  });

  test("before Node.js 20.16 waits once, and says so where it cannot", () => {
    const out = program([
      "delete process.getBuiltinModule;",
      'const { createEngine, createEngineSync } = await import("onhand");',
      "try { createEngineSync(); } catch (error) { console.log(error.code, error.message.includes('await init()')); }",
      "console.log((await createEngine()).version, createEngineSync().version);",
    ]);
    assert.equal(out, "init_failed true\n0 0\n");
  });

  test("with what is no module of this entry names it, and goes on once it is given the right one", async () => {
    const entries = [["onhand", "node"], ["floor", "floor_node"], ["rules", "rules_node"]];
    const bytes = (name) => readFileSync(new URL(`../dist/${name}_bg.wasm`, import.meta.url));
    for (const [name, file] of entries) {
      const { init, createEngine } = await import(`../dist/${file}.js?other`);
      await assert.rejects(init("./onhand_bg.wasm"), { code: "init_failed", message: /`init` takes the WebAssembly module or its bytes/ });
      const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
      for (const other of [empty, ...entries.filter(([other]) => other !== name).map(([other]) => bytes(other))]) {
        await init(other);
        await assert.rejects(createEngine(), { code: "version_mismatch", message: /not that of this entry in version \d/ });
      }
      await init(bytes(name));
      assert.equal((await createEngine()).version, 0);
    }
  });

  test("takes a module that another realm has compiled, as servers do that run the code of the edge in a sandbox", async () => {
    for (const file of ["node", "browser"]) {
      const { init, createEngine } = await import(`../dist/${file}.js?realm`);
      const module = runInNewContext("new WebAssembly.Module(bytes)", { bytes: readFileSync(new URL("../dist/onhand_bg.wasm", import.meta.url)) });
      assert.equal(module instanceof WebAssembly.Module, false);
      await init(module);
      assert.equal((await createEngine()).version, 0);
    }
  });

  test("compiles no wrapper for an export: none has more than one result", () => {
    const bytes = readFileSync(new URL("../dist/onhand_bg.wasm", import.meta.url));
    let at = 8;
    const number = () => {
      let [value, shift, byte] = [0, 0, 0];
      do {
        byte = bytes[at++];
        value |= (byte & 127) << shift;
        shift += 7;
      } while (byte & 128);
      return value;
    };
    assert.equal(bytes[at++], 1, "the section of types comes first");
    number();
    const types = number();
    assert.ok(types > 10);
    for (let type = 0; type < types; type++) {
      assert.equal(bytes[at++], 0x60);
      const parameters = number();
      at += parameters;
      const results = number();
      assert.ok(results <= 1, `a function type has ${results} results`);
      at += results;
    }
  });
});
