// What a product page says: every word of schema.org by its rule, nothing told beyond the threshold, and no more time than there is.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { createEngineSync } from "onhand";
import { FEW, fewLeft, itemAvailability, jsonLd, nextSupply, offerFragment, orderWithin, speaker, unitsLeft } from "onhand/web";
import { GERMAN_WEB } from "./german.mjs";
import { facts, NOW } from "./shop.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const german = speaker({ locale: "de", timeZone: "Europe/Berlin", currency: "EUR" });
const spaced = (text) => text.replaceAll(/[\u00a0\u202f]/g, " ");

/** A shelf as the engine answers it. */
const shelf = (sellable, rest = {}) => {
  const all = { onHand: sellable, sellable, claimed: 0, protected: 0, overcommitted: 0, backorderLimit: 0, withheld: 0, ...rest };
  return { ...all, available: Math.max(0, all.sellable - all.claimed - all.protected) };
};
const word = (item) => itemAvailability({ now: NOW, ...item });

describe("the word of schema.org", () => {
  const [none, few, many] = [shelf(0), shelf(FEW), shelf(FEW + 1)];

  for (const [expected, why, item] of [
    ["InStock", "there is more than few", { shipped: [many] }],
    ["InStock", "few and few are many", { shipped: [few, few] }],
    ["InStock", "there is some in both channels", { shipped: [many], inStore: [few] }],
    ["LimitedAvailability", "there are few", { shipped: [few], inStore: [none] }],
    ["LimitedAvailability", "there are few by a threshold of its own", { shipped: [many], scarcity: { few: FEW + 1 } }],
    ["InStock", "no count is few", { shipped: [shelf(1)], scarcity: { few: 0 } }],
    ["InStoreOnly", "none can be sent", { shipped: [none], inStore: [many] }],
    ["InStoreOnly", "it is not sold on line, however few there are", { shipped: [], inStore: [few] }],
    ["InStock", "nothing is said of the other channel", { inStore: [many] }],
    ["OnlineOnly", "no shop has it", { shipped: [many], inStore: [none, none] }],
    ["BackOrder", "supply is dated", { shipped: [none], restock: NOW + DAY }],
    ["BackOrder", "claims may go beyond the shelf", { shipped: [shelf(0, { backorderLimit: 1 })] }],
    ["OutOfStock", "claims went beyond the shelf already", { shipped: [shelf(0, { claimed: 3, backorderLimit: 3 })] }],
    ["OutOfStock", "there is no room for a pack", { shipped: [shelf(0, { backorderLimit: 5 })], scarcity: { per: 6 } }],
    ["OutOfStock", "what is there is protected", { shipped: [shelf(3, { protected: 3 })] }],
    ["OutOfStock", "there is less than a pack", { shipped: [shelf(5), shelf(5)], scarcity: { per: 6 } }],
    ["LimitedAvailability", "there is a pack", { shipped: [shelf(11)], scarcity: { per: 6 } }],
    ["PreOrder", "it is there and not launched", { shipped: [many], launch: NOW + 1 }],
    ["PreOrder", "it comes and is not launched", { shipped: [none], restock: NOW + DAY, launch: NOW + 1 }],
    ["OutOfStock", "nothing can be ordered ahead", { shipped: [none], launch: NOW + 1 }],
    ["SoldOut", "all that will be made is ordered ahead", { shipped: [none], launch: NOW + 1, life: "single" }],
    ["InStock", "the launch is now", { shipped: [many], launch: NOW }],
    ["Discontinued", "none is left of what is not made any more", { shipped: [none], life: "ended" }],
    ["InStock", "the last ones are still there", { shipped: [many], life: "ended" }],
    ["BackOrder", "the last ones are on their way", { shipped: [none], life: "ended", restock: NOW + DAY }],
    ["SoldOut", "none is left of what was made once", { shipped: [none], life: "single" }],
    ["OutOfStock", "there is nothing", { shipped: [none] }],
    ["OutOfStock", "nothing is known", {}],
  ]) test(`is ${expected} when ${why}`, () => assert.equal(word(item), expected));

  test("follows the engine through a day", () => {
    const engine = createEngineSync();
    engine.applyAll(facts());
    const read = () => {
      const list = engine.availableEverywhere({ sku: "TEA-250", now: NOW });
      const at = (nodes) => list.filter(({ node }) => nodes.includes(node));
      return word({ shipped: at(["depot"]), inStore: at(["store-1", "store-2"]) });
    };
    const sell = (id, node, quantity) => engine.apply({ source: "till", id, kind: "sell", occurred: NOW, node, lines: [{ sku: "TEA-250", quantity }] });
    assert.equal(read(), "InStock");
    sell(1, "store-1", 7);
    assert.equal(read(), "OnlineOnly");
    sell(2, "depot", 18);
    assert.equal(read(), "LimitedAvailability");
    sell(3, "depot", 2);
    assert.equal(read(), "OutOfStock");
  });

  test("knows from `atp` when units come", () => {
    const buckets = (list) => ({ flavour: "look_ahead", buckets: list.map(([time, available]) => ({ time, available })) });
    const [here, there] = [buckets([[NOW, 0], [NOW + DAY, 0], [NOW + 3 * DAY, 4]]), buckets([[NOW, 2], [NOW + 2 * DAY, 2]])];
    assert.equal(nextSupply([here], NOW), NOW + 3 * DAY);
    assert.equal(nextSupply([here, there], NOW), NOW + 2 * DAY);
    assert.equal(nextSupply([here], NOW + 3 * DAY), undefined);
    assert.equal(nextSupply([], NOW), undefined);
  });
});

describe("only so many left", () => {
  test("is told up to the threshold, and beyond it nothing is", () => {
    assert.equal(fewLeft(3), "only 3 left");
    assert.deepEqual([-1, 0, 1, FEW, FEW + 1, 1e11, Number.NaN].map((units) => unitsLeft(units)), [undefined, undefined, 1, FEW, undefined, undefined, undefined]);
    for (let units = 0; units < 500; units++) {
      for (const few of [0, 1, 7]) for (const per of [1, 6]) assert.ok((unitsLeft(units, { few, per }) ?? 0) <= few);
    }
  });

  test("is told in the unit of sale, whole ones only", () => {
    assert.equal(fewLeft(17, { per: 6 }), "only 2 left");
    assert.equal(fewLeft(350, { few: 500, unit: "gram" }), "only 350 g left");
    assert.equal(fewLeft(2_999, { unit: "kilogram", per: 1_000 }), "only 2 kg left");
    assert.equal(fewLeft(999, { unit: "kilogram", per: 1_000 }), undefined);
    assert.equal(spaced(fewLeft(1_200, { few: 2_000, unit: "gram" }, german, GERMAN_WEB)), "nur noch 1.200 g sind da");
    assert.equal(fewLeft(1, {}, german, GERMAN_WEB), "nur noch 1 ist da");
  });

  test("needs a threshold and a unit of sale that are whole numbers", () => {
    for (const wrong of [{ few: -1 }, { few: 1.5 }, { few: Infinity }, { per: 0 }, { per: 0.5 }]) {
      assert.throws(() => unitsLeft(1, wrong), { code: "invalid_argument", path: Object.keys(wrong)[0] });
    }
  });
});

describe("order within", () => {
  test("has no more time than there is", () => {
    const cutOff = NOW + 2 * HOUR + 10 * MINUTE;
    assert.equal(orderWithin(cutOff, NOW), "order within 2 hr 10 min");
    assert.equal(orderWithin(cutOff, NOW + 1), "order within 2 hr 9 min");
    assert.equal(orderWithin(cutOff + DAY, NOW), "order within 1 day 2 hr");
    assert.equal(spaced(orderWithin(cutOff, NOW, german, GERMAN_WEB)), "innerhalb von 2 Std., 10 Min. bestellen");
  });

  test("is not said in the last minute nor afterwards", () => {
    assert.equal(orderWithin(NOW + MINUTE, NOW), "order within 1 min");
    for (const span of [MINUTE - 1, 0, -HOUR, Number.NaN]) assert.equal(orderWithin(NOW + span, NOW), undefined);
  });
});

describe("an unfinished translation", () => {
  test("leaves the words of a page in English, and throws nothing", () => {
    assert.equal(fewLeft(3, {}, german, {}), "only 3 left");
    assert.equal(spaced(orderWithin(NOW + HOUR, NOW, german, { few_left: GERMAN_WEB.few_left })), "order within 1 Std.");
  });
});

describe("the JSON-LD of an offer", () => {
  const engine = createEngineSync();
  engine.applyAll(facts());
  const ask = (rest) => engine.promise({ lines: [{ sku: "TEA-250", quantity: 8 }], to: { zone: "north" }, now: NOW, explain: "full", ...rest });
  const page = { availability: "InStock", now: NOW, price: 499, currency: "EUR" };
  const value = (minValue, maxValue, unitCode) => ({ "@type": "QuantitativeValue", minValue, maxValue, unitCode });

  test("has price, delivery times and what the buyer pays for them", () => {
    // The depot takes four hours, and a day to the north.
    assert.deepEqual(offerFragment({ ...page, promise: ask(), shippingRate: 390, destination: { addressCountry: "DE" } }), {
      "@type": "Offer",
      availability: "https://schema.org/InStock",
      price: "4.99",
      priceCurrency: "EUR",
      availableDeliveryMethod: "https://schema.org/ParcelService",
      deliveryLeadTime: value(4, 4, "HUR"),
      shippingDetails: {
        "@type": "OfferShippingDetails",
        shippingDestination: { "@type": "DefinedRegion", addressCountry: "DE" },
        shippingRate: { "@type": "MonetaryAmount", value: "3.90", currency: "EUR" },
        deliveryTime: { "@type": "ShippingDeliveryTime", handlingTime: value(1, 1, "DAY"), transitTime: value(1, 1, "DAY") },
      },
    });
  });

  test("reaches from the quickest parcel to the slowest, and rounds up", () => {
    const promise = ask({ lines: [{ sku: "TEA-250", quantity: 8 }, { sku: "HONEY", quantity: 1 }], now: NOW - 1 });
    assert.equal(promise.shipments.length, 2);
    assert.deepEqual(offerFragment({ ...page, now: NOW - 2, promise }).deliveryLeadTime, value(2, 5, "HUR"));
  });

  test("of a pick-up has the time until it is ready", () => {
    const promise = ask({ lines: [{ sku: "TEA-250", quantity: 2 }], to: { pickUp: "store-1" } });
    const fragment = offerFragment({ availability: "InStock", now: NOW, promise });
    assert.deepEqual(fragment, {
      "@type": "Offer", availability: "https://schema.org/InStock", availableDeliveryMethod: "https://schema.org/OnSitePickup",
      deliveryLeadTime: value(1, 1, "HUR"),
    });
  });

  test("tells no times of a promise that leaves something out", () => {
    const promise = ask({ lines: [{ sku: "TEA-250", quantity: 1_000 }] });
    assert.ok(promise.shipments.length > 0);
    assert.deepEqual(Object.keys(offerFragment({ ...page, promise })), ["@type", "availability", "price", "priceCurrency"]);
  });

  test("tells no node, no count and no cost of ours", () => {
    const text = jsonLd(offerFragment({ ...page, promise: ask() }));
    for (const secret of ["depot", "store-", "TEA-250", "480", "cost", "steps"]) assert.ok(!text.includes(secret), secret);
  });

  test("has the day from which what comes later is to be had, and only then", () => {
    const from = Date.UTC(2026, 3, 9);
    for (const availability of ["PreOrder", "BackOrder"]) {
      assert.equal(offerFragment({ ...page, availability, from }).availabilityStarts, "2026-04-09T00:00:00.000Z");
    }
    assert.equal(offerFragment({ ...page, from }).availabilityStarts, undefined);
    // A day that is over is no day from which something is to be had.
    assert.equal(offerFragment({ ...page, availability: "BackOrder", from: NOW }).availabilityStarts, undefined);
    assert.throws(() => offerFragment({ ...page, availability: "BackOrder", from: Number.NaN }), { code: "invalid_argument", path: "from" });
  });

  test("needs a currency with a price, and writes it by its digits", () => {
    assert.throws(() => offerFragment({ ...page, currency: undefined }), { code: "invalid_argument", path: "currency" });
    assert.throws(() => offerFragment({ ...page, price: 1.5 }), { code: "invalid_argument", path: "price" });
    const prices = [["JPY", 499, "499"], ["KWD", 5, "0.005"], ["EUR", 0, "0.00"], ["EUR", Number.MAX_SAFE_INTEGER, "90071992547409.91"]];
    for (const [currency, price, expected] of prices) assert.equal(offerFragment({ ...page, currency, price }).price, expected);
  });

  test("cannot end the script that it is in", () => {
    const text = jsonLd({ ...offerFragment(page), name: "</script><script>alert(1)</script>" });
    assert.ok(!text.includes("<"));
    assert.deepEqual(JSON.parse(text), {
      "@context": "https://schema.org", "@type": "Offer", availability: "https://schema.org/InStock", price: "4.99", priceCurrency: "EUR",
      name: "</script><script>alert(1)</script>",
    });
  });
});

test("each entry has only what it is for", () => {
  const read = (name) => readFileSync(new URL(`../dist/${name}.js`, import.meta.url), "utf8");
  const [web, explain] = [read("web"), read("explain")];
  assert.ok(web.includes("order within ") && explain.includes("Not enough in stock."));
  assert.ok(!web.includes("Not enough in stock.") && !explain.includes("order within "));
  for (const host of ["browser", "workerd", "node"]) {
    assert.ok(!/order within |Not enough in stock|Intl\./.test(read(host)), host);
  }
});
