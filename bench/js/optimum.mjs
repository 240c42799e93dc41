// Exact promises through the package against HiGHS from npm, on orders of every size and cost model: fixed and unit costs of several
// shapes, nodes by one way or by two, lines split or not, everything or nothing, a limit on parcels.
//
// What a solver calls optimal is in floating point. Its plan counts only after it is costed again in integers, and as the optimum only
// when the other side, with a bound in integers, comes to the same. Where they differ HiGHS is asked once more, with no tolerance.
import assert from "node:assert/strict";

import highsLoader from "highs";

import { candidatesOf, readWorld } from "./greedy-maps.mjs";
import { figure } from "./measure.mjs";
import { network, orders, random } from "./network.mjs";
import { engineWith } from "./onhand.mjs";

const SKUS = 60;
/** Nodes of the network, and orders for each number of lines and each shape of costs. */
const SIZES = [
  { nodes: 10, each: 80 },
  { nodes: 20, each: 64 },
  { nodes: 50, each: 28 },
  { nodes: 100, each: 6 },
  { nodes: 500, each: 1 },
];
const LINES = [5, 10, 20];
/** Costs by cents: as they come, parcels that cost nothing, units that cost nothing, all the same, and express with cheap units. */
const COSTS = [
  (cost) => cost, (cost, kind) => (kind === "parcel" ? 0 : cost), (cost, kind) => (kind === "unit" ? 0 : cost), () => 100,
  (cost, kind, method) => (method !== "express" ? cost : kind === "unit" ? Math.floor(cost / 8) : Math.floor(cost * 0.6)),
];
const TWO_WAYS_NODES_MAX = 50;
const POLICIES = [{}, { lineSplit: false }, { shipComplete: true }, { nodesMax: 3 }];
const PRICES = [1_000_000, 700];

const highs = await highsLoader();
const next = random(23);
const counts = { equal: 0, differing: 0, refined: 0, proven: 0, asked: 0 };
let gap = 0;

for (const { nodes, each } of SIZES) {
  // Two ways of each of many nodes take HiGHS minutes.
  for (const [place, cost] of (nodes > TWO_WAYS_NODES_MAX ? COSTS.slice(0, -1) : COSTS).entries()) {
    const facts = network({ skus: SKUS, nodes, seed: 100 * nodes + place }).map((fact) => priced(fact, cost));
    const engine = engineWith(facts);
    const world = readWorld(facts);
    for (const many of LINES) {
      for (const cart of orders({ skus: SKUS, lines: many, count: each, search: "exact", seed: nodes + many + place })) {
        const policy = { ...POLICIES[Math.floor(next() * POLICIES.length)], shortfallCost: PRICES[Math.floor(next() * PRICES.length)] };
        compare(engine, world, { ...cart, policy });
      }
    }
    engine.free();
  }
}
const note = `of ${counts.asked}, ${counts.proven} proven; HiGHS had to be asked again ${counts.refined} times; largest gap ${gap} minor units`;
figure("sourcing_equals_highs", counts.equal, note);
figure("sourcing_differs_from_highs", counts.differing);

function priced(fact, cost) {
  if (fact.kind !== "lane_change") return fact;
  const { lane } = fact.terms;
  return { ...fact, terms: { lane: { ...lane, parcelCost: cost(lane.parcelCost, "parcel", lane.method), unitCost: cost(lane.unitCost, "unit", lane.method) } } };
}

function compare(engine, world, request) {
  counts.asked++;
  const offer = engine.promise(request);
  counts.proven += offer.proven ? 1 : 0;
  const problem = problemOf(world, request);
  assert.equal(costOf(problem, takesOf(problem, offer)), offer.cost, "an offer costs what its parts cost");
  let theirs = withHighs(problem, {});
  if (theirs !== offer.cost) {
    counts.refined++;
    theirs = Math.min(theirs, withHighs(problem, { mip_feasibility_tolerance: 1e-9, primal_feasibility_tolerance: 1e-9, dual_feasibility_tolerance: 1e-9 }));
  }
  gap = Math.max(gap, Math.abs(offer.cost - theirs));
  // Ours is right when it costs no more than a plan that exists, and its bound is no more than the cost of any plan.
  if (offer.proven && offer.cost === theirs) counts.equal++;
  else if (offer.cost > theirs || offer.bound > theirs || (offer.proven && offer.cost !== theirs)) {
    counts.differing++;
    console.error(JSON.stringify({ request, ours: offer.cost, bound: offer.bound, theirs }));
  }
}

function problemOf(world, request) {
  const { policy, lines } = request;
  const wanted = lines.map(({ quantity }) => quantity);
  const nodes = waysOf(world, request).map(({ node, lane, units }) => ({
    name: node.node,
    method: lane.method,
    parcelCost: lane.parcelCost,
    unitCost: lane.unitCost,
    units: units.map((held, line) => {
      const most = Math.min(held, wanted[line]);
      return policy.lineSplit === false && most < wanted[line] ? 0 : most;
    }),
  }));
  return { wanted, nodes, policy, skus: lines.map(({ sku }) => sku) };
}

/** Every node by its way of the cheapest parcel, and by others whose units cost less. */
function waysOf(world, request) {
  const cheapest = candidatesOf(world, request);
  const by = (method) => candidatesOf(world, { ...request, methods: [method] });
  const others = ["parcel", "express"].flatMap(by).filter(({ node, lane }) => {
    const first = cheapest.find((candidate) => candidate.node === node).lane;
    return lane.unitCost < first.unitCost;
  });
  return [...cheapest, ...others];
}

function takesOf({ nodes, skus }, { shipments }) {
  const at = (shipment) => nodes.findIndex(({ name, method }) => name === shipment.node && method === shipment.method);
  return shipments.flatMap((shipment) =>
    shipment.lines.map(({ sku, quantity }) => ({ node: at(shipment), line: skus.indexOf(sku), units: quantity })));
}

/** What a plan costs, in integers, after checking that it can be carried out. */
function costOf({ wanted, nodes, policy }, takes) {
  const left = [...wanted];
  const used = new Set();
  let cost = 0;
  for (const { node, line, units } of takes) {
    assert.ok(Number.isInteger(units) && units > 0 && units <= nodes[node].units[line]);
    assert.ok(policy.lineSplit !== false || units === wanted[line]);
    left[line] -= units;
    cost += units * nodes[node].unitCost;
    used.add(node);
  }
  assert.equal(new Set([...used].map((node) => nodes[node].name)).size, used.size, "a node ships by one way");
  assert.ok(left.every((missing) => missing >= 0) && used.size <= (policy.nodesMax ?? Infinity));
  assert.ok(!policy.shipComplete || takes.length === 0 || left.every((missing) => missing === 0));
  for (const node of used) cost += nodes[node].parcelCost;
  return cost + left.reduce((sum, missing) => sum + missing * policy.shortfallCost, 0);
}

/** The cost in integers of the plan that HiGHS finds. */
function withHighs(problem, options) {
  const { wanted, nodes, policy } = problem;
  const arcs = [];
  for (const [node, { units }] of nodes.entries()) units.forEach((most, line) => most > 0 && arcs.push({ node, line, most, name: `x${node}_${line}` }));
  const solve = (complete) => {
    if (nodes.length === 0 || arcs.length === 0) return undefined;
    // Lines that are not split are taken as a whole or not at all.
    const whole = policy.lineSplit === false;
    const size = ({ most }) => (whole ? most : 1);
    const cost = [
      ...nodes.map(({ parcelCost }, node) => `${parcelCost} y${node}`),
      ...arcs.map((arc) => `${nodes[arc.node].unitCost * size(arc)} ${arc.name}`),
      ...(complete ? [] : wanted.map((_, line) => `${policy.shortfallCost} u${line}`)),
    ];
    const demand = wanted.map((units, line) => {
      const own = arcs.filter((arc) => arc.line === line).map((arc) => `${size(arc)} ${arc.name}`);
      if (!complete) own.push(`u${line}`);
      return own.length === 0 ? undefined : ` ${own.join(" + ")} = ${units}`;
    });
    if (demand.includes(undefined)) return undefined;
    const links = arcs.map((arc) => ` ${arc.name} - ${whole ? 1 : arc.most} y${arc.node} <= 0`);
    const limit = policy.nodesMax === undefined ? [] : [` ${nodes.map((_, node) => `y${node}`).join(" + ")} <= ${policy.nodesMax}`];
    const shared = nodes.flatMap(({ name }, node) => {
      const other = nodes.findIndex((one) => one.name === name);
      return other < node ? [` y${other} + y${node} <= 1`] : [];
    });
    const binary = [...nodes.map((_, node) => `y${node}`), ...(whole ? arcs.map(({ name }) => name) : [])];
    const text = ["Minimize", ` ${cost.join("\n + ")}`, "Subject To", ...demand, ...links, ...limit, ...shared, "Binary", ` ${binary.join(" ")}`, "End", ""].join("\n");
    const { Status, Columns } = highs.solve(text, { mip_rel_gap: 0, mip_abs_gap: 0.5, log_to_console: false, ...options });
    if (Status === "Infeasible") return undefined;
    assert.equal(Status, "Optimal");
    // Only which nodes ship is taken from it: the rest follows, in integers.
    if (whole) return arcs.filter(({ name }) => Columns[name].Primal > 0.5).map(({ node, line, most }) => ({ node, line, units: most }));
    const open = nodes.map((_, node) => Columns[`y${node}`].Primal > 0.5);
    return filled(problem, open, policy.shortfallCost);
  };
  const takes = policy.shipComplete ? solve(true) : solve(false);
  return costOf(problem, takes ?? []);
}

/** Each line from the cheapest open nodes, as far as that is cheaper than leaving it. */
function filled({ wanted, nodes, policy }, open, price) {
  return wanted.flatMap((units, line) => {
    let left = units;
    const sources = [...nodes.entries()].filter(([node, { units: held }]) => open[node] && held[line] > 0);
    sources.sort(([, one], [, other]) => one.unitCost - other.unitCost);
    const takes = [];
    for (const [node, { units: held, unitCost }] of sources) {
      const taken = Math.min(left, held[line]);
      if (taken === 0 || (!policy.shipComplete && unitCost >= price)) break;
      takes.push({ node, line, units: taken });
      left -= taken;
    }
    return takes;
  });
}
