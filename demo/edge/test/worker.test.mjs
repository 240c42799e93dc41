// The worker as wrangler would bundle it, on real workerd. What it answers is held against the same book on Node.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { ask } from "../src/book.js";
import { NOW, stock } from "./stock.mjs";

const HOUR = 3_600_000;
const file = (name) => fileURLToPath(new URL(name, import.meta.url));

let folder, options, workerd, engine;
/** What the worker wrote to its log. */
let log = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "onhand-edge-"));
  await build({
    entryPoints: [file("../src/worker.js")],
    outdir: folder,
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    loader: { ".wasm": "copy" },
    logLevel: "warning",
  });
  const { compatibility_date: compatibilityDate } = JSON.parse(await readFile(file("../wrangler.jsonc"), "utf8"));
  options = {
    modules: true,
    rootPath: folder,
    modulesRoot: folder,
    scriptPath: "worker.js",
    modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
    compatibilityDate,
    r2Buckets: { STOCK: "onhand-stock" },
    handleRuntimeStdio: (_, errors) => errors.on("data", (text) => (log += text)),
  };
  engine = await stock();
});

after(async () => {
  engine?.free();
  await rm(folder, { recursive: true, force: true });
});

/** A worker of its own for each group, so that what one keeps in memory is nothing to another. */
function onWorkerd(snapshot) {
  before(async () => {
    workerd = new Miniflare(options);
    if (snapshot) await put(await snapshot());
  });
  after(() => workerd.dispose());
}

const put = async (bytes) => (await workerd.getR2Bucket("STOCK")).put("snapshot.bin", bytes);

async function get(address) {
  const response = await workerd.dispatchFetch(`http://edge.test${address}`);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function post(body, type = "application/json") {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await workerd.dispatchFetch("http://edge.test/promise", { method: "POST", body: text, headers: { "Content-Type": type } });
  return { status: response.status, body: await response.json() };
}

describe("availability", () => {
  onWorkerd(async () => engine.snapshot());

  test("is that of the book, number by number", async () => {
    for (const [sku, node] of [["TEA", "harbour"], ["HONEY", "market"], ["TEA", "depot"], ["HONEY", "harbour"]]) {
      const { status, headers, body } = await get(`/availability?sku=${sku}&node=${node}&now=${NOW}`);
      const query = { sku, node, now: NOW };
      assert.deepEqual(body, { ok: true, version: engine.version, ...query, ...engine.available(query) });
      assert.equal(status, 200);
      assert.equal(headers.get("Cache-Control"), "no-store");
    }
  });

  test("says what is on hand, claimed, kept and left", async () => {
    const { body } = await get(`/availability?sku=TEA&node=harbour&now=${NOW}`);
    assert.deepEqual([body.onHand, body.claimed, body.protected, body.available], [7, 2, 1, 4]);
  });

  test("moves with the moment: a hold that has ended gives its units back", async () => {
    const { body } = await get(`/availability?sku=TEA&node=harbour&now=${NOW + HOUR}`);
    assert.deepEqual([body.claimed, body.available], [0, 6]);
  });

  test("takes the present where no moment is given", async () => {
    const started = Date.now();
    const { body } = await get("/availability?sku=TEA&node=harbour");
    assert.ok(body.now >= started && body.now <= Date.now(), `${body.now}`);
  });

  const refusals = [
    ["/availability?sku=COCOA&node=harbour", 404, "unknown_sku", "sku", "COCOA"],
    ["/availability?sku=TEA&node=moon", 404, "unknown_node", "node", "moon"],
    ["/availability?node=harbour", 400, "missing_field", "sku", null],
    ["/availability?sku=&node=harbour", 400, "invalid_argument", "sku", ""],
    ["/availability?sku=TEA&sku=HONEY&node=harbour", 400, "repeated_field", "sku", ["TEA", "HONEY"]],
    ["/availability?sku=TEA&node=harbour&now=soon", 400, "invalid_argument", "now", "soon"],
    ["/availability?sku=TEA&node=harbour&shop=1", 400, "unknown_field", "shop", "1"],
    ["/stock", 404, "unknown_address", "path", "/stock"],
    ["/promise", 405, "unknown_method", "method", "GET"],
  ];
  for (const [address, status, code, field, value] of refusals) {
    test(`${address} is refused: ${code}`, async () => {
      const answer = await get(address);
      const { message, ...facts } = answer.body;
      assert.deepEqual({ status: answer.status, ...facts }, { status, ok: false, code, field, value });
      assert.ok(message.includes(`\`${field}\``), message);
    });
  }
});

describe("promise", () => {
  onWorkerd(async () => engine.snapshot());

  const tea = [{ sku: "TEA", quantity: 3 }];
  const requests = {
    "one parcel": { lines: tea, to: { zone: "north" }, now: NOW },
    "two parcels": { lines: [...tea, { sku: "HONEY", quantity: 2 }], to: { zone: "north" }, now: NOW, explain: "full" },
    "pick-up": { lines: tea, to: { pickUp: "harbour" }, now: NOW },
    "more than there is": { lines: [{ sku: "HONEY", quantity: 9 }], to: { zone: "north" }, now: NOW },
    "nowhere": { lines: tea, to: { zone: "south" }, now: NOW, explain: "full" },
  };
  for (const [name, request] of Object.entries(requests)) {
    test(`${name}: the offer of the book`, async () => {
      const { status, body } = await post(request);
      assert.equal(status, 200);
      assert.deepEqual(body, engine.promise(request));
    });
  }

  test("these requests are answered each in its own way", () => {
    const shapes = Object.values(requests).map((request) => {
      const { shipments, unmet } = engine.promise(request);
      return [shipments.length, unmet.length];
    });
    assert.deepEqual(shapes, [[1, 0], [2, 0], [1, 0], [1, 1], [0, 1]]);
  });

  test("takes the present where no moment is given", async () => {
    const started = Date.now();
    const { now: _, ...request } = requests["pick-up"];
    const { body } = await post(request);
    assert.ok(body.shipments[0].releaseBy >= started + HOUR && body.shipments[0].releaseBy <= Date.now() + HOUR);
  });

  const ask = (change) => ({ ...requests["one parcel"], ...change });
  const refusals = [
    ["an unknown item", ask({ lines: [...tea, { sku: "COCOA", quantity: 1 }] }), 404, "unknown_sku", "lines[1].sku", "COCOA"],
    ["an unknown store", ask({ to: { pickUp: "moon" } }), 404, "unknown_node", "to.pickUp", "moon"],
    ["no lines", ask({ lines: [] }), 422, "no_lines", "lines", []],
    ["half a unit", ask({ lines: [{ sku: "TEA", quantity: 0.5 }] }), 400, "invalid_argument", "lines[0].quantity", 0.5],
    ["a quantity in words", ask({ lines: [{ sku: "TEA", quantity: "3" }] }), 400, "invalid_argument", "lines[0].quantity", "3"],
    ["no destination", ask({ to: {} }), 400, "invalid_argument", "to", {}],
    ["an unknown key", ask({ colour: "red" }), 400, "invalid_argument", "colour", "red"],
    ["a policy that is none", ask({ policy: 7 }), 400, "invalid_argument", "policy", 7],
    ["more search than there is time for", ask({ policy: { stepsMax: 2_000_001 } }), 400, "limit", "policy.stepsMax", 2_000_001],
    ["a list", "[1]", 400, "not_an_object", "body", "[1]"],
    ["no JSON", "{lines", 400, "not_json", "body", "{lines"],
    ["too long a body", JSON.stringify(ask({ lines: [{ sku: "T".repeat(70_000), quantity: 1 }] })), 413, "limit", "body", null],
  ];
  for (const [name, request, status, code, field, value] of refusals) {
    test(`${name} is refused: ${code}`, async () => {
      const answer = await post(request);
      const { message, ...facts } = answer.body;
      assert.deepEqual({ status: answer.status, ...facts }, { status, ok: false, code, field, value });
      assert.ok(message.includes(`\`${field}\``), message);
    });
  }

  test("another media type is refused", async () => {
    const { status, body } = await post(requests["pick-up"], "text/plain");
    assert.deepEqual([status, body.code, body.field, body.value], [415, "not_json", "content-type", "text/plain"]);
  });
});

describe("the worker", () => {
  onWorkerd(async () => engine.snapshot());
  const address = `http://edge.test/availability?sku=TEA&node=harbour&now=${NOW}`;

  test("answers HEAD as GET, without the body", async () => {
    const [got, head] = await Promise.all(["GET", "HEAD"].map((method) => workerd.dispatchFetch(address, { method })));
    assert.deepEqual([head.status, await head.text()], [200, ""]);
    for (const name of ["Content-Type", "Cache-Control"]) assert.equal(head.headers.get(name), got.headers.get(name), name);
    await got.text();
  });

  test("says by OPTIONS what may be done", async () => {
    for (const [path, allowed] of [["/availability", "GET, HEAD, OPTIONS"], ["/promise", "POST, OPTIONS"]]) {
      const response = await workerd.dispatchFetch(`http://edge.test${path}`, { method: "OPTIONS" });
      assert.deepEqual([response.status, response.headers.get("Allow"), await response.text()], [204, allowed, ""]);
    }
  });

  test("sends nothing long back", async () => {
    const lines = Array.from({ length: 1_200 }, (_, at) => ({ sku: `S${at}`, quantity: 1 }));
    const { status, body } = await post({ lines, to: { zone: "north" } });
    assert.deepEqual([status, body.code, body.field, body.value], [400, "limit", "lines", null]);
  });

  test("answers as its README says", async () => {
    const readme = await readFile(file("../README.md"), "utf8");
    const examples = [...readme.matchAll(/^\$ curl '?http:\/\/localhost:8787([^' ]+)'?(?: --json '(.*)')?\n(.*)$/gm)];
    assert.equal(examples.length, 2);
    for (const [, path, body, answer] of examples) {
      const request = body === undefined ? {} : { method: "POST", body, headers: { "Content-Type": "application/json" } };
      assert.equal(await (await workerd.dispatchFetch(`http://edge.test${path}`, request)).text(), answer);
    }
  });
});

describe("the snapshot", () => {
  onWorkerd();
  const question = `/availability?sku=TEA&node=depot&now=${NOW}`;

  test("is missed by name, then found, then found newer, and damage is told", { timeout: 60_000 }, async () => {
    const missing = await get(question);
    assert.deepEqual([missing.status, missing.body.code, missing.body.value], [503, "no_snapshot", "snapshot.bin"]);

    await put(new TextEncoder().encode("no snapshot"));
    const damaged = await get(question);
    assert.deepEqual([damaged.status, damaged.body.code], [503, "invalid_snapshot"]);

    await put(engine.snapshot());
    const answers = await Promise.all(Array.from({ length: 8 }, () => get(question)));
    for (const { body } of answers) assert.equal(body.available, 20);

    const sold = { source: "till", id: 1, occurred: NOW, kind: "sell", node: "depot", lines: [{ sku: "TEA", quantity: 6 }] };
    assert.equal(engine.apply(sold).ok, true);
    await put(engine.snapshot());
    const newer = await until(({ body }) => body.version === engine.version);
    assert.equal(newer.body.available, 14);
    assert.equal(newer.headers.get("Snapshot-Fault"), null);
  });

  /** Asks again and again until an answer is as it should be; each of them is one. */
  async function until(isSo) {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const seen = await get(question);
      assert.equal(seen.status, 200, JSON.stringify(seen.body));
      if (isSo(seen)) return seen;
      assert.ok(Date.now() < deadline, JSON.stringify([seen.body, ...seen.headers]));
      await new Promise((wake) => setTimeout(wake, 500));
    }
  }

  test("that is damaged takes no answer from those who ask while an older one is held, and who runs the worker hears of it", { timeout: 90_000 }, async () => {
    const well = await get("/health");
    assert.deepEqual([well.status, well.body.ok, well.body.version], [200, true, engine.version]);
    assert.ok(Date.now() - well.body.uploaded < 60_000 && well.body.uploaded <= Date.now(), `${well.body.uploaded}`);

    for (const [harm, code] of [[() => put(engine.snapshot().slice(0, -1)), "invalid_snapshot"], [async () => (await workerd.getR2Bucket("STOCK")).delete("snapshot.bin"), "no_snapshot"]]) {
      log = "";
      await harm();
      const { body, headers } = await until(({ headers }) => headers.get("Snapshot-Fault") === code);
      assert.deepEqual([body.version, body.available], [engine.version, 14]);
      assert.equal(headers.get("Snapshot-Version"), String(engine.version));
      assert.ok(Number(headers.get("Snapshot-Age")) >= 1, headers.get("Snapshot-Age"));
      const promised = await workerd.dispatchFetch("http://edge.test/promise", { method: "POST", body: JSON.stringify({ lines: [{ sku: "TEA", quantity: 14 }], to: { zone: "north" }, now: NOW }), headers: { "Content-Type": "application/json" } });
      assert.deepEqual([promised.status, promised.headers.get("Snapshot-Fault"), (await promised.json()).unmet], [200, code, []]);
      const ill = await get("/health");
      assert.deepEqual([ill.status, ill.body.code, ill.body.value], [503, code, "snapshot.bin"]);
      assert.match(ill.body.message, new RegExp(`answers are those of version ${engine.version}, which was put there at 20`));
      assert.equal(ill.headers.get("Snapshot-Version"), String(engine.version));
      assert.equal(log.split("`snapshot` ").length, 2, log);
    }

    const sold = { source: "till", id: 2, occurred: NOW, kind: "sell", node: "depot", lines: [{ sku: "TEA", quantity: 4 }] };
    assert.equal(engine.apply(sold).ok, true);
    await put(engine.snapshot());
    const { body } = await until(({ headers }) => headers.get("Snapshot-Fault") === null);
    assert.deepEqual([body.version, body.available], [engine.version, 10]);
    assert.equal((await get("/health")).status, 200);
  });
});

test("an engine that fails is made anew from the snapshot, and the question asked again, also where the bucket does not answer", async (t) => {
  t.mock.method(console, "error", () => {});
  const bytes = engine.snapshot();
  const now = t.mock.method(Date, "now");
  const STOCK = { get: async () => ({ etag: "1", uploaded: new Date(), body: true, arrayBuffer: async () => bytes }) };
  const trapped = async () => {
    const asked = [];
    const { answer, headers } = await ask({ STOCK }, (held) => {
      asked.push(held);
      if (asked.length === 1) held.__trap();
      return held.digest();
    });
    assert.equal(answer, engine.digest());
    assert.equal(asked.length, 2);
    assert.notEqual(asked[0], asked[1]);
    return headers["Snapshot-Fault"];
  };
  assert.equal(await trapped(), undefined);
  const later = Date.now() + 60_000;
  now.mock.mockImplementation(() => later);
  STOCK.get = async () => Promise.reject(new Error("the network is down"));
  assert.equal(await trapped(), "no_bucket");
});
