// The binding itself under Node.js: JSON text goes in and comes out.
import { readFileSync } from "node:fs";
import { Engine, initSync } from "../../npm/wasm/onhand.js";
import * as ruling from "../../npm/wasm/rules/onhand.js";
import { hex, serve, unhex, UNREADABLE } from "./lines.mjs";
import { atp } from "./atp.mjs";
import { accept, counterfactual, openPromises, promiseAgain, promiseIf, promiseSurely, redistribute, tries } from "./live.mjs";
import { desk, inspect, tally } from "./floor.mjs";
import { CHECKS, promise, promiseUnder } from "./promise.mjs";
import { ask, askUnder, words } from "./words.mjs";

const { memory } = initSync({ module: readFileSync(new URL("../../npm/wasm/onhand_bg.wasm", import.meta.url)) });

/** Promises under rules are asked of the module that knows them: it goes on with the same book. */
const rulesMemory = ruling.initSync({ module: readFileSync(new URL("../../npm/wasm/rules/onhand_bg.wasm", import.meta.url)) }).memory;

const FIELDS = ["on_hand", "sellable", "claimed", "protected", "available", "overcommitted", "backorder_limit", "withheld"];
const SKU = 1;
const NODE = 2;

let engine = new Engine();
const carts = new Map();

/** What doors in numbers need: the memory that they write to and read from. */
const host = () => ({ engine, memory });

function replace(other) {
  engine.free();
  engine = other;
}

// A plain error is misuse; a trap is of another class and ends the host.
function tell(door, event) {
  try {
    return JSON.parse(engine.tell(["apply", "execute", "decide"].indexOf(door), event));
  } catch (error) {
    if (Object.getPrototypeOf(error) === Error.prototype) return UNREADABLE;
    throw error;
  }
}

/** An engine of the module that knows rules, with the book of this one. */
function underRules() {
  const ruled = new ruling.Engine();
  ruled.load(engine.snapshot());
  return ruled;
}

/** What cannot be read as a rulebook is misuse. */
function under(call) {
  try {
    return call({ engine: underRules(), memory: rulesMemory, Engine: ruling.Engine });
  } catch (error) {
    if (Object.getPrototypeOf(error) === Error.prototype) return UNREADABLE;
    throw error;
  }
}

/** The host that a request is asked of. */
const asked = (request, call) => (request.rules === undefined ? call(host()) : under(call));

const offered = (request) =>
  asked(request, (one) => (request.rules === undefined ? promise(one, request) : promiseUnder(one, one.Engine, request)));

function scheduled({ rules, node, zone, method, at }, door) {
  const asked = words();
  asked.name(node, zone, method);
  asked.number(at);
  const [first, second] = under(({ engine, Engine }) => askUnder(engine, Engine.rules(JSON.stringify(rules)), door, asked));
  if (door !== "earliest") return { ok: true, latest: first ?? null };
  if (first === undefined) return { ok: true };
  return second === undefined ? { ok: true, check: CHECKS[-1 - first] } : { ok: true, release_by: first, arrive_by: second };
}

await serve({
  open: () => replace(new Engine()),
  evolve: ({ event }) => tell("apply", event),
  execute: ({ event }) => tell("execute", event),
  decide: ({ event }) => tell("decide", event),
  availability({ sku, node, now }) {
    const address = engine.available(engine.number_of(SKU, sku), engine.number_of(NODE, node), now);
    if (address === 0) return null;
    const values = new Float64Array(memory.buffer, address, FIELDS.length);
    return Object.fromEntries(FIELDS.map((field, at) => [field, values[at]]));
  },
  atp: ({ query }) => atp(engine, query),
  promise: ({ request }) => offered(request),
  shown({ query: { rules, sku, node, channel, now } }) {
    const asked = words();
    asked.name(sku, node, channel);
    asked.number(now);
    return askUnder(underRules(), ruling.Engine.rules(JSON.stringify(rules)), "shown", asked);
  },
  promise_if: ({ query }) => asked(query.request, (one) => promiseIf(one, query)),
  promise_surely: ({ query }) => asked(query.request, (one) => promiseSurely(one, query)),
  tries: ({ query }) => asked(query.request, (one) => tries(one, query)),
  counterfactual: ({ query }) => asked(query.request, (one) => counterfactual(one, query)),
  promise_again: ({ query }) => asked(query.request, (one) => promiseAgain(one, query)),
  earliest: ({ query }) => scheduled(query, "earliest"),
  latest: ({ query }) => scheduled(query, "latest"),
  latest_by: ({ query }) => scheduled(query, "latest_by"),
  open_promises: ({ query }) => openPromises(engine, query),
  redistribute: ({ query }) => redistribute(engine, query),
  cart({ query: { request, cart } }) {
    const offer = offered(request);
    if (offer.ok) carts.set(cart, { request, offer });
    return offer;
  },
  accept: ({ query: { cart, command } }) => accept(tell, offered, carts.get(cart), command),
  inspect: ({ query }) => inspect(engine.snapshot(), query),
  tally: ({ query }) => tally(engine.snapshot(), query),
  desk: ({ query }) => desk(engine.snapshot(), query),
  scan: ({ query: { code, at } }) => ask(engine, "scan", { asked: () => [new Float64Array([at]), code] }),
  kit({ query: { sku, node, now } }) {
    const asked = words();
    asked.name(sku, node);
    asked.number(now);
    return ask(engine, "kit", asked);
  },
  exceptions: ({ now }) => ask(engine, "exceptions", { asked: () => [new Float64Array([now]), ""] }),
  digest: () => hex(engine.digest()),
  snapshot: () => hex(engine.snapshot()),
  restore: ({ snapshot }) => {
    const engine = new Engine();
    engine.load(unhex(snapshot));
    return replace(engine);
  },
});
