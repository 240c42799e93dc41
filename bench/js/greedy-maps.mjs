// A promise as one would write it in JavaScript: Maps of Maps, small objects, filter and reduce. The plan is that of onhand's
// greedy search: the best single node or a cover that saves most for each unit, whichever is cheaper, less what it can drop.

const SHORTFALL_COST = 1_000_000;

/** Stock and master data from facts: `stock.get(sku).get(node)`, `nodes.get(node).lanes.get(zone)`. */
export function readWorld(facts) {
  const world = { stock: new Map(), nodes: new Map() };
  for (const { kind, terms, node, lines } of facts) {
    if (kind === "item_change") world.stock.set(terms.item.sku, new Map());
    else if (kind === "node_change") world.nodes.set(terms.node.node, { ...terms.node, lanes: new Map() });
    else if (kind === "lane_change") {
      const { lanes } = world.nodes.get(terms.lane.node);
      lanes.set(terms.lane.zone, [...(lanes.get(terms.lane.zone) ?? []), terms.lane].sort((a, b) => (a.method < b.method ? -1 : 1)));
    } else {
      for (const { sku, quantity } of lines) world.stock.get(sku).set(node, { onHand: quantity, reserved: 0 });
    }
  }
  world.nodes = new Map([...world.nodes].sort(([a], [b]) => (a < b ? -1 : 1)));
  return world;
}

/** What can be offered, in the form of onhand's `promise`. */
export function promise(world, request) {
  const candidates = candidatesOf(world, request);
  const lines = request.lines.map(({ sku, quantity, line = sku }, place) => ({
    line,
    sku,
    quantity,
    place,
    sources: candidates.filter((candidate) => candidate.units[place] > 0).sort((a, b) => a.lane.unitCost - b.lane.unitCost),
  }));
  const plans = [
    planFrom(lines, new Set()),
    withoutWaste(lines, planFrom(lines, new Set(bestSingle(lines, candidates)))),
    withoutWaste(lines, planFrom(lines, cover(lines, candidates))),
  ];
  const best = plans.reduce((best, plan) => (isCheaper(plan, best) ? plan : best));
  return offer(request, lines, best);
}

/** Nodes that pass every check, in the order of their names. */
export function candidatesOf(world, { lines, to, now, neededBy = Infinity, methods = [] }) {
  const candidates = [];
  for (const node of world.nodes.values()) {
    if (!node.onLine || !node.ships) continue;
    const releaseBy = now + node.handlingMs;
    const lanes = (node.lanes.get(to.zone) ?? []).filter(
      (lane) => lane.open && (methods.length === 0 || methods.includes(lane.method)) && releaseBy + lane.transitMs <= neededBy,
    );
    if (lanes.length === 0) continue;
    const lane = lanes.reduce((best, lane) => (compareLanes(lane, best) < 0 ? lane : best));
    const units = lines.map(({ sku }) => {
      const held = world.stock.get(sku)?.get(node.node);
      return held === undefined ? 0 : Math.max(0, held.onHand - held.reserved);
    });
    if (units.some((some) => some > 0)) candidates.push({ node, lane, units, releaseBy, arriveBy: releaseBy + lane.transitMs });
  }
  return candidates;
}

function compareLanes(a, b) {
  return a.parcelCost - b.parcelCost || a.unitCost - b.unitCost || a.transitMs - b.transitMs;
}

/** Each line from the cheapest of these nodes that have it. */
function planFrom(lines, open) {
  const takes = [];
  const used = new Set();
  let cost = 0;
  for (const line of lines) {
    let left = line.quantity;
    for (const candidate of line.sources) {
      if (left === 0) break;
      if (!open.has(candidate)) continue;
      const units = Math.min(left, candidate.units[line.place]);
      takes.push({ candidate, line, units });
      used.add(candidate);
      cost += units * candidate.lane.unitCost;
      left -= units;
    }
    cost += left * SHORTFALL_COST;
  }
  for (const { lane } of used) cost += lane.parcelCost;
  return { takes, used, cost };
}

/** Of equal costs the fewest parcels win. */
function isCheaper(plan, other) {
  return plan.cost < other.cost || (plan.cost === other.cost && plan.used.size < other.used.size);
}

/** Drops the node whose going saves most, again and again. */
function withoutWaste(lines, plan) {
  if (plan.used.size > 24) return plan;
  const fewer = inOrder(plan.used).map((dropped) => planFrom(lines, new Set([...plan.used].filter((one) => one !== dropped))));
  const best = fewer.reduce((best, one) => (isCheaper(one, best) ? one : best), plan);
  return best === plan ? plan : withoutWaste(lines, best);
}

/** What shipping from a node saves against leaving these units unfilled, its parcel included. */
function saving(lines, left, { units, lane }) {
  const covered = lines.reduce((sum, { place }) => sum + Math.min(left[place], units[place]), 0);
  return { saved: covered * (SHORTFALL_COST - lane.unitCost) - lane.parcelCost, covered: Math.max(covered, 1) };
}

function bestSingle(lines, candidates) {
  const wanted = lines.map(({ quantity }) => quantity);
  const savings = candidates.map((candidate) => ({ candidate, ...saving(lines, wanted, candidate) }));
  return savings.length === 0 ? [] : [savings.reduce((best, one) => (one.saved > best.saved ? one : best)).candidate];
}

function cover(lines, candidates) {
  const left = lines.map(({ quantity }) => quantity);
  const open = new Set();
  for (;;) {
    const savings = candidates
      .filter((candidate) => !open.has(candidate))
      .map((candidate) => ({ candidate, ...saving(lines, left, candidate) }))
      .filter(({ saved }) => saved > 0);
    if (savings.length === 0) return open;
    const { candidate } = savings.reduce((best, one) => (one.saved * best.covered > best.saved * one.covered ? one : best));
    open.add(candidate);
    for (const { place } of lines) left[place] -= Math.min(left[place], candidate.units[place]);
  }
}

function inOrder(candidates) {
  return [...candidates].sort((a, b) => (a.node.node < b.node.node ? -1 : 1));
}

function offer(request, lines, { takes, used, cost }) {
  const shipments = inOrder(used).map((candidate) => {
    const own = takes.filter((take) => take.candidate === candidate);
    const { node, lane, releaseBy, arriveBy } = candidate;
    return {
      node: node.node,
      releaseBy,
      arriveBy,
      cost: own.reduce((sum, { units }) => sum + units * lane.unitCost, lane.parcelCost),
      lines: own.map(({ line, units }) => ({ line: line.line, sku: line.sku, quantity: units })),
      method: lane.method,
    };
  });
  const unmet = [];
  for (const line of lines) {
    const filled = takes.reduce((sum, take) => (take.line === line ? sum + take.units : sum), 0);
    if (filled === line.quantity) continue;
    const available = line.sources.reduce((sum, candidate) => sum + candidate.units[line.place], 0);
    const missing = { line: line.line, sku: line.sku, quantity: line.quantity - filled, available };
    const earliest = Math.min(...line.sources.map(({ arriveBy }) => arriveBy));
    unmet.push(line.sources.length === 0 ? missing : { ...missing, earliest });
  }
  return { ok: true, cost, shipments, unmet };
}
