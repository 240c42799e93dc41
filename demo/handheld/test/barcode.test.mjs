import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isGtin, read } from "../src/barcode.js";

const end = (year, month, day) => new Date(year, month - 1, day, 23, 59, 59, 999).getTime();

test("a barcode is read as scanners type it and as people do", () => {
  for (const [scanned, expected] of [
    ["4006381333931", { code: "4006381333931" }],
    [" 04006381333931\r", { code: "4006381333931" }],
    ["]E04006381333931", { code: "4006381333931" }],
    ["TEA-250", { code: "TEA-250" }],
    ["0104006381334259", { code: "4006381334259" }],
    ["]C1010400638133425917260930", { code: "4006381334259", expires: end(2026, 9, 30) }],
    ["010400638133425917260200", { code: "4006381334259", expires: end(2026, 2, 28) }],
    ["010400638133425915260930" + "10L-7\u001d" + "3712", { code: "4006381334259", lot: "L-7", expires: end(2026, 9, 30), count: 12 }],
    ["02140063813342563708" + "\u001d10L-7", { code: "14006381334256", lot: "L-7", count: 8 }],
    ["(01)04006381334259(17)260930(10)L-7", { code: "4006381334259", lot: "L-7", expires: end(2026, 9, 30) }],
    // What nobody asks for is passed over: a weight, a number of the customer's, one of the company's own.
    ["0104006381334259" + "3103001250" + "17260930", { code: "4006381334259", expires: end(2026, 9, 30) }],
    ["0104006381334259" + "240XYZ\u001d" + "10L-7", { code: "4006381334259", lot: "L-7" }],
    ["0104006381334259" + "9912", { code: "4006381334259" }],
    // No element strings: a wrong length, a wrong check digit, a count that is none, a date that is none.
    ["010400638133425917", { code: "10400638133425917" }],
    ["0104006381334258" + "17260930", { code: "10400638133425817260930" }],
    ["0104006381334259" + "37123456789", { code: "10400638133425937123456789" }],
    ["010400638133425917269930", { code: "4006381334259" }],
    ["010400638133425917260230", { code: "4006381334259" }],
  ]) assert.deepEqual(read(scanned), expected, scanned);
});

test("a GS1 Digital Link is read on any domain, and what is none is an unknown code", () => {
  const expected = { code: "4006381334259", lot: "L-7", expires: end(2026, 9, 30) };
  const most = `https://id.gs1.org/01/04006381334259?x=${"y".repeat(5_000)}`;
  for (const [scanned, wanted] of [
    ["https://id.gs1.org/01/04006381334259", { code: "4006381334259" }],
    ["https://id.gs1.org/01/04006381334259/10/L-7?17=260930", expected],
    ["]Q1HTTPS://ID.GS1.ORG/01/04006381334259/10/L-7?17=260930", expected],
    ["http://shop.example:8080/de/tea/01/04006381334259/22/2A/10/L-7/21/9?linkType=all&15=260930;3103=000250#top", expected],
    ["https://id.gs1.org/01/04006381334259/10/L%2F7%2B/", { code: "4006381334259", lot: "L/7+" }],
    ["https://id.gs1.org/01/04006381334259/10/01", { code: "4006381334259", lot: "01" }],
    ["https://id.gs1.org/00/340123450000000018?02=14006381334256&37=8", { code: "14006381334256", count: 8 }],
    ["https://id.gs1.org/01/04006381334259/10/L-7?10=OTHER&01=04006381333931", { code: "4006381334259", lot: "L-7" }],
    ["https://id.gs1.org/01/04006381334259?17=269930", { code: "4006381334259" }],
    // None: a wrong check digit, a batch that is too long or no batch, a count that is none, a broken escape, no key, no address, no end.
    ...[
      "https://id.gs1.org/01/04006381334258", `https://id.gs1.org/01/04006381334259/10/${"L".repeat(21)}`, "https://id.gs1.org/01/04006381334259/10/L%0A7",
      "https://id.gs1.org/01/04006381334259?37=many", "https://id.gs1.org/01/04006381334259/10/%E0%A4", "https://id.gs1.org/01", "https://shop.example/tea?01=04006381334259",
      "https://", most,
    ].map((link) => [link, { code: link }]),
  ]) assert.deepEqual(read(scanned), wanted, scanned);
});

test("a label whose count or batch cannot be is none", () => {
  for (const label of ["(01)04006381334259(37)many", "(01)04006381334259(10)", `(01)04006381334259(10)${"L".repeat(21)}`]) assert.deepEqual(read(label), { code: label });
});

test("every barcode of the store has its check digit", () => {
  const { items } = JSON.parse(readFileSync(new URL("../data/store.json", import.meta.url), "utf8"));
  const codes = items.flatMap(({ gtin, packs }) => [gtin, ...packs.map((pack) => pack.gtin)]);
  assert.equal(new Set(codes).size, codes.length);
  for (const code of codes) assert.ok(isGtin(code), code);
  assert.equal(isGtin("4006381333932"), false);
  assert.equal(isGtin("400638133393X"), false);
});
