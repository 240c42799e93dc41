// The network that orders are promised from: a few deep warehouses and many shops, half of them stocked; the same from run to run.

export const NOW = 1_700_000_000_000;
export const ZONE = "north";
const HOUR = 3_600_000;

/** Numbers from 0 up to and without 1 (Mulberry32, in the public domain). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Facts that make the network, as a host would read them from its systems. Costs are cents. */
export function network({ skus, nodes, seed = 7 }) {
  const next = random(seed);
  const between = (low, high) => low + Math.floor(next() * (high - low + 1));
  const warehouses = Math.max(2, Math.floor(nodes / 20));
  let number = 0;
  const setup = (kind, terms) => ({ source: "setup", id: ++number, kind, occurred: NOW - 30 * HOUR, terms });
  const facts = [];
  for (let place = 0; place < skus; place++) facts.push(setup("item_change", { item: { sku: sku(place), unit: "each" } }));
  for (let place = 0; place < nodes; place++) {
    const type = place < warehouses ? "warehouse" : "store";
    const handlingMs = between(1, 8) * HOUR;
    facts.push(setup("node_change", {
      node: { node: node(place), type, onLine: place % 25 !== 24, ships: true, picksUp: type === "store", handlingMs },
    }));
    // Express is dearer by the parcel and by the unit, so that one way of each node is the cheapest for every order.
    const [parcel, unit] = [between(400, 1000), between(25, 150)];
    for (const [method, dearer, transitMs] of [["parcel", 1, 48 * HOUR], ["express", 2, 20 * HOUR]]) {
      const [parcelCost, unitCost] = [parcel * dearer, unit * dearer];
      facts.push(setup("lane_change", { lane: { node: node(place), zone: ZONE, method, open: true, transitMs, parcelCost, unitCost } }));
    }
  }
  for (let item = 0; item < skus; item++) {
    for (let place = 0; place < nodes; place++) {
      const deep = place < warehouses;
      if (next() >= (deep ? 0.7 : 0.5)) continue;
      const quantity = deep ? between(10, 60) : between(1, 6);
      const opening = { source: "stock", id: ++number, kind: "opening", occurred: NOW - 20 * HOUR, node: node(place) };
      facts.push({ ...opening, lines: [{ sku: sku(item), quantity }] });
    }
  }
  return facts;
}

/** Orders of one to five units of different items. */
export function orders({ skus, lines, count, search, seed = 11 }) {
  const next = random(seed);
  return Array.from({ length: count }, () => {
    const places = new Set();
    while (places.size < lines) places.add(Math.floor(next() * skus));
    return {
      lines: [...places].map((place) => ({ sku: sku(place), quantity: 1 + Math.floor(next() * 5) })),
      to: { zone: ZONE },
      now: NOW,
      policy: { search },
    };
  });
}

/** Facts in the keys of the wire, as other systems send them. */
export function wire(facts) {
  const keys = {
    onLine: "on_line", picksUp: "picks_up", handlingMs: "handling_ms", transitMs: "transit_ms", parcelCost: "parcel_cost",
    unitCost: "unit_cost",
  };
  const rename = (value) => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [keys[key] ?? key, rename(inner)]));
  };
  return rename(facts);
}

export const sku = (place) => `SKU-${String(place).padStart(6, "0")}`;
export const node = (place) => `store-${String(place).padStart(3, "0")}`;
