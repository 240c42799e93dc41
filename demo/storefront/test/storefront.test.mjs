// The page in a real Chromium, on the data and from the server of the demo program. What it shows is held against the engine
// on Node with the same snapshot.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import axe from "axe-core";
import { restore } from "onhand";
import { chromium } from "playwright-core";
import { formats } from "../src/format.js";
import { findChromium } from "./chromium.mjs";
import { notMirrored } from "./mirror.mjs";
import { startServer } from "./server.mjs";

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };
const DAY = 86_400_000;

const executablePath = findChromium();
const skip = executablePath === undefined && "no Chromium is here: CHROME_PATH names one";
// A suite that is skipped is counted nowhere; a test is.
if (skip) test("the page in a real browser", { skip });

describe("storefront", { skip, timeout: 300_000 }, () => {
  let server, engine, browser, page, complaints, format, home;

  before(async () => {
    server = await startServer();
    engine = await restore(server.snapshot);
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    format = formats(server.catalogue.currency);
    home = server.catalogue.nodes[0];
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    engine?.free();
  });

  beforeEach(() => visit());

  afterEach(async () => {
    await page.context().close();
    assert.deepEqual(complaints, []);
  });

  /** A new visitor. */
  async function visit(options = {}) {
    await page?.context().close();
    complaints = [];
    page = await (await browser.newContext({ viewport: DESK, ...options })).newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    await page.goto(server.address);
    await page.waitForSelector("h1");
  }

  /** Goes to an address of the page and waits until its view is there. */
  async function go(hash, selector) {
    await page.evaluate((hash) => (location.hash = hash), hash);
    await page.waitForSelector(selector);
  }

  const texts = (selector) => page.locator(selector).allInnerTexts();
  const text = (selector) => page.locator(selector).first().innerText();
  const now = async () => Number(await page.getAttribute("#main", "data-now"));
  const promise = async (request) => engine.promise({ now: await now(), ...request });
  const title = (node) => server.catalogue.nodes.find((one) => one.node === node).title;
  const itemTitle = (sku) => server.catalogue.items.find((one) => one.sku === sku).title;
  const sumOf = (offer) => offer.shipments.reduce((sum, shipment) => sum + shipment.cost, 0);
  const unitsOf = (offer) => offer.shipments.flatMap((shipment) => shipment.lines).reduce((sum, line) => sum + line.quantity, 0);
  const lastOf = (offer) => Math.max(...offer.shipments.map((shipment) => shipment.arriveBy));

  /** Items that are many, few and none at the visitor's store: the interesting ones. */
  function itemsByStanding() {
    const left = ({ sku }) => engine.available({ sku, node: home.node, now: server.catalogue.now })?.available ?? 0;
    const { items } = server.catalogue;
    const found = { many: items.find((item) => left(item) >= 8), few: items.find((item) => left(item) > 0 && left(item) < 5), none: items.find((item) => left(item) === 0) };
    assert.ok(found.many && found.few, "the data has an item of each kind");
    return Object.values(found).filter(Boolean);
  }

  test("opens with the book that the retailer sent", async () => {
    await page.waitForFunction(() => document.querySelector("#seal").textContent.includes("retailer states"));
    assert.ok((await text("#seal")).includes(`${engine.digest()}, the one that the retailer states.`));
    assert.equal(await text("#found"), `${server.catalogue.items.length} items`);
  });

  test("each card says how its item stands at the store and when it is delivered", async () => {
    const cards = await texts(".card");
    assert.ok(cards.length > 10);
    for (const [at, card] of cards.entries()) {
      const { sku, title, price } = server.catalogue.items[at];
      const left = engine.available({ sku, node: home.node, now: await now() }).available;
      const lines = [{ sku, quantity: 1 }];
      const offer = await promise({ lines, to: { zone: home.zone } });
      assert.ok(card.includes(title) && card.includes(format.money(price)), card);
      if (left > 0) assert.ok(card.includes(left < 5 ? `Only ${left} left` : "In stock"), card);
      else assert.ok(/Not at your store|On its way/.test(card), card);
      assert.ok(card.includes(offer.unmet.length === 0 ? `Delivery ${format.day(lastOf(offer), await now())}` : "No delivery"), card);
    }
  });

  test("search finds every item with all the words, and no other", async () => {
    const [first] = server.catalogue.items;
    const word = first.title.split(/\W/)[0];
    await page.fill("#words", word.toUpperCase());
    const wanted = server.catalogue.items.filter((item) => `${item.title} ${item.department} ${item.sku}`.toLowerCase().includes(word.toLowerCase()));
    assert.deepEqual(await texts(".card h2"), wanted.map((item) => item.title));
    assert.ok(wanted.length < server.catalogue.items.length);
    await page.fill("#words", "no such thing");
    assert.equal(await page.locator(".card").count(), 0);
    assert.ok((await text(".empty")).includes("Nothing has all of these words"));
  });

  test("an item's delivery offers are those of the engine", async () => {
    for (const { sku } of itemsByStanding()) {
      await go(`#/item/${sku}`, ".offers");
      await page.fill(".quantity input", "3");
      await page.keyboard.press("Tab");
      const expected = [];
      for (const method of ["courier", "express", "standard"]) {
        const offer = await promise({ lines: [{ sku, quantity: 3 }], to: { zone: home.zone }, methods: [method] });
        if (offer.shipments.length > 0) expected.push([method, `By ${format.when(lastOf(offer), await now())}`, format.money(sumOf(offer))]);
      }
      const rows = await page.locator("[data-method]").all();
      const shown = rows.map(async (row) => [await row.getAttribute("data-method"), await row.locator(".offer-when").innerText(), await row.locator(".offer-cost").innerText()]);
      assert.deepEqual(await Promise.all(shown), expected);
      assert.ok(expected.length > 0);
    }
  });

  test("an item's pick-up offers are those of the engine, at every store", async () => {
    const [{ sku }] = itemsByStanding();
    await go(`#/item/${sku}`, ".offers");
    await page.fill(".quantity input", "6");
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: /^Show all/ }).click();
    const stores = server.catalogue.nodes.filter((node) => node.type === "store");
    const shown = await page.locator("#pick-up > li").evaluateAll((rows) =>
      rows.map((row) => [row.dataset.node, row.querySelector(".offer-when").textContent, row.querySelector(".mark").textContent]),
    );
    assert.deepEqual(shown.map(([node]) => node).sort(), stores.map(({ node }) => node).sort());
    assert.equal(shown[0][0], home.node);
    // Nobody looks through stores that have it not for one that has.
    const has = shown.slice(1).map(([, , mark]) => !/^Only \d+ to be had|^Not available/.test(mark));
    assert.deepEqual(has, [...has].sort((one, other) => Number(other) - Number(one)));
    const kinds = new Set();
    for (const [node, ready, mark] of shown) {
      const offer = await promise({ lines: [{ sku, quantity: 6 }], to: { pickUp: node } });
      const [shipment] = offer.shipments;
      assert.equal(ready, shipment ? `Ready by ${format.when(offer.shipments.at(-1).arriveBy, await now())}` : "Not in the next weeks");
      const whole = offer.unmet.length === 0;
      kinds.add(whole);
      if (!whole) assert.equal(mark, shipment ? `Only ${unitsOf(offer)} to be had` : "Not available");
      else assert.match(mark, /In stock|left|On its way/);
    }
    assert.equal(kinds.size, 2, "some stores have six and some have not");
  });

  test("the reasons for a store's number add up to it", async () => {
    for (const { sku } of itemsByStanding()) {
      await go(`#/item/${sku}`, `#pick-up`);
      const row = page.locator(`[data-node="${home.node}"]`);
      await row.locator("summary").click();
      const cells = (await row.locator(".sum td:not([colspan])").allInnerTexts()).map((cell) => Number(cell.replace("−", "-").replaceAll(",", "")) + 0);
      const { onHand, claimed, protected: kept, available } = engine.available({ sku, node: home.node, now: await now() });
      assert.deepEqual([cells[0], cells.at(-3), cells.at(-2), cells.at(-1)], [onHand, 0 - claimed, 0 - kept, available]);
      const sum = cells.slice(0, -1).reduce((sum, units) => sum + units, 0);
      assert.equal(Math.max(sum, 0), available);
    }
  });

  /** Puts items into the cart as a visitor would, and goes there. */
  async function fillCart(wanted = server.catalogue.items.slice(0, 4).map(({ sku }, at) => ({ sku, quantity: at + 2 }))) {
    for (const { sku, quantity } of wanted) {
      await go(`#/item/${sku}`, `.offers`);
      await page.getByText(`Item ${sku}`, { exact: true }).waitFor();
      await page.fill(".quantity input", String(quantity));
      await page.getByRole("button", { name: "Add to cart" }).click();
    }
    await go("#/cart", ".plan");
    return wanted;
  }

  async function assertPlan(request) {
    const offer = await promise(request);
    const parcels = await page.locator(".parcel").evaluateAll((rows) =>
      rows.map((row) => ({ node: row.dataset.node, cost: row.querySelector(".offer-cost").textContent, lines: [...row.querySelectorAll(".contents li")].map((line) => line.textContent) })),
    );
    const expected = offer.shipments.map(({ node, cost, lines }) => ({
      node,
      cost: cost === 0 ? "Free" : format.money(cost),
      lines: lines.map(({ quantity, sku, supply }) => `${quantity} × ${itemTitle(sku)}${supply ? ` (arrives with ${supply})` : ""}`),
    }));
    assert.deepEqual(parcels, expected);
    assert.equal(await text("#plan-cost"), format.money(sumOf(offer)));
    assert.deepEqual(await texts(".unmet li"), offer.unmet.map(({ quantity, sku, available }) => `Not to be had: ${quantity} × ${itemTitle(sku)} (${available} in reach)`));
    assert.equal((await text("#proven")).startsWith("Proven"), offer.proven);
    return offer;
  }

  test("the cart's plan is the engine's, for each wish", async () => {
    const lines = await fillCart();
    const delivery = { lines, to: { zone: home.zone } };
    const cheapest = await assertPlan(delivery);
    assert.ok(cheapest.shipments.length > 0);

    await page.selectOption("#day", "today");
    const neededBy = (Math.floor((await now()) / DAY) + 1) * DAY - 1;
    const today = await assertPlan({ ...delivery, neededBy });
    assert.ok(today.cost > cheapest.cost, "speed has its price");

    await page.getByLabel("Only one parcel").check();
    await assertPlan({ ...delivery, neededBy, policy: { nodesMax: 1, consolidate: true } });
    await page.getByLabel("Only one parcel").uncheck();

    await page.getByLabel(/^Pick up/).check();
    await page.selectOption("#day", "any");
    await assertPlan({ lines, to: { pickUp: home.node } });
  });

  /** Of the year's own deliveries under way, the first to a store that has so many of the item now as `having` asks for. */
  function underWay(having) {
    const { items, nodes, now } = server.catalogue;
    for (const store of nodes.filter(({ type }) => type === "store")) {
      for (const { sku } of items) {
        const left = engine.available({ sku, node: store.node, now }).available;
        const coming = engine.supply({ sku, node: store.node }).find(({ open, claimed, due }) => open > claimed && due > now);
        if (coming !== undefined && having(left)) return { sku, store, left, coming };
      }
    }
    return assert.fail("the year ends with nothing under way");
  }

  test("what a store has none of shows by when it comes", async () => {
    const { sku, store, coming } = underWay((left) => left === 0);
    await page.selectOption("#store", store.node);
    await go(`#/item/${sku}`, ".offers");
    const offer = await promise({ lines: [{ sku, quantity: 1 }], to: { pickUp: store.node } });
    assert.equal(offer.shipments[0].lines[0].supply, coming.supply);
    assert.ok(lastOf(offer) >= coming.due);
    const row = page.locator("#pick-up > li").first();
    assert.equal(await row.getAttribute("data-node"), store.node);
    assert.equal(await row.locator(".offer-when").innerText(), `Ready by ${format.when(lastOf(offer), await now())}`);
    assert.equal(await row.locator(".mark").innerText(), "On its way to this store");
  });

  test("who comes once, or wants one parcel, has it all when the last of it is there", async () => {
    const { sku, store, left, coming } = underWay((left) => left > 0);
    const lines = [{ sku, quantity: left + coming.open - coming.claimed }];
    await page.selectOption("#store", store.node);
    await fillCart(lines);
    const [to, one] = [{ pickUp: store.node }, { nodesMax: 1, consolidate: true }];
    await page.getByLabel(/^Pick up/).check();
    const apart = await assertPlan({ lines, to });
    assert.equal(apart.shipments.length, 2);
    assert.ok((await texts(".contents li")).some((line) => line.endsWith(`(arrives with ${coming.supply})`)));
    await page.getByLabel("All at one visit").check();
    const together = await assertPlan({ lines, to, policy: one });
    assert.equal(together.shipments.length, 1);
    assert.equal(lastOf(together), lastOf(apart));
    // The wish is the same for who changes their mind about the way.
    await page.getByLabel(/^Delivery/).check();
    assert.ok(await page.getByLabel("Only one parcel").isChecked());
    await assertPlan({ lines, to: { zone: store.zone }, policy: one });
  });

  test("the cart outlives the page, changes, and empties", async () => {
    const lines = await fillCart();
    await page.reload();
    await page.waitForSelector(".plan");
    assert.equal(await page.locator(".cart-line").count(), lines.length);
    await page.getByRole("button", { name: `One more: Quantity of ${itemTitle(lines[0].sku)}`, exact: true }).click();
    lines[0].quantity += 1;
    await assertPlan({ lines, to: { zone: home.zone } });
    for (const { sku } of lines) await page.getByRole("button", { name: `Remove ${itemTitle(sku)}`, exact: true }).click();
    assert.ok((await text(".empty")).includes("Nothing in it yet"));
  });

  test("a quantity that cannot be says what can", async () => {
    const [{ sku }] = server.catalogue.items;
    await go(`#/item/${sku}`, ".offers");
    await page.getByText(`Item ${sku}`, { exact: true }).waitFor();
    for (const [typed, held, said] of [["1e3", "99", "99 at the most"], ["0", "1", "Whole units, 1 at the least"], ["2.5", "2", "Whole units, 1 at the least"], ["7", "7", ""]]) {
      await page.fill(".quantity input", typed);
      await page.keyboard.press("Enter");
      assert.equal(await page.inputValue(".quantity input"), held);
      assert.equal(await page.locator(".amount [role=status]").textContent(), said);
    }
  });

  test("what is no longer sold leaves the cart with a word", async () => {
    const lines = await fillCart();
    await page.evaluate(([sku]) => localStorage.setItem("onhand-storefront-cart", JSON.stringify([{ sku, quantity: 2 }, { sku: "GONE-1", quantity: 1 }])), [lines[0].sku]);
    await page.reload();
    await page.waitForSelector(".plan");
    assert.equal(await text(".gone"), "1 item of your cart is no longer sold here, and not in it any more.");
    assert.equal(await page.locator(".cart-line").count(), 1);
    await page.getByRole("button", { name: `Remove ${itemTitle(lines[0].sku)}`, exact: true }).click();
    assert.ok((await text(".empty")).includes("Nothing in it yet"));
    assert.equal(await page.locator(".gone").count(), 0);
  });

  test("where the browser keeps nothing more, the cart holds for the visit", async () => {
    const fullUp = () => page.evaluate(() => {
      for (let size = 1 << 22; size >= 1; ) {
        try {
          localStorage.setItem(`filler-${size}-${Math.random()}`, "x".repeat(size));
        } catch {
          size >>= 1;
        }
      }
    });
    await page.evaluate(() => localStorage.setItem("onhand-storefront-cart", "[]"));
    await fullUp();
    const lines = await fillCart();
    assert.equal(await page.locator(".cart-line").count(), lines.length);
    await assertPlan({ lines, to: { zone: home.zone } });
    // What can be kept again is.
    await page.evaluate(() => localStorage.clear());
    await page.getByRole("button", { name: `One more: Quantity of ${itemTitle(lines[0].sku)}`, exact: true }).click();
    await page.reload();
    await page.waitForSelector(".plan");
    lines[0].quantity += 1;
    await assertPlan({ lines, to: { zone: home.zone } });
  });

  test("two pages of one visitor have one cart", async () => {
    const lines = await fillCart();
    const first = page;
    page = await first.context().newPage();
    await page.goto(`${server.address}#/cart`);
    await page.waitForSelector(".plan");
    await page.getByRole("button", { name: `One more: Quantity of ${itemTitle(lines[0].sku)}`, exact: true }).click();
    const units = lines.reduce((sum, { quantity }) => sum + quantity, 1);
    await first.waitForFunction((units) => document.querySelector("#cart-count").textContent.startsWith(`${units} `), units);
    await first.getByRole("button", { name: `Remove ${itemTitle(lines[1].sku)}`, exact: true }).click();
    await page.waitForFunction((count) => document.querySelectorAll(".cart-line").length === count, lines.length - 1);
    [page] = [first, await page.close()];
    lines[0].quantity += 1;
    await assertPlan({ lines: lines.filter((_, at) => at !== 1), to: { zone: home.zone } });
  });

  test("a page that the browser kept while its visitor was elsewhere comes back with the cart as it is now", async () => {
    const keeping = await chromium.launch({ executablePath, args: ["--no-sandbox"], ignoreDefaultArgs: ["--disable-back-forward-cache"] });
    try {
      const context = await keeping.newContext({ viewport: DESK });
      const add = async (page, { sku }) => {
        await page.goto(`${server.address}#/item/${sku}`);
        await page.waitForSelector(".offers");
        await page.getByRole("button", { name: "Add to cart" }).click();
      };
      const kept = await context.newPage();
      await kept.addInitScript(() => addEventListener("pageshow", (event) => (document.documentElement.dataset.kept = String(event.persisted))));
      const [one, other] = server.catalogue.items;
      await add(kept, one);
      await kept.goto(`${server.address}icon.svg`);
      await add(await context.newPage(), other);
      await kept.goBack({ waitUntil: "commit" });
      await kept.waitForSelector("[data-kept=true]", { state: "attached" });
      assert.match(await kept.locator("#cart-count").innerText(), /^2\s/);
      await kept.evaluate(() => (location.hash = "#/cart"));
      await kept.waitForSelector(".plan");
      assert.equal(await kept.locator(".cart-line").count(), 2);
    } finally {
      await keeping.close();
    }
  });

  test("a page that somebody comes back to hours later promises by the time that it is then", async () => {
    await page.clock.install();
    await page.reload();
    const [{ sku }] = server.catalogue.items;
    await go(`#/item/${sku}`, "#pick-up");
    const ready = async () => {
      const offer = await promise({ lines: [{ sku, quantity: 1 }], to: { pickUp: home.node } });
      return `Ready by ${format.when(offer.shipments[0].arriveBy, await now())}`;
    };
    const first = await ready();
    assert.equal(await text("#pick-up .offer-when"), first);
    for (const [event, type] of [["pageshow", "PageTransitionEvent"], ["visibilitychange", "Event"]]) {
      await page.clock.fastForward("05:00:00");
      await page.evaluate(([event, type]) => (event === "pageshow" ? window : document).dispatchEvent(new globalThis[type](event, { persisted: true, bubbles: true })), [event, type]);
      assert.equal(await text("#pick-up .offer-when"), await ready(), event);
    }
    assert.notEqual(await ready(), first);
  });

  test("another store is another answer", async () => {
    const [{ sku }] = server.catalogue.items;
    const leftAt = ({ node }) => engine.available({ sku, node, now: server.catalogue.now })?.available ?? 0;
    const other = server.catalogue.nodes.find((node) => node.type === "store" && leftAt(node) > 0 && leftAt(node) < 5);
    assert.ok(leftAt(home) >= 5 && other !== undefined, "one store has many, another few");
    assert.equal(await text(".card .mark"), "In stock");
    await page.selectOption("#store", other.node);
    assert.equal(await text(".card .mark"), `Only ${leftAt(other)} left`);
    await page.reload();
    await page.waitForSelector("h1");
    assert.equal(await page.inputValue("#store"), other.node);
  });

  test("everything is done by keyboard alone", async () => {
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id);
    const tabTo = async (wanted) => {
      for (let presses = 0; presses < 120; presses++) {
        await page.keyboard.press("Tab");
        if (wanted.test(await focused())) return;
      }
      assert.fail(`Tab never comes to ${wanted}`);
    };
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to the goods");
    await tabTo(/^words$/);
    const wanted = server.catalogue.items[0];
    await page.keyboard.type(wanted.title);
    await page.keyboard.press("Enter");
    assert.equal(await focused(), `“${wanted.title}”`);
    await tabTo(new RegExp(`^${wanted.title}$`));
    await page.keyboard.press("Enter");
    await page.waitForSelector(".offers");
    await page.waitForFunction((title) => document.activeElement.textContent === title, wanted.title);
    await tabTo(/^Add to cart$/);
    await page.keyboard.press("Enter");
    assert.equal(await page.textContent("#cart-count"), "1 unit");
    await tabTo(/^Why\?/);
    assert.equal(await page.locator("details[open]").count(), 0);
    await page.keyboard.press("Enter");
    await page.waitForSelector("details[open] .sum");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, "solid");
    await go("#/cart", ".plan");
    await tabTo(/^Why this plan\?/);
    await page.keyboard.press("Space");
    await page.waitForSelector(".plan details[open]");
    const offer = await promise({ lines: [{ sku: wanted.sku, quantity: 1 }], to: { zone: home.zone }, explain: "full" });
    const why = await text(".plan .why-body");
    assert.ok(why.includes(`Proven: no plan costs less than ${format.money(offer.bound)}`), why);
    const others = offer.passed.filter(({ check }) => check === "not_needed");
    assert.ok(others.length > 0);
    const cheapest = others.sort((one, other) => one.number - other.number)[0];
    assert.ok(why.includes(title(cheapest.node)) && why.includes(format.money(cheapest.number)), why);
  });

  test("what a press takes away leaves the focus near", async () => {
    const lines = await fillCart();
    await page.getByRole("button", { name: `Remove ${itemTitle(lines[0].sku)}`, exact: true }).press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Cart");
    await go(`#/item/${lines[0].sku}`, "#pick-up");
    await page.getByRole("button", { name: /^Show all/ }).press("Enter");
    assert.equal(await page.evaluate(() => [...document.querySelectorAll("#pick-up > li")].findIndex((row) => row.contains(document.activeElement))), 5);
    await page.getByRole("button", { name: /^Make it mine/ }).first().press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), itemTitle(lines[0].sku));
  });

  const views = async () => {
    const [{ sku }] = server.catalogue.items;
    const open = () => page.locator("summary").evaluateAll((all) => all.forEach((one) => one.click()));
    return {
      goods: () => go("#/", ".goods"),
      item: async () => {
        await go(`#/item/${sku}`, ".offers");
        await open();
        await page.getByRole("button", { name: "Add to cart" }).click();
      },
      cart: async () => {
        await go("#/cart", ".plan");
        await open();
      },
      "no result": () => go("#/search/nothing%20like%20it", ".empty"),
    };
  };

  for (const [size, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
    for (const colorScheme of ["light", "dark"]) {
      test(`${size}, ${colorScheme}: nothing overflows and axe finds no serious breach`, async () => {
        await visit({ viewport, colorScheme, reducedMotion: "reduce" });
        for (const [name, show] of Object.entries(await views())) {
          await show();
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
          await page.evaluate(axe.source);
          const { violations } = await page.evaluate(() => globalThis.axe.run());
          const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
          assert.deepEqual(serious.map(({ id, nodes }) => `${name}: ${id} at ${nodes.map(({ target }) => target).join(", ")}`), []);
        }
      });
    }
  }

  for (const [size, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
    test(`from right to left each view on a ${size} is its own mirror image`, async () => {
      await visit({ viewport });
      for (const [name, show] of Object.entries(await views())) {
        await show();
        assert.deepEqual(await page.evaluate(notMirrored), [], name);
      }
    });
  }

  test("a number below nothing has its sign before it, also from right to left", async () => {
    const [{ sku }] = itemsByStanding();
    await go(`#/item/${sku}`, ".offers");
    await page.locator(`[data-node="${home.node}"] summary`).click();
    const signs = () => page.locator(".sum td").evaluateAll((cells) => cells.flatMap((cell) => {
      const text = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT).nextNode();
      const at = (place) => {
        const range = document.createRange();
        range.setStart(text, place);
        range.setEnd(text, place + 1);
        return range.getBoundingClientRect().left;
      };
      return text.data.startsWith("−") ? [at(0) < at(1)] : [];
    }));
    for (const dir of ["ltr", "rtl"]) {
      await page.evaluate((dir) => (document.documentElement.dir = dir), dir);
      const before = await signs();
      assert.ok(before.length > 0 && before.every(Boolean), `${dir}: ${before}`);
    }
  });

  test("in the narrowest window nothing is wider than it", async () => {
    for (const viewport of [{ width: 240, height: 320 }, { width: 280, height: 653 }]) {
      await visit({ viewport });
      for (const [name, show] of Object.entries(await views())) {
        await show();
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(tooWide <= 0, `${name} is ${tooWide} px too wide for ${viewport.width}`);
      }
    }
  });

  for (const [size, viewport] of Object.entries({ "in a low window": { width: 1280, height: 400 }, "enlarged four times": { width: 320, height: 256 } })) {
    test(`${size}, what has the focus is seen whole`, async () => {
      await visit({ viewport });
      for (const [name, show] of Object.entries(await views())) {
        await show();
        await page.evaluate(() => document.querySelector(".skip").focus());
        await page.keyboard.press("Tab");
        let presses = 0;
        for (; (await page.evaluate(() => document.activeElement !== document.body)) && presses < 150; presses++) {
          const [what, top, bottom, left, right] = await page.evaluate(() => {
            const box = document.activeElement.getBoundingClientRect();
            return [document.activeElement.outerHTML, box.top, box.bottom, box.left, box.right];
          });
          assert.ok(top >= 0 && bottom <= viewport.height + 1, `${name}: ${what} is at ${top} to ${bottom}`);
          assert.ok(left >= 0 && right <= viewport.width + 1, `${name}: ${what} is at ${left} to ${right}`);
          await page.keyboard.press("Tab");
        }
        assert.ok(presses > 5, name);
      }
    });
  }

  test("who wants less motion sees none", async () => {
    await visit({ reducedMotion: "reduce" });
    await go(`#/item/${server.catalogue.items[0].sku}`, ".offers");
    const moving = () => page.evaluate(async () => {
      for (const one of document.querySelectorAll("summary")) one.click();
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return document.getAnimations().map(({ effect }) => `${effect.target.outerHTML.slice(0, 60)} ${effect.pseudoElement}`);
    });
    assert.deepEqual(await moving(), []);
  });

  test("on a small phone no word of a label or button is broken", async () => {
    await visit({ viewport: { width: 320, height: 640 } });
    const { item, cart } = await views();
    const lines = (element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      return new Set([...range.getClientRects()].map(({ top }) => top)).size;
    };
    await item();
    assert.equal(await page.locator(".primary").evaluate(lines), 1);
    await cart();
    assert.equal(await page.locator("label[for=day]").evaluate(lines), 1);
  });

  test("where the system chooses the colours, the department that is shown is told from the others", async () => {
    await visit({ viewport: PHONE, forcedColors: "active" });
    const ground = (element) => getComputedStyle(element).backgroundColor;
    assert.notEqual(await page.locator(".departments a[aria-current]").evaluate(ground), await page.locator(".departments a").nth(1).evaluate(ground));
  });

  test("on paper it is dark on light, with nothing to press and no bar over the goods", async () => {
    await visit({ colorScheme: "dark" });
    for (const [name, show] of Object.entries(await views())) {
      await page.emulateMedia({ media: "screen" });
      await show();
      await page.emulateMedia({ media: "print" });
      const [ground, ...inks] = await page.evaluate(() => [getComputedStyle(document.body).backgroundColor, ...[...document.querySelectorAll("h1, .price, .offer-when, .mark, .muted, .verdict, .totals")].map((one) => getComputedStyle(one).color)]);
      assert.equal(ground, "rgb(255, 255, 255)", name);
      const light = inks.filter((ink) => Math.max(...ink.match(/\d+/g).slice(0, 3).map(Number)) > 120);
      assert.deepEqual(light, [], name);
      assert.deepEqual(await page.locator("button:visible, #words:visible").allInnerTexts(), [], name);
      const stuck = await page.evaluate(() => [...document.querySelectorAll("body *")].filter((one) => /sticky|fixed/.test(getComputedStyle(one).position)).map(({ className }) => className));
      assert.deepEqual(stuck, [], name);
      if (name === "cart") assert.ok(await page.locator(".quantity input").first().isVisible());
    }
  });

  test("names are texts, however long and odd, and make no page too wide", async () => {
    const { items, nodes, ...rest } = server.catalogue;
    const odd = ["<img src=x onerror=alert(1)>", "Word".repeat(60), "\u0645\u0631\u062d\u0628\u0627".repeat(20), ""];
    const named = items.map((item, at) => ({ ...item, title: odd[at] ?? item.title, department: at === 1 ? "Department".repeat(9) : item.department }));
    const stores = nodes.map((node, at) => ({ ...node, title: at === 0 ? `<b>${"Store".repeat(20)}` : node.title }));
    await visit({ viewport: { width: 320, height: 640 } });
    await page.route("**/data/catalogue.json", (route) => route.fulfill({ json: { ...rest, items: named, nodes: stores } }));
    await page.reload();
    await page.waitForSelector(".card");
    assert.equal(await text(".card h2"), odd[0]);
    const tooWide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok((await tooWide()) <= 0, "goods");
    for (const { sku } of named.slice(0, odd.length)) {
      await go(`#/item/${sku}`, ".offers");
      assert.ok((await tooWide()) <= 0, sku);
      await page.getByRole("button", { name: "Add to cart" }).click();
    }
    await go("#/cart", ".plan");
    assert.ok((await tooWide()) <= 0, "cart");
  });

  test("what is not there is said, and not passed over", async () => {
    await go("#/item/no-such-item", ".empty");
    assert.equal(await text("h1"), "Not in the shop");
    await go("#/department/Nowhere", "#found");
    assert.ok((await text(".empty")).includes("no such department"));
    await page.route("**/browser.js", (route) => route.abort());
    await page.reload();
    await page.waitForFunction(() => document.querySelector("main").textContent.includes("a part of this page could not be loaded"));
    complaints = complaints.filter((complaint) => !complaint.includes("ERR_FAILED"));
  });

  test("a module of a wrong media type will do, and one that is not there is said", async () => {
    const served = await (await fetch(`${server.address}onhand/dist/onhand_bg.wasm`)).arrayBuffer();
    await page.route("**/onhand_bg.wasm", (route) => route.fulfill({ contentType: "text/plain", body: Buffer.from(served) }));
    await page.reload();
    await page.waitForSelector(".goods");
    for (const [answer, said] of [[{ status: 404, body: "not found" }, "onhand_bg.wasm` answered with status 404"], [{ status: 200, contentType: "text/html", body: "<!doctype html><title>Log in</title>" }, "(text/html) cannot be compiled"]]) {
      await page.route("**/onhand_bg.wasm", (route) => route.fulfill(answer));
      await page.reload();
      await page.waitForSelector(".failed[role=alert]");
      assert.ok((await text(".failed")).includes(said), await text(".failed"));
      assert.equal(await page.locator(".primary").innerText(), "Try again");
    }
    complaints = complaints.filter((complaint) => !complaint.includes("404"));
  });

  test("a script that a browser cannot run is said, and not waited for", async () => {
    for (const script of ["main.js", "shop.js"]) {
      for (const body of ["let now is no word;", "throw new Error('not here');"]) {
        await page.route(`**/src/${script}`, (route) => route.fulfill({ contentType: "text/javascript", body }));
        await page.reload();
        await page.waitForFunction(() => document.querySelector("main").textContent.includes("this browser cannot run it"));
        await page.unroute(`**/src/${script}`);
      }
    }
    complaints = complaints.filter((complaint) => !/Unexpected identifier|not here|does not provide/.test(complaint));
  });

  test("who waits long for a slow network hears of it, and the shop opens when it has come", async () => {
    let go;
    await page.route("**/data/snapshot.bin", (route) => (go = () => route.continue()));
    await page.clock.install();
    await page.reload({ waitUntil: "commit" });
    await page.waitForSelector(".loading");
    while (go === undefined) await new Promise((wake) => setTimeout(wake, 20));
    assert.doesNotMatch(await text("main"), /longer/);
    await page.clock.fastForward(15_000);
    assert.match(await text("main [role=status]"), /takes longer than it should/);
    go();
    await page.waitForSelector(".goods");
    assert.doesNotMatch(await text("main"), /longer than it should/);
  });

  test("an engine that fails is made anew, and the visit goes on", async () => {
    const [{ sku }] = server.catalogue.items;
    await page.evaluate(async () => {
      const { shop } = await import("/src/main.js");
      try {
        shop.breakEngine();
      } catch {
        // It is lost, as was meant.
      }
    });
    await page.evaluate((hash) => (location.hash = hash), `#/item/${sku}`);
    await page.waitForSelector(".offers");
    assert.ok((await text("#notice")).includes("had to be opened again"));
    const offer = await promise({ lines: [{ sku, quantity: 1 }], to: { pickUp: home.node } });
    assert.equal(await text("#pick-up .offer-when"), `Ready by ${format.when(offer.shipments[0].arriveBy, await now())}`);
  });

  test("a shop without its book says so, and opens when it is there again", async () => {
    await page.route("**/data/snapshot.bin", (route) => route.fulfill({ status: 503 }));
    await page.reload();
    await page.waitForSelector(".failed[role=alert]");
    assert.ok((await text(".failed")).includes("snapshot.bin answered with status 503"));
    assert.ok(complaints.every((complaint) => complaint.includes("503")), complaints.join());
    complaints = [];
    await page.unroute("**/data/snapshot.bin");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.waitForSelector(".goods");
  });
});
