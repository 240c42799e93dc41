// The trail beside a book: sealed entries, books of the past, histories, lives, lanes, returns, and approvals.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { beforeEach, describe, test } from "node:test";
import { createEngine, Trail } from "onhand/floor";
import { countedModule, instantiating } from "./counted.mjs";
import { facts, NOW } from "./shop.mjs";

const line = (quantity, rest) => [{ sku: "TEA-250", quantity, ...rest }];
const sale = (id, occurred, quantity, rest) => ({ source: "till-1", id, kind: "sell", occurred, node: "store-1", lines: line(quantity), ...rest });
const adjust = (id, occurred, quantity, rest) => ({
  source: "office", id, kind: "adjust", occurred, node: "store-1", actor: "ada", reason: "found", lines: line(quantity), ...rest,
});
const POLICY = { rules: [{ name: "clerk", kinds: ["adjust"], windowMs: 86_400_000, units: 5 }], approvers: ["manager"] };

let trail;
beforeEach(async () => {
  trail = new Trail(await createEngine(), { policy: POLICY });
  for (const fact of facts()) trail.apply(fact, NOW);
});
const onHand = (book) => book.available({ sku: "TEA-250", node: "store-1", now: NOW })?.onHand;

describe("a log", () => {
  test("has what was told and answered, sealed in order", () => {
    trail.apply(sale(1, NOW, 2), NOW + 1);
    trail.apply(sale(1, NOW, 2), NOW + 2);
    trail.apply(sale(1, NOW, 3), NOW + 3);
    trail.execute({ ...sale(2, NOW, 1), kind: "reserve", subject: "order-1", lines: line(99) }, NOW + 4);
    const before = facts().length;
    const entries = trail.entries({ after: before });
    assert.deepEqual(entries.map(({ number, verdict, event }) => [number, verdict, event.recorded]), [
      [before + 1, "fact", NOW + 1],
      [before + 2, "replayed", NOW + 2],
      [before + 3, { turnedAway: "id_conflict" }, NOW + 3],
      [before + 4, { refused: "insufficient" }, NOW + 4],
    ]);
    assert.deepEqual(trail.head(), { entries: before + 4, seal: entries.at(-1).seal });
    assert.deepEqual(trail.verify(trail.head()), { ok: true, ...trail.head() });
    assert.equal(trail.entries({ after: before, most: 2 }).length, 2);
    for (const { seal } of entries) assert.equal(Buffer.from(seal, "hex").length, createHash("sha256").digest().length);
  });

  test("gives its last entry with no more work than its first, however long it is", async () => {
    const counted = await countedModule("floor");
    // Another copy of the package, so that the module is nothing to the other tests.
    const { createEngineSync, initSync, Trail } = await import("../dist/floor_node.js?counted");
    initSync(counted.module);
    const long = new Trail(instantiating(counted, createEngineSync));
    for (const fact of facts()) long.apply(fact, NOW);
    for (let id = 1; id <= 4_096; id++) long.apply(sale(id, NOW + id, 1), NOW + id);
    const { entries } = long.head();
    const reads = (page) => counted.count(() => assert.equal(long.entries(page).length, 1));
    const [first, last] = [reads({ after: facts().length, most: 1 }), reads({ after: entries - 1 })];
    assert.ok(first > 0 && Math.abs(last - first) < 1_000, `${last} reads of memory for the last, ${first} for the first`);
  });

  test("that was kept goes on, whatever carried it", async () => {
    trail.apply(sale(1, NOW, 2), NOW + 1);
    const kept = JSON.parse(JSON.stringify(trail.entries()));
    const again = Trail.read(await createEngine(), kept, { policy: POLICY, known: trail.head() });
    assert.ok(again instanceof Trail, JSON.stringify(again));
    assert.equal(again.book.digest(), trail.book.digest());
    for (const one of [trail, again]) one.apply(sale(2, NOW + 5, 1), NOW + 6);
    assert.deepEqual(again.head(), trail.head());
  });

  test("that was changed names the first fault and tells nothing", async () => {
    trail.apply(sale(1, NOW, 2), NOW + 1);
    const kept = trail.entries();
    const known = trail.head();
    const engine = await createEngine();
    const read = (entries) => Trail.read(engine, entries, { known });
    const edited = kept.map((entry) => (entry.number === 4 ? { ...entry, event: { ...entry.event, occurred: entry.event.occurred + 1 } } : entry));
    assert.deepEqual(read(edited), { ok: false, code: "edited", entry: 4 });
    assert.deepEqual(read(kept.toSpliced(3, 2)), { ok: false, code: "gap", entry: 4, through: 5 });
    assert.deepEqual(read([...kept.slice(0, 3), kept[4], kept[3], ...kept.slice(5)]), { ok: false, code: "swapped", entry: 4, found: 5 });
    assert.deepEqual(read(kept.toSpliced(4, 0, kept[3])), { ok: false, code: "repeated", entry: 4 });
    assert.deepEqual(read(kept.slice(0, -1)), { ok: false, code: "cut", entry: known.entries, through: known.entries });
    assert.deepEqual(Trail.read(engine, kept, { known: { ...known, seal: "00".repeat(32) } }), { ok: false, code: "rewritten", entry: known.entries });
    assert.equal(engine.version, 0);
  });

  test("gives the book of a moment, as known then and as known now", () => {
    trail.apply(sale(1, NOW - 1_000, 2), NOW + 9_000);
    const [then, now] = [trail.knownThen(NOW), trail.knownNow(NOW)];
    assert.deepEqual([onHand(then), onHand(now), onHand(trail.book)], [7, 5, 5]);
    now.apply(sale(2, NOW, 1));
    assert.deepEqual([onHand(now), onHand(trail.book)], [4, 5]);
  });

  test("tells the history of an order, a line of it and an item at a node", () => {
    const order = (kind, id, occurred) => ({ ...sale(id, occurred, 1), kind, subject: "order-1", lines: line(1, { line: "L1" }) });
    trail.execute(order("reserve", 1, NOW), NOW);
    trail.execute(order("pick", 2, NOW + 2), NOW + 2);
    trail.apply(sale(3, NOW + 1, 1), NOW + 3);
    const kinds = (about) => trail.history(about).map(({ event }) => event.kind);
    assert.deepEqual(kinds({ subject: "order-1" }), ["reserve", "pick"]);
    assert.deepEqual(kinds({ subject: "order-1", line: "L1" }), ["reserve", "pick"]);
    assert.deepEqual(kinds({ line: "L2", subject: "order-1" }), []);
    const said = (kind, id, terms) => trail.apply({ source: "quality", id, kind, occurred: NOW + 3, terms }, NOW + 3);
    said("lot_change", 1, { lot: { sku: "TEA-250", lot: "L-9", recalled: true } });
    said("protection_change", 2, { protection: { sku: "TEA-250", quantity: 1 } });
    said("protection_change", 3, { protection: { sku: "TEA-250", node: "depot", quantity: 2 } });
    for (const about of [{ sku: "TEA-250", node: "store-1" }, { node: "store-1", sku: "TEA-250" }]) {
      assert.deepEqual(kinds(about), ["item_change", "opening", "reserve", "sell", "pick", "lot_change", "protection_change"]);
    }
  });

  test("follows exceptions through their lives", () => {
    trail.apply(sale(1, NOW, 9), NOW);
    const costs = [{ sku: "TEA-250", cost: 250 }];
    const [open] = trail.lives({ now: NOW, costs });
    assert.deepEqual([open.exception.code, open.status, open.severity, open.since, open.value], ["deficit", "open", "high", NOW, 500]);
    trail.apply({ source: "office", id: 1, kind: "exception_assign", occurred: NOW + 1, subject: open.id, actor: "grace" }, NOW + 1);
    const [assigned] = trail.lives({ now: NOW + 1 });
    assert.deepEqual([assigned.id, assigned.status, assigned.assignee, assigned.value], [open.id, "assigned", "grace", undefined]);
  });

  test("reports what lanes lose", () => {
    const move = (kind, id, quantity, rest) => ({ source: "depot", id, kind, occurred: NOW + id, subject: "T-1", lines: line(quantity), ...rest });
    trail.apply(move("transfer_ship", 1, 10, { node: "depot", toNode: "store-1", due: NOW + 5 }), NOW);
    trail.apply(move("transfer_receive", 2, 8, { node: "store-1" }), NOW);
    assert.deepEqual(trail.lanes({ now: NOW + 10 }), [
      { from: "depot", to: "store-1", transfers: 1, shipped: 10, received: 8, damaged: 0, lost: 0, missing: 2, overdue: 2, over: 0 },
    ]);
  });

  test("knows what of an order line may be refunded and sold again", () => {
    trail.apply(sale(1, NOW, 2, { subject: "order-1" }), NOW);
    trail.apply({ ...sale(2, NOW + 1, 3, { subject: "order-1" }), kind: "return_receive" }, NOW);
    const query = { order: "order-1", line: "TEA-250" };
    assert.deepEqual(trail.soldLine(query), { sold: 2, returned: 3, resold: 0, overReturned: 1, refundable: 2, resellable: 2 });
    const [over] = trail.lives({ now: NOW + 2 });
    const about = { code: "over_returned", sku: "TEA-250", subject: "order-1", line: "TEA-250", quantity: 1 };
    assert.deepEqual([over.exception, over.since, over.severity], [about, NOW + 1, "medium"]);
    assert.deepEqual(trail.mayRefund({ ...query, units: 2 }), { ok: true });
    const refused = { ok: false, code: "over_returned", order: "order-1", line: "TEA-250", requested: 3, allowed: 2 };
    assert.deepEqual(trail.mayRefund({ ...query, units: 3 }), refused);
    const grade = (quantity) => ({ ...sale(3, NOW + 2, quantity, { subject: "order-1" }), kind: "grade", lines: line(quantity, { state: "returned", toState: "sellable" }) });
    assert.deepEqual(trail.mayResell(grade(3)), refused);
    assert.deepEqual(trail.mayResell(grade(2)), { ok: true });
  });
});

describe("approvals", () => {
  const paper = (kind, id, occurred, actor, rest) => ({ source: "office", id, kind, occurred, subject: "approval-1", actor, ...rest });

  test("are needed beyond a limit, on what one person did lately", () => {
    assert.equal(trail.execute(adjust(1, NOW, 4), NOW).ok, true);
    const digest = trail.book.digest();
    assert.deepEqual(trail.execute(adjust(2, NOW + 1, 4), NOW + 1), {
      ok: false, code: "over_approval_limit", rule: "clerk", limit: "units", node: "store-1", sku: "TEA-250", max: 5, found: 8,
    });
    assert.equal(trail.book.digest(), digest);
    assert.deepEqual(trail.entries().at(-1).verdict, { refused: "over_approval_limit" });
    assert.equal(trail.execute(adjust(2, NOW + 1, 4, { actor: "bob" }), NOW + 1).ok, true);
  });

  test("are asked for, granted by another, and used up", () => {
    const ask = paper("approval_request", 10, NOW, "ada", { node: "store-1", asks: "adjust", reason: "found", lines: line(9) });
    assert.equal(trail.execute(ask, NOW).ok, true);
    assert.equal(trail.approval({ name: "approval-2", now: NOW }), undefined);
    const grant = (actor, role) => trail.execute(paper("approval_grant", 11, NOW + 1, actor, { role }), NOW + 1);
    assert.deepEqual(grant("ada", "manager"), { ok: false, code: "self_approval", actor: "ada" });
    assert.deepEqual(grant("bob", "clerk"), { ok: false, code: "not_approver", role: "clerk" });
    assert.equal(grant("grace", "manager").ok, true);
    const granted = trail.approval({ name: "approval-1", now: NOW + 2 });
    assert.deepEqual([granted.status, granted.requester, granted.decidedBy, granted.left[0].quantity], ["granted", "ada", "grace", 9]);
    const used = adjust(12, NOW + 2, 9, { subject: "approval-1" });
    assert.equal(trail.execute(used, NOW + 2).ok, true);
    assert.deepEqual(trail.execute(adjust(13, NOW + 3, 1, { subject: "approval-1" }), NOW + 3), {
      ok: false, code: "approval_not_open", approval: "approval-1", status: "used",
    });
    assert.deepEqual(trail.due(), []);
  });

  test("are due for facts that went beyond", () => {
    trail.apply(adjust(1, NOW, -6), NOW);
    assert.deepEqual(trail.due(), [{ source: "office", id: 1, problem: {
      ok: false, code: "over_approval_limit", rule: "clerk", limit: "units", node: "store-1", sku: "TEA-250", max: 5, found: 6,
    } }]);
  });
});

test("a trail shares the fate of its engine", async () => {
  assert.throws(() => trail.book.__trap(), (error) => error.code === "engine_lost");
  assert.throws(() => trail.head(), (error) => error.code === "engine_lost");
  const other = new Trail(await createEngine());
  other.free();
  other.free();
  assert.throws(() => other.head(), (error) => error.code === "engine_freed");
  assert.equal(other.book.version, 0);
});
