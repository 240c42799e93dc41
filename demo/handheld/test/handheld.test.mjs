// The page in a real Chromium. What it told is read back from its journal and posted to an engine on Node: the two have one book.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import axe from "axe-core";
import { createEngine } from "onhand/floor";
import { chromium } from "playwright-core";
import { findChromium } from "../../storefront/test/chromium.mjs";
import { notMirrored } from "../../storefront/test/mirror.mjs";
import { startServer } from "./server.mjs";

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };
const NODE = "store-17";
const [TEA, TEA_CASE, HONEY_CASE, CUP, OAT_CASE] = ["4006381333931", "14006381333938", "14006381334010", "4006381334181", "14006381334256"];

const executablePath = findChromium();
const skip = executablePath === undefined && "no Chromium is here: CHROME_PATH names one";
// A suite that is skipped is counted nowhere; a test is.
if (skip) test("the page in a real browser", { skip });

describe("handheld", { skip, timeout: 300_000 }, () => {
  let server, browser, page, complaints;

  before(async () => {
    server = await startServer();
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  beforeEach(() => visit());

  afterEach(async () => {
    await page.context().close();
    assert.deepEqual(complaints, []);
  });

  /** A new device. */
  async function visit(options = {}) {
    await page?.context().close();
    complaints = [];
    page = await (await browser.newContext({ viewport: PHONE, ...options })).newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    await open("");
  }

  async function open(hash) {
    await page.goto(`${server.address}${hash}`);
    await page.waitForSelector("body[data-ready]");
  }

  async function go(hash) {
    await page.evaluate((hash) => (location.hash = hash), hash);
    await page.waitForSelector(hash === "#/" ? ".home-view" : "#scan");
  }

  /** As a scanner does: typed at once, wherever the focus is, and Enter. */
  async function scan(...codes) {
    for (const code of codes) {
      await page.keyboard.type(code);
      await page.keyboard.press("Enter");
    }
  }

  const text = (selector) => page.locator(selector).first().innerText();
  const said = (how) => page.locator(`#${how}`).textContent();
  const reason = (code) => page.locator(`input[type=radio][value="${code}"]`).first().check();
  const journal = () => page.evaluate(() => new Promise((resolve, reject) => {
    const request = indexedDB.open("onhand-handheld");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const all = request.result.transaction("facts").objectStore("facts").getAll();
      all.onsuccess = () => resolve(all.result);
    };
  }));

  /** The book that follows from what the page told. */
  async function told() {
    const engine = await createEngine();
    const facts = await journal();
    assert.equal(engine.applyAll(facts).turnedAwayCount, 0);
    // Sent again, nothing changes.
    const digest = engine.digest();
    assert.deepEqual([engine.applyAll(facts).replayed, engine.digest()], [facts.length, digest]);
    const units = (sku, wanted) => engine.positions(sku).filter(({ location, state }) => location === NODE && state === wanted).reduce((sum, { quantity }) => sum + quantity, 0);
    const open = (sku, supply) => engine.supply({ sku, node: NODE }).find((one) => one.supply === supply)?.open ?? 0;
    return { engine, facts, units, open };
  }

  async function booked() {
    await page.click("text=Book delivery");
    await page.waitForSelector(".done");
  }

  test("a delivery as it was ordered is scanned and booked, and nobody is asked anything", async () => {
    await page.click("text=Harbour Teas");
    await page.waitForSelector("#scan");
    await scan(...Array(12).fill(TEA_CASE), ...Array(4).fill(HONEY_CASE));
    assert.equal(await text(".actions p"), "All is as ordered");
    assert.equal(await said("said"), "Lime honey, 500 g: 24 pieces");
    await booked();
    assert.match(await text(".sums"), /168 for sale now/);
    const { facts, units, open } = await told();
    assert.deepEqual(facts.filter(({ kind }) => kind === "receipt").map(({ actor, reason, lines }) => [actor, reason, lines.length]), [["ada", undefined, 2]]);
    assert.deepEqual([units("TEA-250", "sellable"), open("TEA-250", "PO-4711"), open("HONEY-500", "PO-4711")], [18 + 144, 0, 0]);
    await page.click("text=Back to the work");
    assert.match(await text(".card"), /all has come/);
  });

  test("what is odd is said at once, asks for a reason, and is not for sale", async () => {
    await go("#/receive/PO-4711");
    await scan(...Array(13).fill(TEA_CASE), ...Array(4).fill(HONEY_CASE));
    await page.fill("#units-0", "160");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("#odd").textContent.includes("9 more than the 151"));
    await scan(CUP);
    assert.match(await said("odd"), /Stoneware cup, blue: Not on this order/);
    await page.click("text=Book delivery");
    // Nothing is booked: the first reason has the focus and is called out.
    assert.equal(await page.evaluate(() => document.activeElement.name), "reason-2-wrong_item");
    assert.match(await said("odd"), /^2 reasons to give first/);
    assert.equal((await journal()).some(({ kind }) => kind === "receipt"), false);
    await page.keyboard.press("Space");
    await reason("sent_more");
    assert.equal(await text(".actions p"), "10 pieces to put aside");
    await booked();
    const { facts, units, open } = await told();
    const receipts = facts.filter(({ kind }) => kind === "receipt").map(({ reason, lines }) => [reason, ...lines.map(({ sku, quantity, state }) => `${sku} ${quantity} ${state}`)]);
    assert.deepEqual(receipts, [
      [undefined, "TEA-250 151 sellable", "HONEY-500 24 sellable"], ["sent_more", "TEA-250 9 quarantined"], ["mixed_up", "CUP-BLUE 1 quarantined"],
    ]);
    assert.deepEqual([units("TEA-250", "sellable"), units("TEA-250", "quarantined"), units("CUP-BLUE", "quarantined")], [18 + 151, 9, 1]);
    assert.equal(open("TEA-250", "PO-4711"), 0);
  });

  test("cases taken for pieces are seen and mended with one touch", async () => {
    await go("#/receive/PO-4711");
    await scan(...Array(12).fill(TEA));
    assert.match(await said("odd"), /12 scanned, 144 expected/);
    await page.click("text=Make it 144");
    assert.equal(await page.inputValue("#units-0"), "144");
    assert.equal(await page.locator(".lines .odd").count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.id), "scan");
  });

  test("what has not come either comes later or does not, and damaged pieces are booked as damaged", async () => {
    await go("#/receive/PO-4711");
    await scan(...Array(11).fill(TEA_CASE), ...Array(2).fill(HONEY_CASE));
    await page.fill("#damaged-1", "2");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".lines .odd");
    await reason("leaking");
    await page.click("text=Book delivery");
    await page.locator('[id="missing-TEA-250-follows"]').check();
    await page.locator('[id="missing-HONEY-500-will_not_come"]').check();
    await booked();
    const { units, open, facts } = await told();
    assert.deepEqual([units("HONEY-500", "sellable"), units("HONEY-500", "damaged")], [9 + 10, 2]);
    assert.deepEqual([open("TEA-250", "PO-4711"), open("HONEY-500", "PO-4711")], [12, 0]);
    assert.deepEqual(facts.at(-1).lines, [{ sku: "HONEY-500", quantity: 12 }]);
  });

  test("batch and expiry come with the barcode or are asked for, and what expires too soon is put aside", async () => {
    const date = (days) => {
      const then = new Date(Date.now() + days * 86_400_000);
      return [then.getFullYear() % 100, then.getMonth() + 1, then.getDate()].map((part) => String(part).padStart(2, "0")).join("");
    };
    await go("#/receive/PO-4712");
    await scan(OAT_CASE);
    assert.match(await said("odd"), /Which batch\?.*Until when is it good\?/);
    await page.fill("#lot-0", "L-7");
    await page.keyboard.press("Tab");
    await page.waitForFunction(() => !document.querySelector("#odd").textContent.includes("Which batch?"));
    // The place in the order of the fields is kept.
    assert.equal(await page.evaluate(() => document.activeElement.id), "expires-0");
    await page.fill("#expires-0", `20${date(30).replace(/(..)(..)(..)/, "$1-$2-$3")}`);
    await page.locator("#expires-0").dispatchEvent("change");
    await page.waitForFunction(() => document.querySelectorAll(".lines .odd").length === 0);
    await page.focus("#scan");
    await scan(`(01)${OAT_CASE}(17)${date(3)}(10)L-8`);
    assert.match(await said("odd"), /Good for 3 more; 14 days were agreed|Good for 3 days more; 14 days were agreed/);
    await reason("old_stock");
    await page.click("text=Book delivery");
    await page.locator('[id="missing-RYE-750-follows"]').check();
    await page.locator('[id="missing-OAT-1L-follows"]').check();
    await booked();
    const { engine } = await told();
    const lots = engine.positions("OAT-1L").filter(({ lot }) => lot !== undefined).map(({ lot, state, quantity }) => `${lot} ${state} ${quantity}`);
    assert.deepEqual(lots.sort(), ["L-7 sellable 6", "L-8 quarantined 6"]);
  });

  test("a barcode scanned into another field counts as a scan, and an unknown one is said to be unknown", async () => {
    await go("#/receive/PO-4711");
    await scan(TEA);
    await page.focus("#units-0");
    await scan(TEA_CASE);
    await page.waitForFunction(() => document.querySelector("#units-0").value === "13");
    await scan("4000000000006");
    assert.match(await said("odd"), /4000000000006 is no barcode of ours/);
    await scan("4006381333932");
    assert.match(await said("odd"), /4006381333932 was misread/);
    await scan(`https://shop.example/${"a-long-way/".repeat(60)}end-of-it`);
    assert.match(await said("odd"), /^https:\/\/shop\.example\/a-l…nd-of-it is no barcode of ours/);
    assert.equal(await page.inputValue("#units-0"), "13");
    // Where a reason is asked for there is nothing to type into: what comes is a scan.
    await page.click("text=Book delivery");
    assert.equal(await page.evaluate(() => document.activeElement.type), "radio");
    await scan(TEA);
    assert.equal(await page.inputValue("#units-0"), "14");
    // So it is where the list of people has the focus, which letters choose from.
    await page.focus("#who");
    await scan(TEA);
    assert.equal(await page.inputValue("#units-0"), "15");
    assert.equal(await page.inputValue("#who"), "ada");
    await page.focus("#who");
    await page.keyboard.press("g");
    await page.waitForFunction(() => document.querySelector("#who").value === "grace");
  });

  test("a scan is told by its speed, and changes no field that it runs into", async () => {
    /** At once, as no finger types. */
    const burst = (code) => Promise.all([...code, "Enter"].map((key) => page.keyboard.press(key)));
    const units = (wanted) => page.waitForFunction((wanted) => document.querySelector("#units-0")?.value === String(wanted), wanted);
    await go("#/receive/PO-4712");
    await scan(OAT_CASE);
    const size = Number(await page.inputValue("#units-0"));
    // A letter chooses from the list of people, unless others come as quickly behind it.
    await page.focus("#who");
    await burst("GRACE-4711");
    await page.waitForFunction(() => /^GRACE-4711 is no barcode of ours/.test(document.querySelector("#odd").textContent));
    assert.equal(await page.inputValue("#who"), "ada");
    await page.focus("#expires-0");
    await burst(OAT_CASE);
    await units(2 * size);
    await page.fill("#lot-0", "L-7");
    await burst(OAT_CASE);
    await units(3 * size);
    // What somebody typed before it stands.
    await page.focus("#units-0");
    await page.keyboard.press("5");
    await page.waitForTimeout(200);
    await burst(OAT_CASE);
    await units(5 + size);
    // Slowly it is somebody who types a number that is a barcode, and it counts once.
    await page.focus("#units-0");
    await page.keyboard.type(OAT_CASE, { delay: 120 });
    await page.keyboard.press("Enter");
    await page.waitForTimeout(200);
    await units(5 + 2 * size);
    await page.focus("#units-0");
    await burst("4000000000006");
    await page.waitForFunction(() => document.querySelector("#odd").textContent.includes("4000000000006 is no barcode of ours"));
    await units(5 + 2 * size);
    assert.deepEqual([await page.inputValue("#lot-0"), await page.inputValue("#expires-0")], ["L-7", ""]);
    // Where nothing is scanned, its Enter opens nothing.
    await go("#/");
    await page.focus(".card");
    await burst(TEA);
    assert.equal(await page.evaluate(() => location.hash), "#/");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#scan");
    // A date that is typed is taken for whole once it is.
    await go("#/receive/PO-4712");
    await page.focus("#expires-0");
    await page.keyboard.type("03052031");
    await page.waitForTimeout(150);
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("#expires-0").value === "2031-03-05");
  });

  test("a key that is held down in a list chooses as a press does", async () => {
    await page.focus("#who");
    for (let at = 0; at < 20; at++) await page.keyboard.down("g");
    await page.keyboard.up("g");
    await page.waitForFunction(() => document.querySelector("#who").value === "grace");
  });

  test("loading the page again loses nothing, neither what is begun nor what is booked", async () => {
    await go("#/receive/PO-4711");
    await scan(TEA_CASE, TEA_CASE);
    await open("#/receive/PO-4711");
    assert.equal(await page.inputValue("#units-0"), "24");
    await go("#/");
    assert.match(await text(".card"), /Begun/);
    await go("#/receive/PO-4711");
    await scan(...Array(10).fill(TEA_CASE), ...Array(4).fill(HONEY_CASE));
    await booked();
    const before = (await told()).engine.digest();
    await open("");
    assert.match(await text(".card"), /all has come/);
    assert.equal((await told()).engine.digest(), before);
    // Enough facts that the book is kept as a snapshot: what follows goes on from it.
    for (let at = 0; at < 3; at++) {
      await go("#/receive");
      await scan(CUP);
      await reason("unannounced");
      await booked();
      await open("");
    }
    const { units } = await told();
    assert.equal(units("CUP-BLUE", "quarantined"), 3);
  });

  test("two people count blind, differ, and one looks again", async () => {
    await go("#/count/cycle-31");
    const person = (name) => page.selectOption("#who", name);
    await scan(...Array(17).fill(TEA));
    await scan(HONEY_CASE);
    await page.click("text=Finish this place");
    await person("grace");
    await page.waitForFunction(() => document.querySelector("#who").value === "grace" && document.querySelector("[id='found-TEA-250']")?.value === "0");
    assert.equal(await page.inputValue("[id='found-TEA-250']"), "0");
    await page.fill("[id='found-TEA-250']", "16");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("#said").textContent === "Earl Grey tea, 250 g: 16");
    await scan(HONEY_CASE);
    await page.click("text=Finish this place");
    assert.match(await text(".progress"), /Earl Grey tea, 250 g, Shop floor: Ada and Grace differ/);
    assert.equal(await page.locator("text=Close count").isDisabled(), true);
    // Nothing on the page says what the book has, nor what the other one found.
    assert.doesNotMatch(await text("main"), /18|17/);
    await open("#/count/cycle-31");
    await page.click("#again");
    await scan(...Array(17).fill(TEA), HONEY_CASE);
    await page.click("text=Finish this place");
    await page.click("text=Close count");
    await page.waitForSelector(".done");
    assert.match(await text("table"), /Earl Grey tea, 250 g\s+Shop floor\s+17\s+18/);
    const { facts, units, engine } = await told();
    const counts = facts.filter(({ kind }) => kind === "count");
    assert.deepEqual(counts.map(({ subject, actor, lines }) => [subject, actor, lines.map(({ sku, quantity, place }) => `${sku} ${quantity} ${place}`)]), [
      ["cycle-31", "grace", ["HONEY-500 6 shelf", "TEA-250 17 shelf"]],
    ]);
    assert.equal(units("TEA-250", "sellable"), 17);
    assert.ok(engine.exceptions({ now: Date.now() }).some(({ code }) => code === "count_variance"));
  });

  test("a second page of one device gives no number twice: it says that the first is open", async () => {
    const second = await page.context().newPage();
    await second.goto(server.address);
    await second.waitForSelector("#notice:not([hidden])");
    assert.match(await second.locator("#notice").innerText(), /another page of this device is open/);
    await second.close();
  });

  test("a page that comes back as the browser kept it gives no number that another page has given", async () => {
    const keeping = await chromium.launch({ executablePath, args: ["--no-sandbox"], ignoreDefaultArgs: ["--disable-back-forward-cache"] });
    const before = page;
    try {
      const context = await keeping.newContext({ viewport: PHONE });
      // Not every browser has locks, nor keeps them for a page that nobody sees.
      await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
      const opened = async (hash) => {
        page = await context.newPage();
        await open(hash);
        return page;
      };
      const receive = async () => {
        await go("#/receive");
        await scan(CUP);
        await page.locator(".reasons input").first().check();
        await booked();
      };
      const first = await opened("#/");
      await first.goto(`${server.address}icon.svg`);
      await opened("#/");
      await receive();
      const { length } = await journal();
      await page.close();
      page = first;
      await page.goBack({ waitUntil: "load" });
      await page.waitForSelector("body[data-ready]");
      await receive();
      assert.equal((await journal()).length, length + 1);
      // Where two are open all the same, the one that is behind says so, and what the other told stands.
      const [behind] = [page, await opened("#/")];
      await receive();
      const kept = await journal();
      page = behind;
      await go("#/");
      await go("#/receive");
      await scan(TEA);
      await page.locator(".reasons input").first().check();
      await page.click("text=Book delivery");
      await page.waitForFunction(() => document.querySelector("#notice").textContent.includes("load the page again"));
      assert.deepEqual(await journal(), kept);
    } finally {
      page = before;
      await keeping.close();
    }
  });

  test("opens again where there is no network, with what was scanned and not booked, and goes on", async () => {
    const near = await startServer();
    await page.goto(near.address);
    await page.waitForSelector("body[data-ready]");
    await page.evaluate(() => navigator.serviceWorker.ready);
    await go("#/receive/PO-4711");
    await scan(TEA_CASE);
    assert.equal(await said("said"), "Earl Grey tea, 250 g: 12 pieces");
    // The server is gone, and with it all but what the device has.
    await near.stop();
    await assert.rejects(fetch(near.address));
    for (let times = 0; times < 2; times++) {
      await page.reload();
      await page.waitForSelector("body[data-ready]");
    }
    await scan(...Array(11).fill(TEA_CASE), ...Array(4).fill(HONEY_CASE));
    assert.equal(await text(".actions p"), "All is as ordered");
    await booked();
    assert.equal((await told()).units("TEA-250", "sellable"), 18 + 144);
    await page.goto(`${near.address}index.html?from=home`);
    await page.waitForSelector("body[data-ready]");
    assert.match(await text(".card"), /all has come/);
  });

  test("where the network is back, the orders of today are there at once, and a new version at the second opening", async () => {
    const old = await startServer();
    const port = Number(new URL(old.address).port);
    await page.goto(old.address);
    await page.waitForSelector("body[data-ready]");
    await page.evaluate(() => navigator.serviceWorker.ready);
    await old.stop();
    await page.reload();
    await page.waitForSelector("body[data-ready]");
    const near = await startServer(port, (path, text) => (path === "src/words.js" ? text.replace("will_not_come\", \"It will not come", "will_not_come\", \"It never comes") : text.replace("Harbour Teas", "Harbour Teas & Sons")));
    try {
      await page.reload();
      await page.waitForSelector("body[data-ready]");
      assert.match(await text(".card"), /Harbour Teas & Sons/);
      // All files are asked for anew once the page is open, and take the place of the old ones together.
      // `waitForFunction` takes a promise for a yes.
      const isNew = () => page.evaluate(async () => {
        const kept = await (await caches.open("onhand-handheld")).match(new URL("src/words.js", location.href));
        return (await kept.text()).includes("It never comes");
      });
      const deadline = Date.now() + 30_000;
      while (!(await isNew())) {
        assert.ok(Date.now() < deadline, "the new files are kept");
        await new Promise((wake) => setTimeout(wake, 50));
      }
      await page.reload();
      await page.waitForSelector("body[data-ready]");
      await go("#/receive/PO-4711");
      await scan(TEA_CASE);
      await page.click("text=Book delivery");
      assert.match(await text(".progress"), /It never comes/);
    } finally {
      await near.stop();
    }
  });

  /** Whether there is room on the device for what is kept under a name: where there is none, a browser ends a transaction so. */
  const room = (isThere, named = ".*") => page.evaluate(([isThere, named]) => {
    globalThis.plain ??= { add: IDBObjectStore.prototype.add, put: IDBObjectStore.prototype.put };
    const isFull = (store, key) => !isThere && new RegExp(`^${named}$`).test(key ?? store);
    for (const [name, plain] of Object.entries(globalThis.plain)) {
      IDBObjectStore.prototype[name] = function (value, key) {
        const request = plain.call(this, value, key);
        const { transaction } = this;
        if (isFull(this.name, key) && transaction.error === null) {
          Object.defineProperty(transaction, "error", { value: new DOMException("no room", "QuotaExceededError") });
          queueMicrotask(() => transaction.abort());
        }
        return request;
      };
    }
  }, [isThere, named]);

  test("where a device has no room left it says so, loses nothing, and books once there is room", async () => {
    await go("#/receive/PO-4711");
    await scan(...Array(12).fill(TEA_CASE), ...Array(4).fill(HONEY_CASE));
    const before = await journal();
    await room(false);
    await page.click("text=Book delivery");
    await page.waitForFunction(() => document.querySelector("#notice").textContent.includes("no room left"));
    assert.deepEqual(await journal(), before);
    assert.equal(await page.locator(".done").count(), 0);
    assert.equal(await text(".actions p"), "All is as ordered");
    await room(true);
    await booked();
    assert.equal(await page.locator("#notice").isVisible(), false);
    const { facts, units } = await told();
    assert.deepEqual(facts.map(({ id }) => id), facts.map((_, at) => at + 1));
    assert.equal(units("TEA-250", "sellable"), 18 + 144);
    // What is begun is there again as long as it was kept before.
    await go("#/receive");
    await scan(CUP);
    await page.waitForFunction(() => new Promise((resolve) => {
      indexedDB.open("onhand-handheld").onsuccess = ({ target }) => {
        target.result.transaction("state").objectStore("state").get("work").onsuccess = ({ target }) => resolve("#/receive" in target.result);
      };
    }));
    await room(false);
    await reason("unannounced");
    await page.click("text=Book delivery");
    await page.waitForFunction(() => !document.querySelector("#notice").hidden);
    await room(true);
    await page.reload();
    await page.waitForSelector("#scan");
    assert.equal(await page.inputValue("#units-0"), "1");
    assert.ok(complaints.length >= 2 && complaints.every((complaint) => complaint === "no room"), complaints.join());
    complaints = [];
  });

  /** Books so many that a snapshot is due. */
  async function eightDeliveries() {
    for (let at = 0; at < 8; at++) {
      await go("#/");
      await go("#/receive");
      await scan(CUP);
      await reason("unannounced");
      await booked();
    }
  }

  test("where there is room for facts and none for a snapshot, what is booked is booked", async () => {
    await room(false, "snapshot");
    await go("#/receive/PO-4711");
    await scan(...Array(12).fill(TEA_CASE), ...Array(4).fill(HONEY_CASE));
    await booked();
    await eightDeliveries();
    const digest = (await told()).engine.digest();
    await open("");
    const { engine, facts, units } = await told();
    assert.deepEqual([engine.digest(), units("CUP-BLUE", "quarantined")], [digest, 8]);
    assert.ok(facts.length > 16, "so many that a snapshot was due");
  });

  test("a snapshot that cannot be read, as after a new version, takes nothing: the facts make the book", async () => {
    await eightDeliveries();
    const harmed = () => page.evaluate(() => new Promise((resolve) => {
      indexedDB.open("onhand-handheld").onsuccess = ({ target: { result } }) => {
        const store = result.transaction("state", "readwrite").objectStore("state");
        store.get("snapshot").onsuccess = ({ target: { result: kept } }) => {
          kept.bytes[0] ^= 1;
          store.put(kept, "snapshot").onsuccess = () => resolve(kept.through);
        };
      };
    }));
    assert.ok((await harmed()) > 0, "a snapshot was kept");
    await page.reload();
    await page.waitForSelector("body[data-ready]");
    await go("#/");
    await go("#/count/cycle-31");
    await scan(TEA);
    await page.click("text=Finish this place");
    await page.click("text=Close count");
    await page.waitForSelector(".done");
    assert.match(await text("table"), /Earl Grey tea, 250 g\s+Shop floor\s+1\s+18/);
  });

  test("pressed twice at once, it is booked once and closed once", async () => {
    await go("#/receive");
    await scan(CUP);
    await reason("unannounced");
    await page.locator("text=Book delivery").evaluate((button) => [button, button].forEach((one) => one.click()));
    await page.waitForSelector(".done");
    await go("#/");
    await go("#/count/cycle-31");
    await scan(TEA);
    await page.click("text=Finish this place");
    await page.locator("text=Close count").evaluate((button) => [button, button].forEach((one) => one.click()));
    await page.waitForSelector(".done");
    const { facts, units } = await told();
    assert.deepEqual(facts.filter(({ kind }) => /receipt|count/.test(kind)).map(({ kind }) => kind), ["receipt", "count"]);
    assert.equal(units("CUP-BLUE", "quarantined"), 1);
  });

  test("what the book turned away is shown with why, set right or put aside, and stays in the journal", async () => {
    // An order whose number has the wrong sign, and a receipt that says not where.
    const plant = { "data/store.json": ['"quantity": 144', '"quantity": -144'], "src/receive.js": ['kind: "receipt", ...(reason', 'kind: "receipt", node: undefined, ...(reason'] };
    const wrong = await startServer(0, (path, text) => (plant[path] === undefined ? text : text.replace(...plant[path])));
    const section = page.getByRole("region", { name: "Not booked" });
    const reload = async () => {
      await page.reload();
      await page.waitForSelector("body[data-ready]");
    };
    try {
      await page.goto(wrong.address);
      await section.waitFor();
      assert.match(await section.innerText(), /supply change PO-4711 .*Turned away.*Something in it cannot be.*wrong_sign.*Earl Grey tea/s);
      assert.equal(await text(".card .muted"), "PO-4711 · its order is not booked");
      // It is not told again at each start, and not forgotten either.
      await reload();
      await section.waitFor();
      const before = await journal();
      await section.getByLabel("Earl Grey tea, 250 g").fill("144");
      await section.getByRole("button", { name: /^Book again: supply change PO-4711/ }).click();
      await section.waitFor({ state: "hidden" });
      assert.match(await said("said"), /^Booked: supply change PO-4711 /);
      const after = await journal();
      assert.deepEqual(after.slice(0, -1), before);
      assert.deepEqual(after.at(-1).lines.map(({ quantity }) => quantity), [144, 24]);
      await go("#/receive/PO-4711");
      assert.match(await text(".progress"), /0 of 144/);
      await scan(TEA_CASE);
      await page.click("text=Book delivery");
      await page.locator('[id="missing-TEA-250-follows"]').check();
      await page.locator('[id="missing-HONEY-500-follows"]').check();
      await page.click("text=Book delivery");
      await section.waitFor();
      assert.match(await said("odd"), /^1 fact of it not booked/);
      assert.match(await section.innerText(), /`node` is missing/);
      assert.equal(await section.locator("h3").count(), 1);
      await section.getByRole("button", { name: /^Put aside: receipt/ }).click();
      await section.waitFor({ state: "hidden" });
      await reload();
      await page.click("text=This device");
      assert.match(await text(".journal"), /receipt .* by ada: turned away, put aside by ada/);
      assert.ok(await section.isHidden());
      // Whoever reads the facts turns the same ones away.
      const engine = await createEngine();
      const facts = await journal();
      assert.deepEqual(engine.applyAll(facts).turnedAway.map(({ index }) => facts[index].kind), ["supply_change", "receipt"]);
      assert.equal(engine.supply({ sku: "TEA-250", node: NODE })[0].open, 144);
    } finally {
      await wrong.stop();
    }
  });

  test("what is no fact is not kept: the page opens again, with what was scanned", async () => {
    const wrong = await startServer(0, (path, text) => (path === "src/receive.js" ? text.replace('kind: "receipt", ...(reason', 'kind: "receipt", role: " ", ...(reason') : text));
    try {
      await page.goto(wrong.address);
      await page.waitForSelector("body[data-ready]");
      const before = await journal();
      await go("#/receive");
      await scan(TEA_CASE);
      await reason("unclear");
      await page.click("text=Book delivery");
      await page.locator("#notice", { hasText: "`role`" }).waitFor();
      complaints = complaints.filter((text) => !text.includes("`role`"));
      assert.deepEqual(await journal(), before);
      await page.reload();
      await page.waitForSelector("body[data-ready]");
      await go("#/receive");
      assert.equal(await page.inputValue("#units-0"), "12");
    } finally {
      await wrong.stop();
    }
  });

  test("a clock that is set back makes nothing of what comes after a count", async () => {
    await page.clock.install({ time: Date.now() });
    await page.reload();
    await page.waitForSelector("body[data-ready]");
    const count = async (units) => {
      await go("#/");
      await go("#/count/cycle-31");
      await scan(...Array(units).fill(TEA));
      await page.click("text=Finish this place");
      await page.click("text=Close count");
      await page.waitForSelector(".done");
      return (await told()).units("TEA-250", "sellable");
    };
    assert.equal(await count(3), 3);
    const back = Date.now() - 5 * 3_600_000;
    await page.clock.setSystemTime(back);
    assert.equal(await count(5), 5);
    await page.reload();
    await page.waitForSelector("body[data-ready]");
    await page.clock.setSystemTime(back);
    await page.reload();
    await page.waitForSelector("body[data-ready]");
    assert.match(await text("#notice"), /The clock of this device was set back by 5 hours/);
    assert.equal(await count(4), 4);
    const recorded = (await told()).facts.map((fact) => fact.recorded);
    assert.deepEqual(recorded, [...new Set(recorded)].sort((one, other) => one - other));
  });

  test("a script that a browser cannot run is said, and not waited for", async () => {
    await visit({ serviceWorkers: "block" });
    for (const body of ["let now is no word;", "throw new Error('not here');"]) {
      await page.route("**/src/device.js", (route) => route.fulfill({ contentType: "text/javascript", body }));
      await page.reload();
      await page.waitForFunction(() => document.querySelector("main").textContent.includes("this browser cannot run it"));
    }
    complaints = complaints.filter((complaint) => !/Unexpected identifier|not here|does not provide|Service Worker/.test(complaint));
  });

  test("all of it works by keyboard alone", async () => {
    const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
    const order = [];
    for (let at = 0; at < 4; at++) {
      await page.keyboard.press("Tab");
      order.push(await focused());
    }
    assert.deepEqual([order[0], order[1], order[2]], ["Skip to the work", "Market Street: all work", "who"]);
    assert.match(order[3], /^Harbour Teas/);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#scan");
    assert.equal(await focused(), "scan");
    await scan(...Array(12).fill(TEA_CASE), ...Array(4).fill(HONEY_CASE));
    for (let at = 0; at < 30 && (await focused()) !== "Book delivery"; at++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".done");
    assert.equal(await focused(), "Booked");
  });

  test("in a low window what has the focus is seen whole, and no bar covers it", async () => {
    await visit({ viewport: { width: 320, height: 256 } });
    const walk = async (where, least) => {
      await page.evaluate(() => document.querySelector(".skip").focus());
      await page.keyboard.press("Tab");
      let presses = 0;
      for (; (await page.evaluate(() => document.activeElement !== document.body)) && presses < 60; presses++) {
        const covered = await page.evaluate(() => {
          const focused = document.activeElement.closest("label") ?? document.activeElement;
          const { left, top, width, height } = focused.getBoundingClientRect();
          const isSeen = (part) => focused.contains(document.elementFromPoint(left + width / 2, top + height * part));
          return [0.1, 0.5, 0.9].every(isSeen) ? "" : focused.outerHTML;
        });
        assert.equal(covered, "", where);
        await page.keyboard.press("Tab");
      }
      assert.ok(presses >= least, `${where}: ${presses} stops`);
    };
    await go("#/receive/PO-4711");
    await scan(...Array(13).fill(TEA), CUP, HONEY_CASE);
    await page.click("text=Book delivery");
    await walk("a delivery", 18);
    await go("#/count/cycle-31");
    await scan(TEA);
    await walk("a count", 13);
  });

  test("where the system chooses the colours, the place that is counted is told from the others, and a button from a text", async () => {
    await visit({ forcedColors: "active" });
    await go("#/count/cycle-31");
    const ground = (pressed) => page.locator(`.tabs [aria-pressed=${pressed}]`).first().evaluate((tab) => getComputedStyle(tab).backgroundColor);
    assert.notEqual(await ground(true), await ground(false));
    assert.equal(await page.locator("#finish").evaluate((button) => getComputedStyle(button).borderTopStyle), "solid");
  });

  /** Goes through every view, and has each checked. */
  const walk = async (check) => {
    await check("the work");
    await go("#/receive/PO-4711");
    await scan(...Array(12).fill(TEA), CUP, HONEY_CASE);
    await page.click("text=Book delivery");
    await check("a delivery with reasons to give");
    await scan(TEA, HONEY_CASE);
    assert.ok(await page.getByRole("button", { name: /^Earl Grey tea, 250 g 13 in all, fine. Change$/ }).isVisible());
    await check("a delivery with a line that is fine");
    await go("#/receive/PO-4712");
    await scan(OAT_CASE);
    await check("batches and dates");
    await go("#/count/cycle-31");
    await scan(TEA);
    await check("a count");
    await page.click("text=Finish this place");
    await page.click("text=Close count");
    await page.waitForSelector(".done");
    await check("a closed count");
  };

  for (const [name, viewport] of Object.entries({ "a phone": PHONE, "a desk": DESK })) {
    test(`from right to left each view on ${name} is its own mirror image`, async () => {
      await visit({ viewport });
      const check = async (where) => assert.deepEqual(await page.evaluate(notMirrored), [], where);
      await page.click("text=This device");
      await walk(check);
    });
  }

  test("the facts are saved as a file that an engine reads", async () => {
    await page.click("text=This device");
    const href = await page.locator("a[download]").getAttribute("href");
    const engine = await createEngine();
    const saved = JSON.parse(decodeURIComponent(href.slice(href.indexOf(",") + 1)));
    assert.equal(engine.applyAll(saved).turnedAwayCount, 0);
    assert.equal(engine.digest(), (await told()).engine.digest());
  });

  for (const [name, options] of Object.entries({ "a phone": { viewport: PHONE }, "a phone at night": { viewport: PHONE, colorScheme: "dark" }, "a desk": { viewport: DESK }, "a desk at night": { viewport: DESK, colorScheme: "dark" }, "a small phone": { viewport: { width: 320, height: 640 } }, "the narrowest window": { viewport: { width: 240, height: 320 } } })) {
    test(`is accessible on ${name}, and never wider than it`, async () => {
      await visit(options);
      const check = async (where) => {
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(" ")}`), [], where);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where} is too wide`);
      };
      await walk(check);
      const lines = (element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return range.getClientRects().length;
      };
      assert.equal(await page.locator("thead th", { hasText: "Found" }).evaluate(lines), 1);
      for (const words of [".who label", "tbody td"]) assert.ok((await page.locator(words).first().evaluate(lines)) <= 2, words);
    });
  }
});
