// Codes and numbers of the engine as sentences, in two languages.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEngineSync } from "onhand";
import {
  ENGLISH, explainBucket, explainCertainty, explainDealt, explainException, explainFault, explainLosingClaim, explainOffer, explainOpenPromise, explainPassed,
  explainRefusal, explainRemedy, explainTries, plain, sentence, speaker,
} from "onhand/explain";
import { createEngine as createFloor, Trail } from "onhand/floor";
import { GERMAN } from "./german.mjs";
import { facts, NOW } from "./shop.mjs";

const HOUR = 3_600_000;
const berlin = speaker({ locale: "de", timeZone: "Europe/Berlin", currency: "EUR" });
// `Intl` sets some words apart by spaces that do not break, and by which of them is up to its version.
const spaced = (text) => text.replaceAll(/[\u00a0\u202f]/g, " ");

function shop() {
  const engine = createEngineSync();
  assert.equal(engine.applyAll(facts()).turnedAwayCount, 0);
  return engine;
}

describe("a speaker", () => {
  test("says moments by the zone that it was given, with the zone's name and across summer time", () => {
    const said = [Date.UTC(2026, 2, 29, 0, 59), Date.UTC(2026, 2, 29, 1)].map((moment) => spaced(berlin.time(moment)));
    assert.match(said[0], /^29\. März 2026.* 01:59 MEZ$/);
    assert.match(said[1], /^29\. März 2026.* 03:00 MESZ$/);
    assert.match(spaced(plain().time(0)), /^Jan 1, 1970.* 12:00 AM UTC$/);
  });

  test("says money by the digits of its currency, to the last cent", () => {
    assert.equal(spaced(berlin.money(123_456)), "1.234,56 €");
    assert.equal(speaker({ currency: "JPY" }).money(1_234), "¥1,234");
    assert.equal(spaced(speaker({ currency: "KWD" }).money(-5)), "-KWD 0.005");
    // A float of so many hundredths has no room for them.
    assert.equal(speaker({ currency: "USD" }).money(Number.MAX_SAFE_INTEGER), "$90,071,992,547,409.91");
  });

  test("cuts a duration off, and says the two largest units of it", () => {
    const said = [0, 59_999, 60_000, 2 * HOUR + 10 * 60_000 + 59_999, 24 * HOUR, 49 * HOUR + 60_000, 24.5 * HOUR, -1, Number.NaN]
      .map((span) => plain().duration(span));
    assert.deepEqual(said, ["0 min", "0 min", "1 min", "2 hr 10 min", "1 day", "2 days 1 hr", "1 day 30 min", "0 min", "0 min"]);
    assert.equal(spaced(berlin.duration(130 * 60_000)), "2 Std., 10 Min.");
  });

  test("takes any number without throwing", () => {
    for (const name of ["units", "money", "time", "duration", "plural"]) {
      for (const value of [Number.NaN, Infinity, -Infinity, 9e15, undefined, null]) {
        for (const one of [plain(), berlin]) assert.equal(typeof one[name](value), "string", `${name} ${value}`);
      }
    }
    assert.equal(plain().time(9e15), "9000000000000000");
  });
});

describe("sentences", () => {
  test("of a refusal have its numbers in the reader's language", () => {
    const refused = shop().execute({
      source: "web", id: "o", kind: "reserve", occurred: NOW, node: "store-1", subject: "o", lines: [{ sku: "TEA-250", quantity: 12_000 }],
    });
    assert.equal(explainRefusal(refused), "Not enough in stock. TEA-250 at store-1: 7 available, 12,000 asked for.");
    assert.equal(explainRefusal(refused, berlin, GERMAN), "Der Bestand reicht nicht. TEA-250 in store-1: 7 verfügbar, 12.000 verlangt.");
  });

  test("of a fact that waits say for what", () => {
    const engine = shop();
    engine.apply({ source: "till", id: 1, kind: "sell", occurred: NOW, node: "store-1", lines: [{ sku: "JAM", quantity: 1 }] });
    engine.apply({ source: "till", id: 2, kind: "sell", occurred: NOW, node: "attic", lines: [{ sku: "HONEY", quantity: 1 }] });
    assert.deepEqual(engine.exceptions({ now: NOW }).map((one) => explainException(one)).sort(), [
      "Event 1 of till waits until the item JAM is known.",
      "Event 2 of till waits until the node attic is known.",
    ]);
  });

  test("of a claim that loses say by how much", () => {
    const engine = shop();
    const event = (id, kind, quantity) => ({
      source: "web", id, kind, occurred: NOW, node: "store-1", subject: "order-7", lines: [{ sku: "TEA-250", quantity }],
    });
    assert.equal(engine.execute(event(1, "reserve", 6)).ok, true);
    const { subject, ...sale } = event(2, "sell", 3);
    assert.equal(subject, "order-7");
    engine.apply(sale);
    const losing = engine.losingClaims({ sku: "TEA-250", node: "store-1", now: NOW });
    assert.deepEqual(losing.map((claim) => explainLosingClaim(claim)), [
      "The order order-7 loses 2 on line TEA-250: the stock does not cover it any more.",
    ]);
  });

  test("of an offer say what comes, what does not, what it costs and why not from elsewhere", () => {
    const offer = shop().promise({
      lines: [{ sku: "TEA-250", quantity: 1 }, { sku: "HONEY", quantity: 6 }], to: { zone: "north" }, now: NOW, explain: "full",
    });
    const dollars = speaker({ currency: "USD" });
    const said = explainOffer(offer, dollars).map(spaced);
    assert.equal(said.length, offer.shipments.length + offer.unmet.length + 1 + offer.passed.length);
    assert.ok(said.some((line) => /^4 units from store-2 by standard: out by Apr 1, 2026.* 10:00 AM UTC, there by Apr 2, 2026.* 10:00 AM UTC\.$/.test(line)), said.join("\n"));
    assert.ok(said.some((line) => line.startsWith("1 unit from depot by standard")), said.join("\n"));
    assert.ok(said.some((line) => line.startsWith("2 of HONEY cannot be had: 4 in reach")), said.join("\n"));
    assert.ok(said.includes(`The plan costs ${dollars.money(offer.cost)}, the price of what is missing included, and no plan costs less.`));
    assert.ok(said.includes(`store-1 could help, but a plan with it costs at least ${dollars.money(offer.passed[0].number)}.`));
    const german = explainOffer(offer, berlin, GERMAN).map(spaced);
    assert.ok(german.some((line) => /^4 Stücke kommen aus store-2 per standard bis 2\. Apr\. 2026.* 12:00 MESZ\.$/.test(line)), german.join("\n"));
  });

  test("of a pick-up and of a late parcel have their moment", () => {
    const engine = shop();
    const collected = engine.promise({ lines: [{ sku: "TEA-250", quantity: 2 }], to: { pickUp: "store-1" }, now: NOW });
    assert.match(spaced(explainOffer(collected)[0]), /^2 units to pick up at store-1 from Apr 1, 2026.* 10:00 AM UTC\.$/);
    const late = engine.promise({ lines: [{ sku: "HONEY", quantity: 1 }], to: { zone: "north" }, now: NOW, neededBy: NOW + HOUR, explain: "full" });
    const passed = late.passed.find(({ check }) => check === "too_late");
    assert.match(spaced(explainPassed(passed)), /^From store-2 it would arrive at Apr 2, 2026.* 10:00 AM UTC, too late\.$/);
  });

  test("of a bucket say what can be promised or what is short", () => {
    const [bucket] = shop().atp({ sku: "TEA-250", node: "store-1", now: NOW }).buckets;
    assert.match(explainBucket(bucket), / 7 can be promised/);
    const demand = [{ time: NOW + HOUR, units: 9 }];
    const short = shop().atp({ sku: "TEA-250", node: "store-1", now: NOW, demand }).buckets.at(-1);
    assert.match(explainBucket(short), / none can be promised: 2 short by /);
  });

  test("of a promise after it is made say how sure it is, what would have helped, what covers it and who loses", () => {
    const engine = shop();
    const request = { lines: [{ sku: "TEA-250", quantity: 2 }], to: { pickUp: "store-1" }, now: NOW };
    const risk = { errors: [{ error: { wrongPpm: 200_000, meanMilli: 2_000 } }], failureCost: 1_000, attemptCost: 100 };
    // A question that cannot be looked at is one sentence, too: whoever asks need not look first.
    const unknown = { ...request, lines: [{ sku: "NOPE", quantity: 1 }] };
    for (const said of [explainOffer(engine.promise(unknown)), explainCertainty(engine.promiseSurely(unknown, risk)), explainTries(engine.tries(unknown, risk))]) {
      assert.deepEqual(said, ["NOPE is not a known item."]);
    }
    assert.deepEqual(explainCertainty(engine.promiseSurely(request, risk)), [
      "All of it is found with a probability of 99.6875 %; with what failing costs, the plan is expected to cost 7.",
      "2 of TEA-250 at store-1: 99.6875 %, with 7 in the book and 0 claimed by others.",
    ]);
    assert.deepEqual(explainTries(engine.tries(request, risk)), [
      "store-1 has it with a probability of 99.6875 %: to have it from there costs 101, tried until it is found.",
    ]);
    const { remedies } = engine.counterfactual({ ...request, lines: [{ sku: "TEA-250", quantity: 9 }] });
    assert.deepEqual(remedies.map((remedy) => explainRemedy(remedy)), ["2 units more at store-1 would have been enough, for 0."]);
    const order = (id, subject, quantity) => engine.execute({
      source: "web", id, kind: "reserve", occurred: NOW, node: "store-1", subject, lines: [{ sku: "TEA-250", quantity }],
    });
    assert.equal(order(1, "order-7", 3).ok && order(2, "order-8", 4).ok, true);
    engine.apply({ source: "till", id: 3, kind: "sell", occurred: NOW, node: "store-1", lines: [{ sku: "TEA-250", quantity: 2 }] });
    const said = engine.openPromises({ now: NOW }).promises.map((promise) => spaced(explainOpenPromise(promise)));
    assert.match(said[0], /^Line TEA-250 of order-7 is covered: 3 of TEA-250 at store-1 from Apr 1, 2026.* on\.$/);
    assert.equal(said[1], "Line TEA-250 of order-8 is not covered: 2 of 4 of TEA-250 at store-1 are left for it.");
    const wants = [{ subject: "order-7", strategy: "lose", wanted: 0 }, { subject: "order-8", strategy: "win", wanted: 6 }];
    const { dealt } = engine.redistribute({ sku: "TEA-250", node: "store-1", now: NOW, wants });
    assert.deepEqual(dealt.map((one) => explainDealt(one)), [
      "Line TEA-250 of order-7 goes from 3 to 0.", "Line TEA-250 of order-8 was to get 6 in any case and gets 5.",
    ]);
  });

  test("of units in a wrong state say what is refused, and which event moved them all the same", () => {
    const engine = shop();
    const ship = { source: "web", id: 1, kind: "ship", occurred: NOW, node: "store-1", lines: [{ sku: "TEA-250", quantity: 1, state: "recalled" }] };
    const refused = engine.execute(ship);
    assert.deepEqual(refused, { ok: false, code: "state_not_allowed", sku: "TEA-250", state: "recalled" });
    assert.equal(explainRefusal(refused), "TEA-250 is not moved this way in the state recalled.");
    const { exceptions } = engine.apply(ship);
    assert.deepEqual(exceptions.map((one) => one.code).sort(), ["deficit", "out_of_order_move"]);
    assert.equal(explainException(exceptions.find((one) => one.code === "out_of_order_move")), "Event 1 of web moved units in a state in which its kind does not.");
  });

  test("of what needs an approval, and of a log that was changed, say what is in the way", async () => {
    const rules = [
      { name: "clerk", kinds: ["adjust"], windowMs: HOUR, units: 5 }, { name: "share", kinds: ["write_off"], windowMs: HOUR, sharePpm: 125_000 },
    ];
    const trail = new Trail(await createFloor(), { policy: { rules, approvers: ["manager"] } });
    const now = NOW;
    trail.apply({ source: "m", id: 1, kind: "item_change", occurred: now, terms: { item: { sku: "TEA", unit: "each" } } }, now);
    trail.apply({ source: "m", id: 2, kind: "node_change", occurred: now, terms: { node: { node: "s1", type: "store", onLine: true, ships: true, picksUp: true } } }, now);
    trail.apply({ source: "m", id: 3, kind: "receipt", occurred: now, node: "s1", lines: [{ sku: "TEA", quantity: 8 }] }, now);
    const asked = (event) => explainRefusal(trail.execute({ source: "office", occurred: now, node: "s1", actor: "ada", reason: "found", ...event }, now));
    const six = { lines: [{ sku: "TEA", quantity: 6 }] };
    assert.equal(asked({ id: 1, kind: "adjust", ...six }), "6 of TEA at s1 is over the limit of 5 without an approval (rule clerk).");
    assert.equal(asked({ id: 2, kind: "write_off", ...six }), "75 % of TEA at s1 is over the limit of 12.5 % without an approval (rule share).");
    assert.equal(asked({ id: 3, kind: "approval_grant", subject: "a-7", role: "manager" }), "Nobody has asked for the approval a-7.");
    assert.equal(explainRefusal(trail.mayRefund({ order: "o-1", line: "TEA", units: 2 })), "o-1, line TEA: 0 that came back of what was sold, not 2.");
    const kept = trail.entries();
    const fault = async (entries, known) => explainFault(Trail.read(await createFloor(), entries, known && { known }));
    assert.equal(await fault(kept.map((entry) => (entry.number === 2 ? { ...entry, event: { ...entry.event, occurred: now + 1 } } : entry))), "Entry 2 of the log is not what was sealed.");
    assert.equal(await fault([kept[0], ...kept.slice(3)]), "Entries 2 to 3 of the log are missing.");
    assert.equal(await fault(kept.slice(0, 3), trail.head()), "The log ends too early: entries 4 to 6 are cut off.");
  });

  test("are whole in a translation, and differ from the English everywhere", () => {
    assert.deepEqual(Object.keys(GERMAN).sort(), Object.keys(ENGLISH).sort());
    const any = {
      field: "f", problem: "p", limit: "l", max: 1, kind: "sell", line: "1", expires: 1, node: "n", sku: "s", asked: "a", lot: "L", closedThrough: 1, subject: "o",
      status: "open", claimed: 1, requested: 2, ledger: "order", units: 8, location: "n", available: 3, quantity: 2, id: 4, source: "till", number: 5, method: "m",
      releaseBy: 1, arriveBy: 1, earliest: 1, cost: 6, bound: 7, unmet: [], time: 1, bindsAt: 1, short: 1,
      ppm: 1, expectedCost: 2, onHand: 3, toCome: 4, record: 5, indexCost: 6, ready: 7, covered: 8, held: 9, wanted: 1, strategy: "win", size: 2,
      supply: "u", due: 3, rule: "r", saves: 4, state: "damaged", approval: "a-1", actor: "ada", role: "clerk", requester: "ada", order: "o", allowed: 1,
      recorded: 1, skewMs: 60_000, latest: 1, entry: 1, through: 2, found: 3,
    };
    for (const code of Object.keys(ENGLISH)) {
      const english = sentence(code, any, plain());
      assert.doesNotMatch(english, /undefined|NaN|\$\{/, code);
      assert.notEqual(english, sentence(code, any, plain(), GERMAN), code);
    }
  });

  test("of a remedy in time say a span that is enough", () => {
    const said = (kind, size) => explainRemedy({ kind, size, cost: 0 });
    assert.equal(said("needed_later", 1), "1 min later it could be there, for 0.");
    assert.equal(said("needed_later", HOUR), "1 hr later it could be there, for 0.");
    assert.equal(said("needed_later", HOUR + 1), "1 hr 1 min later it could be there, for 0.");
    assert.equal(said("asked_earlier", 48 * HOUR + 60_000), "Ordered 2 days 1 hr earlier it could have been there, for 0.");
    const moved = { kind: "supply_earlier", size: 59_999, cost: 0, changes: [{ moved: { supply: "PO-1", sku: "TEA-250", node: "depot", due: NOW } }] };
    assert.match(spaced(explainRemedy(moved)), /^PO-1 would have had to be at depot 1 min earlier, at Apr 1, 2026/);
  });

  test("of a code that nobody knows are the code and its facts", () => {
    assert.equal(explainRefusal({ ok: false, code: "too_warm", sku: "ICE", degrees: 1_200, more: {} }), "too_warm (sku ICE, degrees 1,200)");
    assert.equal(explainPassed({ node: "attic", check: "no_ladder", number: 3 }, berlin, GERMAN), "no_ladder (node attic, number 3)");
    for (const code of ["toString", "__proto__", "constructor", ""]) assert.equal(explainException({ code }), code);
    const { shortage, ...unfinished } = ENGLISH;
    assert.equal(typeof shortage, "function");
    assert.equal(sentence("shortage", { sku: "TEA", available: 2 }, plain(), unfinished), "shortage (sku TEA, available 2)");
    assert.equal(sentence("shortage", { sku: "TEA", available: 2 }, plain(), { ...ENGLISH, shortage: undefined }), "shortage (sku TEA, available 2)");
  });
});
