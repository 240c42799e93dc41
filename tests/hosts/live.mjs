// What promises live by after they are made, in numbers as the binding asks and answers it: wasm/src/words.rs says which number is what.
import { promise, promiseUnder } from "./promise.mjs";
import { ask, askUnder, nameOf, words } from "./words.mjs";

const [SKU, NODE, WORD] = [1, 2, 3];
const NONE = 0xffff_ffff;

/** A risk in numbers, or what of it the book does not know. */
function riskWords(engine, { errors = [], supply_ppm = 1_000_000, failure_cost = 0, attempt_cost = 0, weigh = false }) {
  const words = [supply_ppm, failure_cost, attempt_cost, Number(weigh)];
  for (const { sku, node, error } of errors) {
    const [skuNumber, nodeNumber] = [sku === undefined ? -1 : engine.number_of(SKU, sku), node === undefined ? -1 : engine.number_of(NODE, node)];
    if (skuNumber === NONE) return { ok: false, code: "unknown_sku", sku };
    if (nodeNumber === NONE) return { ok: false, code: "unknown_node", node };
    words.push(skuNumber, nodeNumber, error.wrong_ppm, error.mean_milli);
  }
  return words;
}

/** A promise and how sure it is. */
export function promiseSurely(host, { request, risk }) {
  const { engine, memory, Engine } = host;
  const words = riskWords(engine, risk);
  if (!Array.isArray(words)) return words;
  let certainty;
  const sure = (next) => (certainty = certaintyOf(engine, next));
  const offer = request.rules !== undefined ? promiseUnder(host, Engine, request, { risk: words, sure }) : promise(host, request, (length) => {
    const address = engine.promise_surely(length, new Float64Array(words));
    const [count] = new Float64Array(memory.buffer, address, 1);
    const sure = [...new Float64Array(memory.buffer, address + 8, count)];
    if (count > 0) certainty = certaintyOf(engine, () => sure.shift());
    return address + 8 * (count + 1);
  });
  return offer.ok ? { ok: true, offer, certainty } : offer;
}

function certaintyOf(engine, next) {
  const many = (count, one) => Array.from({ length: count }, one);
  const [expected_cost, ppm] = [next(), next()];
  const shipments = many(next(), () => ({
    ppm: next(),
    lines: many(next(), () => ({
      sku: nameOf(engine, SKU, next()), on_hand: next(), to_come: next(), record: next(), claimed: next(),
      error: { wrong_ppm: next(), mean_milli: next() }, ppm: next(), failure_cost: next(),
    })),
  }));
  return { expected_cost, ppm, shipments };
}

/** Where to look for one item and in which order. */
export function tries(host, { request, risk }) {
  const { engine } = host;
  const numbers = riskWords(engine, risk);
  return Array.isArray(numbers) ? inText(host, "tries", request, numbers) : numbers;
}

/** What would have made a promise hold, or cheaper. */
export const counterfactual = (host, { request, cheaper_by, steps_max }) =>
  inText(host, "counterfactual", request, [cheaper_by, steps_max ?? 50_000_000]);

/** A promise to an order that holds claims. */
export const promiseAgain = (host, { request, order }) =>
  request.rules !== undefined
    ? promiseUnder(host, host.Engine, request, { order })
    : promise(host, request, (length) => host.engine.promise_again(length, order));

/** Open promises, a page at a time. */
export function openPromises(engine, { now, after, most }) {
  const asked = words();
  asked.name(after?.subject, after?.line);
  asked.number(most ?? 1_000, now);
  return told(ask(engine, "open_promises", asked));
}

/** An item at a node dealt out anew. */
export function redistribute(engine, { sku, node, now, wants }) {
  const strategies = ["win", "gain", "redistribute", "fill", "lose"];
  const asked = words();
  const { number, name, list } = asked;
  name(sku, node);
  number(now);
  list(wants, ({ subject, line, strategy, wanted, needed_by }) => {
    name(subject, line);
    number(strategies.indexOf(strategy), wanted, needed_by);
  });
  const answer = ask(engine, "redistribute", asked);
  if (Array.isArray(answer)) return { ok: true, dealt: answer };
  return { ok: false, code: answer, ...(answer === "unknown_sku" ? { sku } : {}), ...(answer === "unknown_node" ? { node } : {}) };
}

/** Accepts an offer that was kept: the binding has no door for it, the package is made of these two. */
export function accept(tell, promise, { request, offer }, command) {
  const names = new Set();
  const lines = offer.shipments.flatMap(({ node, lines }) => lines.map((taken) => {
    let [line, part] = [taken.line, 1];
    while (names.has(line)) line = `${taken.line}#${++part}`;
    names.add(line);
    const { asked, backorder, ...reserved } = taken;
    return { ...reserved, line, node };
  }));
  if (lines.length === 0) return { ok: false, code: "nothing_offered" };
  const reserve = { ...JSON.parse(command), lines };
  if (request.rules !== undefined && "event" in tell("decide", JSON.stringify(reserve))) {
    const again = promise({ ...request, now: reserve.occurred });
    const said = ({ shipments }) => JSON.stringify(shipments.flatMap(({ node, lines }) => lines.map(({ line, sku, quantity, supply }) => [node, line, sku, quantity, supply])));
    const late = ({ arrive_by }, at) => !(arrive_by <= offer.shipments[at]?.arrive_by + reserve.occurred - request.now);
    if (again.ok && (said(again) !== said(offer) || again.shipments.some(late))) return { ok: false, code: "offer_changed", fresh: again };
  }
  const outcome = tell("execute", JSON.stringify(reserve));
  if (outcome.ok) return outcome;
  const fresh = promise({ ...request, now: reserve.occurred });
  return fresh.ok ? { ...outcome, fresh } : outcome;
}

/** What is answered in text. The promise is asked for its question, and for its refusals of names. */
function inText({ engine, memory, Engine }, door, { rules, ...plain }, numbers) {
  let length;
  const offer = promise({ engine, memory }, plain, (written) => {
    length = written;
    return engine.promise(written);
  });
  if (length === undefined) return offer;
  const asked = words();
  asked.number(length);
  if (rules !== undefined) asked.name(plain.channel);
  asked.number(...numbers);
  return told(rules === undefined ? ask(engine, door, asked) : askUnder(engine, Engine.rules(JSON.stringify(rules)), door, asked));
}

/** An object, or the code of a refusal. */
function told(answer) {
  return typeof answer === "string" ? { ok: false, code: answer } : { ok: true, ...answer };
}

/** A promise on a changed view. */
export function promiseIf(host, { request, changes }) {
  const { engine } = host;
  const words = [];
  for (const change of changes) {
    const [kind, said] = Object.entries(change)[0];
    const [sku, node] = [said.sku === undefined ? 0 : engine.number_of(SKU, said.sku), engine.number_of(NODE, said.node)];
    if (sku === NONE) return { ok: false, code: "unknown_sku", sku: said.sku };
    if (node === NONE) return { ok: false, code: "unknown_node", node: said.node };
    const supply = said.supply === undefined ? 0 : engine.number_of(WORD, said.supply);
    const kinds = ["stock", "supply", "moved", "on_line", "unprotected"];
    words.push(kinds.indexOf(kind), sku, node, said.units ?? Number(said.on_line ?? 0), said.due ?? -1, supply);
  }
  if (request.rules !== undefined) return promiseUnder(host, host.Engine, request, { changes: words });
  return promise(host, request, (length) => engine.promise_if(length, new Float64Array(words)));
}
