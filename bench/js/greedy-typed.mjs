// The same promise as in greedy-maps.mjs, made as fast as JavaScript allows: names become numbers once, everything else is in typed
// arrays that are kept between calls, and only the answer is made of objects.

const SHORTFALL_COST = 1_000_000;
/** Costs are multiplied by this and a parcel costs one more: of equal costs the fewest parcels win. */
const TIE = 2_048;
const LINES_MAX = 64;
const DROPS_MAX = 24;

export class TypedWorld {
  /** Nodes are numbered in the order of their names, so that numbers decide ties as names do. */
  constructor(facts) {
    const of = (kind) => facts.filter((fact) => fact.kind === kind);
    const nodes = of("node_change").map(({ terms }) => terms.node).sort((a, b) => (a.node < b.node ? -1 : 1));
    this.nodeNames = nodes.map(({ node }) => node);
    this.nodes = nodes.length;
    this.skus = new Map(of("item_change").map(({ terms }, place) => [terms.item.sku, place]));
    this.ships = Uint8Array.from(nodes, ({ onLine, ships }) => (onLine && ships ? 1 : 0));
    this.handling = Float64Array.from(nodes, ({ handlingMs }) => handlingMs);
    this.free = new Int32Array(this.skus.size * this.nodes);
    this.#readLanes(of("lane_change").map(({ terms }) => terms.lane));
    const numbers = new Map(this.nodeNames.map((name, number) => [name, number]));
    for (const { node, lines } of of("opening")) {
      for (const { sku, quantity } of lines) this.free[this.skus.get(sku) * this.nodes + numbers.get(node)] = quantity;
    }
    this.#makeScratch();
  }

  /** Lanes of a node to a zone lie one after the other, by method. */
  #readLanes(lanes) {
    const text = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    lanes.sort((a, b) => text(a.zone, b.zone) || text(a.node, b.node) || text(a.method, b.method));
    this.zones = new Map([...new Set(lanes.map(({ zone }) => zone))].map((zone, number) => [zone, number]));
    this.methodNames = [...new Set(lanes.map(({ method }) => method))];
    this.methods = new Map(this.methodNames.map((name, number) => [name, number]));
    this.laneStart = new Uint32Array(this.zones.size * this.nodes + 1);
    const node = new Map(this.nodeNames.map((name, number) => [name, number]));
    for (const lane of lanes) this.laneStart[this.zones.get(lane.zone) * this.nodes + node.get(lane.node) + 1]++;
    for (let at = 1; at < this.laneStart.length; at++) this.laneStart[at] += this.laneStart[at - 1];
    this.laneMethod = Uint32Array.from(lanes, ({ method }) => this.methods.get(method));
    this.laneOpen = Uint8Array.from(lanes, ({ open }) => (open ? 1 : 0));
    this.laneTransit = Float64Array.from(lanes, ({ transitMs }) => transitMs);
    this.laneParcel = Float64Array.from(lanes, ({ parcelCost }) => parcelCost);
    this.laneUnit = Float64Array.from(lanes, ({ unitCost }) => unitCost);
  }

  #makeScratch() {
    const { nodes } = this;
    this.node = new Uint32Array(nodes);
    this.lane = new Uint32Array(nodes);
    this.parcel = new Float64Array(nodes);
    this.unit = new Float64Array(nodes);
    this.units = new Int32Array(nodes * LINES_MAX);
    this.byCost = new Uint32Array(nodes);
    this.sources = new Uint32Array(nodes * LINES_MAX);
    this.sourceCount = new Uint32Array(LINES_MAX);
    this.item = new Uint32Array(LINES_MAX);
    this.wanted = new Int32Array(LINES_MAX);
    this.left = new Int32Array(LINES_MAX);
    this.open = new Uint8Array(nodes);
    this.fewer = new Uint8Array(nodes);
    this.used = new Uint8Array(nodes);
    this.bestFewer = new Uint8Array(nodes);
    this.bestOpen = new Uint8Array(nodes);
  }

  /** What can be offered, in the form of onhand's `promise`. */
  promise(request) {
    const { lines } = request;
    const count = lines.length;
    for (let line = 0; line < count; line++) {
      this.item[line] = this.skus.get(lines[line].sku);
      this.wanted[line] = lines[line].quantity;
    }
    const candidates = this.#gather(request, count);
    this.#sortSources(candidates, count);
    this.open.fill(0);
    this.bestCost = this.#evaluate(this.open, candidates, count);
    this.bestOpen.set(this.used);
    this.#coverAndSingle(candidates, count);
    return this.#offer(request, candidates, count);
  }

  #gather({ to, now, neededBy = Infinity, methods = [] }, count) {
    const zone = this.zones.get(to.zone);
    if (zone === undefined) return 0;
    const allowed = methods.map((method) => this.methods.get(method));
    let candidates = 0;
    for (let node = 0; node < this.nodes; node++) {
      if (this.ships[node] === 0) continue;
      const row = candidates * count;
      let any = 0;
      for (let line = 0; line < count; line++) {
        const free = this.free[this.item[line] * this.nodes + node];
        this.units[row + line] = free;
        any |= free;
      }
      if (any === 0) continue;
      const lane = this.#lane(zone * this.nodes + node, allowed, neededBy - now - this.handling[node]);
      if (lane < 0) continue;
      this.node[candidates] = node;
      this.lane[candidates] = lane;
      this.parcel[candidates] = this.laneParcel[lane] * TIE + 1;
      this.unit[candidates] = this.laneUnit[lane] * TIE;
      candidates++;
    }
    return candidates;
  }

  #lane(place, allowed, longest) {
    let best = -1;
    for (let lane = this.laneStart[place]; lane < this.laneStart[place + 1]; lane++) {
      if (this.laneOpen[lane] === 0 || this.laneTransit[lane] > longest) continue;
      if (allowed.length > 0 && !allowed.includes(this.laneMethod[lane])) continue;
      if (best < 0 || this.#isBetterLane(lane, best)) best = lane;
    }
    return best;
  }

  #isBetterLane(lane, than) {
    if (this.laneParcel[lane] !== this.laneParcel[than]) return this.laneParcel[lane] < this.laneParcel[than];
    if (this.laneUnit[lane] !== this.laneUnit[than]) return this.laneUnit[lane] < this.laneUnit[than];
    return this.laneTransit[lane] < this.laneTransit[than];
  }

  /** For each line the candidates that have some of it, cheapest first: one order for all, because a lane costs the same for each. */
  #sortSources(candidates, count) {
    const { byCost, unit } = this;
    for (let at = 0; at < candidates; at++) {
      let to = at;
      for (; to > 0 && unit[byCost[to - 1]] > unit[at]; to--) byCost[to] = byCost[to - 1];
      byCost[to] = at;
    }
    for (let line = 0; line < count; line++) {
      const start = line * this.nodes;
      let held = 0;
      for (let at = 0; at < candidates; at++) {
        const candidate = byCost[at];
        if (this.units[candidate * count + line] > 0) this.sources[start + held++] = candidate;
      }
      this.sourceCount[line] = held;
    }
  }

  /** Cost of shipping from open candidates only; leaves in `used` which of them are. */
  #evaluate(open, candidates, count) {
    const { used, units, unit, parcel, sources, wanted } = this;
    let total = 0;
    for (let at = 0; at < candidates; at++) used[at] = 0;
    for (let line = 0; line < count; line++) {
      let left = wanted[line];
      const start = line * this.nodes;
      const end = start + this.sourceCount[line];
      for (let at = start; at < end && left > 0; at++) {
        const candidate = sources[at];
        if (open[candidate] === 0) continue;
        const taken = Math.min(left, units[candidate * count + line]);
        total += taken * unit[candidate];
        left -= taken;
        if (used[candidate] === 0) {
          used[candidate] = 1;
          total += parcel[candidate];
        }
      }
      total += left * SHORTFALL_COST * TIE;
    }
    return total;
  }

  #tryOpen(candidates, count) {
    const { open, used, fewer, bestFewer } = this;
    let cost = this.#evaluate(open, candidates, count);
    open.set(used);
    for (;;) {
      let opened = 0;
      for (let at = 0; at < candidates; at++) opened += open[at];
      if (opened > DROPS_MAX) break;
      let better = false;
      for (let at = 0; at < candidates; at++) {
        if (open[at] === 0) continue;
        fewer.set(open);
        fewer[at] = 0;
        const without = this.#evaluate(fewer, candidates, count);
        if (without >= cost) continue;
        cost = without;
        bestFewer.set(used);
        better = true;
      }
      if (!better) break;
      open.set(bestFewer);
    }
    if (cost >= this.bestCost) return;
    this.bestCost = cost;
    this.bestOpen.set(open);
  }

  #coverAndSingle(candidates, count) {
    const { left, units, unit, parcel, open } = this;
    for (let line = 0; line < count; line++) left[line] = this.wanted[line];
    const cover = this.bestFewer;
    cover.fill(0);
    let [single, singleSaved] = [-1, -Infinity];
    for (let round = 0; round < candidates; round++) {
      let [best, bestSaved, bestUnits] = [-1, 0, 1];
      for (let candidate = 0; candidate < candidates; candidate++) {
        if (cover[candidate] === 1) continue;
        let covered = 0;
        const row = candidate * count;
        for (let line = 0; line < count; line++) covered += Math.min(left[line], units[row + line]);
        const saved = covered * (SHORTFALL_COST * TIE - unit[candidate]) - parcel[candidate];
        if (round === 0 && saved > singleSaved) [single, singleSaved] = [candidate, saved];
        if (saved > 0 && (best < 0 || saved * bestUnits > bestSaved * covered)) {
          [best, bestSaved, bestUnits] = [candidate, saved, covered];
        }
      }
      if (best < 0) break;
      cover[best] = 1;
      for (let line = 0; line < count; line++) left[line] -= Math.min(left[line], units[best * count + line]);
    }
    const covered = cover.slice(0, candidates);
    if (single >= 0) {
      open.fill(0);
      open[single] = 1;
      this.#tryOpen(candidates, count);
    }
    open.fill(0);
    open.set(covered);
    this.#tryOpen(candidates, count);
  }

  #offer({ lines, now }, candidates, count) {
    const { bestOpen, units, left } = this;
    const shipmentOf = new Array(candidates).fill(undefined);
    let cost = 0;
    for (let line = 0; line < count; line++) {
      left[line] = this.wanted[line];
      const { sku, line: name = sku } = lines[line];
      const start = line * this.nodes;
      for (let at = start; at < start + this.sourceCount[line] && left[line] > 0; at++) {
        const candidate = this.sources[at];
        if (bestOpen[candidate] === 0) continue;
        const quantity = Math.min(left[line], units[candidate * count + line]);
        left[line] -= quantity;
        const shipment = (shipmentOf[candidate] ??= this.#shipment(candidate, now));
        shipment.cost += quantity * this.laneUnit[this.lane[candidate]];
        shipment.lines.push({ line: name, sku, quantity });
      }
      cost += left[line] * SHORTFALL_COST;
    }
    const shipments = [];
    for (let candidate = 0; candidate < candidates; candidate++) {
      const shipment = shipmentOf[candidate];
      if (shipment === undefined) continue;
      cost += shipment.cost;
      shipments.push(shipment);
    }
    return { ok: true, cost, shipments, unmet: this.#unmet(lines, now, count) };
  }

  #shipment(candidate, now) {
    const lane = this.lane[candidate];
    const node = this.node[candidate];
    const releaseBy = now + this.handling[node];
    const arriveBy = releaseBy + this.laneTransit[lane];
    const method = this.methodNames[this.laneMethod[lane]];
    return { node: this.nodeNames[node], releaseBy, arriveBy, cost: this.laneParcel[lane], lines: [], method };
  }

  #unmet(lines, now, count) {
    const unmet = [];
    for (let line = 0; line < count; line++) {
      const quantity = this.left[line];
      if (quantity === 0) continue;
      let [available, earliest] = [0, Infinity];
      const start = line * this.nodes;
      for (let at = start; at < start + this.sourceCount[line]; at++) {
        const candidate = this.sources[at];
        available += this.units[candidate * count + line];
        earliest = Math.min(earliest, now + this.handling[this.node[candidate]] + this.laneTransit[this.lane[candidate]]);
      }
      const { sku, line: name = sku } = lines[line];
      const missing = { line: name, sku, quantity, available };
      unmet.push(earliest === Infinity ? missing : { ...missing, earliest });
    }
    return unmet;
  }
}
