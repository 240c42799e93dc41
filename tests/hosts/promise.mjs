// A promise in numbers, as the binding asks and answers it: wasm/src/words.rs says which number is what.
import { nameOf } from "./words.mjs";

const EXPLAIN = ["none", "summary", "full"];
export const CHECKS = [
  "other_node", "off_line", "not_capable", "no_lane", "no_stock", "too_late", "not_needed", "protected", "no_hours", "no_carrier",
  "excluded", "not_selected", "too_far", "no_capacity", "cooling_down", "below_minimum", "short_life", "not_launched", "ruled_out",
];
const MEASURES = ["cost", "shortfall", "shipments", "distance", "rank", "arrival", "lateness"];
const REFUSED = ["", "no_lines", "too_many_lines", "quantity_not_positive", "out_of_range", "unknown_node", "unknown_sku"];
const [SKU, NODE, WORD, SUPPLY] = [1, 2, 3, 4];
const NONE = 0xffff_ffff;
const BACKORDER = NONE - 1;
const DAY = 86_400_000;

/** Asks an engine of the binding for a promise, with the keys of the wire; `ask` asks it on another view. */
export function promise({ engine, memory }, request, ask = (length) => engine.promise(length)) {
  const [to, pickUp] = "zone" in request.to ? [request.to.zone, false] : [request.to.pick_up, true];
  const place = engine.number_of(pickUp ? NODE : WORD, to);
  if (pickUp && place === NONE) return { ok: false, code: "unknown_node", node: to };
  const unknown = request.lines.find(({ sku }) => engine.number_of(SKU, sku) === NONE);
  if (unknown !== undefined) return { ok: false, code: "unknown_sku", sku: unknown.sku };
  const items = [...new Set(request.lines.map(({ sku }) => sku))];
  const wanted = request.lines.map(({ sku, quantity, line }) => ({ sku, line: line ?? sku, left: quantity }));
  const policy = request.policy ?? {};
  const methods = (request.methods ?? []).map((method) => engine.number_of(WORD, method));
  const sum = (sku) => request.lines.reduce((units, line) => units + (line.sku === sku ? line.quantity : 0), 0);
  const question = [
    place, Number(pickUp), request.now, request.needed_by ?? -1,
    Number(policy.line_split ?? true), Number(policy.ship_complete ?? false), Number(policy.consolidate ?? false),
    policy.nodes_max ?? 0,
    policy.horizon_ms ?? 60 * DAY, policy.shortfall_cost ?? 1_000_000, Number(policy.search === "greedy"),
    policy.steps_max ?? 20_000_000, EXPLAIN.indexOf(request.explain ?? "summary"), methods.length, items.length,
    ...methods, ...items.flatMap((sku) => [engine.number_of(SKU, sku), sum(sku)]),
  ];
  // Questions and answers lie in the memory of the module, which moves when it grows.
  new Float64Array(memory.buffer, engine.question_at(), question.length).set(question);
  let address = ask(question.length) - 8;
  return offer(() => new Float64Array(memory.buffer, (address += 8), 1)[0], items, wanted, engine);
}

/**
 * The same under the rules of a rulebook: with changes of the view in numbers, for an order that holds claims, and with a risk in numbers;
 * `sure` is told the numbers that say how sure it is.
 */
export function promiseUnder({ engine, memory }, Engine, { rules, ...request }, { changes = [], order, risk = [], sure } = {}) {
  const read = Engine.rules(JSON.stringify(rules));
  let numbers = [];
  const answer = promise({ engine, memory }, request, (length) => {
    const address = engine.promise_under(length, read, request.channel, new Float64Array(changes), order, new Float64Array(risk));
    const [count] = new Float64Array(memory.buffer, address, 1);
    numbers = [...new Float64Array(memory.buffer, address + 8, count)];
    return address + 8 * (count + 1);
  });
  if (!answer.ok) return answer;
  const next = () => numbers.shift();
  const part = (key, value) => (value === undefined ? {} : { [key]: value });
  const [names, items] = [(rules.rules ?? []).map(({ name }) => name), [...new Set(request.lines.map(({ sku }) => sku))]];
  const counts = [next(), next()];
  const relaxed = Array.from({ length: counts[0] }, () => ({ rule: names[next()], units: next(), saves: next() }));
  const reached = Array.from({ length: counts[1] }, () => ({ measure: MEASURES[next()], value: next() }));
  const shipments = answer.shipments.map((shipment) => {
    const order_by = next();
    return { ...shipment, ...part("order_by", order_by < 0 ? undefined : order_by) };
  });
  const named = (kind, number) => (number < 0 ? undefined : nameOf(engine, kind, number));
  const passed = answer.passed.map((one) => ({ ...one, ...part("sku", named(SKU, next())), ...part("rule", names[next()]) }));
  const unmet = answer.unmet.map((one) => ({ ...one }));
  // By row, then item: each part of a kit goes to the same lines.
  const rows = Array.from({ length: next() }, () => [next(), next(), next(), next(), next(), next(), next()]);
  const same = (one, other, places) => places.every((place) => one?.[place] === other?.[place]);
  let open = [];
  rows.forEach((row, at) => {
    const [, sku, shipment, line, times, , supply] = row;
    if (!same(row, rows[at - 1], [0, 1])) open = unmet.filter((one) => one.sku === items[line]).map((one) => [one, one.quantity * times, 0]);
    let units = row[5];
    for (const wanted of open) {
      const quantity = Math.min(units, wanted[1] - wanted[2]);
      units -= quantity;
      wanted[2] += quantity;
      const from = supply === BACKORDER ? { backorder: true } : supplied(nameOf(engine, SUPPLY, supply));
      if (quantity > 0) shipments[shipment].lines.push({ line: wanted[0].line, sku: nameOf(engine, SKU, sku), quantity, ...from, asked: items[line] });
    }
    if (!same(row, rows[at + 1], [0])) for (const [one, , taken] of open) one.quantity -= taken / times;
  });
  sure?.(next);
  return { ...answer, shipments, unmet: unmet.filter(({ quantity }) => quantity > 0), passed, relaxed, reached };
}

function offer(next, items, wanted, engine) {
  const [refused] = [next(), next()];
  if (refused !== 0) return { ok: false, code: REFUSED[refused] };
  const [cost, bound, proven, steps, version] = [next(), next(), next() === 1, next(), next()];
  const counts = { shipments: next(), lines: next(), passed: next() };
  const many = (count, one) => Array.from({ length: count }, one);
  const shipments = many(counts.shipments, () => {
    const [node, method, release_by, arrive_by, shipmentCost, takes] = [next(), next(), next(), next(), next(), next()];
    const lines = many(takes, () => {
      const [sku, units, supply] = [items[next()], next(), next()];
      return taken(wanted, sku, units, supply === BACKORDER ? { backorder: true } : supplied(nameOf(engine, SUPPLY, supply)));
    }).flat();
    const shipment = { node: nameOf(engine, NODE, node), release_by, arrive_by, cost: shipmentCost, lines };
    return method === NONE ? shipment : { ...shipment, method: nameOf(engine, WORD, method) };
  });
  const reach = new Map(many(counts.lines, () => [items[next()], [next(), next()]]));
  const missing = wanted.filter(({ left }) => left > 0).map(({ sku, line, left }) => {
    const [available, earliest] = reach.get(sku);
    const unmet = { line, sku, quantity: left, available };
    return earliest < 0 ? unmet : { ...unmet, earliest };
  });
  const passed = many(counts.passed, () => ({ node: nameOf(engine, NODE, next()), check: CHECKS[next()], number: next() }));
  return { ok: true, version, flavour: "look_ahead", cost, bound, proven, steps, shipments, unmet: missing, passed };
}

const supplied = (supply) => (supply === undefined ? {} : { supply });

/** Units of an item go to its lines in the order given. */
function taken(wanted, sku, units, from) {
  const lines = [];
  for (const line of wanted) {
    const quantity = line.sku === sku ? Math.min(units, line.left) : 0;
    if (quantity === 0) continue;
    line.left -= quantity;
    units -= quantity;
    lines.push({ line: line.line, sku, quantity, ...from });
  }
  return lines;
}
