// An exact promise through the package against general solvers from npm on the same sourcing problem. All find the same cost.
//
// On our side a request with texts goes in and an offer comes out: checking, gathering what each node has and searching are part of it.
// Their problem is gathered and written down beforehand, in the form that each one reads; only node variables are integer.
import assert from "node:assert/strict";

import GLPK from "glpk.js/node";
import highsLoader from "highs";
import { solve as solveWithYalps } from "yalps";

import { candidatesOf, readWorld } from "./greedy-maps.mjs";
import { compare, figure, quick } from "./measure.mjs";
import { network, orders } from "./network.mjs";
import { engineWith } from "./onhand.mjs";

const ORDERS = 16;
const SHORTFALL_COST = 1_000_000;
const highs = await highsLoader();
const glpk = await GLPK();

/** How far a cost in floating point may be from a whole number of cents. */
const CLOSE = 0.01;
let [worst, proven, looked] = [0, 0, 0];

for (const { name, skus, nodes, lines } of [
  { name: "10x50", skus: 2_000, nodes: 50, lines: 10 },
  { name: "3x200", skus: 2_000, nodes: 200, lines: 3 },
]) {
  const facts = network({ skus, nodes });
  const engine = engineWith(facts);
  const world = readWorld(facts);
  const carts = orders({ skus, lines, count: 32, search: "exact" });
  const problems = carts.map((cart) => problemOf(world, cart));
  const costs = carts.map((cart) => engine.promise(cart));

  const texts = problems.map(lpText);
  texts.forEach((text, at) => {
    const optimum = withHighs(text);
    worst = Math.max(worst, costs[at].cost / Math.round(optimum) - 1);
    proven += costs[at].proven ? 1 : 0;
    looked++;
  });
  const few = carts.slice(0, ORDERS);
  const ours = () => few.map((cart) => engine.promise(cart).cost);
  versus("highs", name, ours, texts.slice(0, ORDERS), withHighs);
  versus("yalps", name, ours, problems.slice(0, ORDERS).map(yalpsModel), withYalps);
  versus("glpk", name, ours, problems.slice(0, ORDERS).map(glpkModel), withGlpk);
  engine.free();
}
figure("promise_exact_gap", worst * 100, `against HiGHS on ${looked} orders, ${proven} of them proven`);

function versus(solver, name, ours, models, solve) {
  const theirs = () => models.map(solve);
  ours().forEach((cost, at) => assert.ok(Math.abs(cost - theirs()[at]) < CLOSE, `${solver}: ${theirs()[at]}, onhand: ${cost}`));
  compare(`promise_exact_${name}_${solver}`, ours, theirs);
}

function withHighs(text) {
  const { Status, ObjectiveValue } = highs.solve(text, { mip_rel_gap: 0, mip_abs_gap: 0.5, log_to_console: false });
  assert.equal(Status, "Optimal");
  return ObjectiveValue;
}

function withYalps(model) {
  const { status, result } = solveWithYalps(model, { maxIterations: Infinity });
  assert.equal(status, "optimal");
  return result;
}

function withGlpk(model) {
  const { result } = glpk.solve(model, { msglev: glpk.GLP_MSG_OFF });
  assert.equal(result.status, glpk.GLP_OPT);
  return result.z;
}

/** Wanted units of each line, and for each node what a parcel costs, what a unit costs and what it can ship. */
function problemOf(world, request) {
  const wanted = request.lines.map(({ quantity }) => quantity);
  const nodes = candidatesOf(world, request).map(({ lane, units }) => ({
    parcelCost: lane.parcelCost,
    unitCost: lane.unitCost,
    units: units.map((held, line) => Math.min(held, wanted[line])),
  }));
  return { wanted, nodes };
}

/** Every way in which units of a line can come from a node. */
function* arcs({ nodes }) {
  for (const [node, { units, unitCost }] of nodes.entries()) {
    for (const [line, most] of units.entries()) if (most > 0) yield { node, line, most, unitCost, name: `x${node}_${line}` };
  }
}

function lpText(problem) {
  const all = [...arcs(problem)];
  const cost = [
    ...problem.nodes.map(({ parcelCost }, node) => `${parcelCost} y${node}`),
    ...all.map(({ unitCost, name }) => `${unitCost} ${name}`),
    ...problem.wanted.map((_, line) => `${SHORTFALL_COST} u${line}`),
  ];
  const demand = problem.wanted.map((wanted, line) => {
    const from = all.filter((arc) => arc.line === line).map(({ name }) => `${name} + `);
    return ` ${from.join("")}u${line} = ${wanted}`;
  });
  const links = all.map(({ node, most, name }) => ` ${name} - ${most} y${node} <= 0`);
  return [
    "Minimize", ` ${cost.join("\n + ")}`, "Subject To", ...demand, ...links, "Binary",
    ` ${problem.nodes.map((_, node) => `y${node}`).join(" ")}`, "End", "",
  ].join("\n");
}

function yalpsModel(problem) {
  const constraints = new Map(problem.wanted.map((wanted, line) => [`d${line}`, { equal: wanted }]));
  const variables = new Map();
  problem.nodes.forEach(({ parcelCost }, node) => variables.set(`y${node}`, new Map([["cost", parcelCost]])));
  for (const { node, line, most, unitCost, name } of arcs(problem)) {
    constraints.set(`l${name}`, { max: 0 });
    variables.set(name, new Map([["cost", unitCost], [`d${line}`, 1], [`l${name}`, 1]]));
    variables.get(`y${node}`).set(`l${name}`, -most);
  }
  problem.wanted.forEach((_, line) => variables.set(`u${line}`, new Map([["cost", SHORTFALL_COST], [`d${line}`, 1]])));
  const binaries = new Set(problem.nodes.map((_, node) => `y${node}`));
  return { direction: "minimize", objective: "cost", constraints, variables, binaries };
}

function glpkModel(problem) {
  const all = [...arcs(problem)];
  const vars = [
    ...problem.nodes.map(({ parcelCost }, node) => ({ name: `y${node}`, coef: parcelCost })),
    ...all.map(({ unitCost, name }) => ({ name, coef: unitCost })),
    ...problem.wanted.map((_, line) => ({ name: `u${line}`, coef: SHORTFALL_COST })),
  ];
  const demand = problem.wanted.map((wanted, line) => ({
    name: `d${line}`,
    vars: [...all.filter((arc) => arc.line === line).map(({ name }) => ({ name, coef: 1 })), { name: `u${line}`, coef: 1 }],
    bnds: { type: glpk.GLP_FX, lb: wanted, ub: wanted },
  }));
  const links = all.map(({ node, most, name }) => ({
    name: `l${name}`,
    vars: [{ name, coef: 1 }, { name: `y${node}`, coef: -most }],
    bnds: { type: glpk.GLP_UP, lb: 0, ub: 0 },
  }));
  return {
    name: "sourcing",
    objective: { direction: glpk.GLP_MIN, name: "cost", vars },
    subjectTo: [...demand, ...links],
    binaries: problem.nodes.map((_, node) => `y${node}`),
  };
}
