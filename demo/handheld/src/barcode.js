/** What a scanner types: a GTIN, or a GS1 element string with batch, expiry and count. */

/**
 * @typedef {object} Barcode
 * @property {string} code The GTIN without leading zeros, or the text as it is.
 * @property {string} [lot] (10)
 * @property {number} [expires] The end of the day of (15) or (17), as milliseconds.
 * @property {number} [count] (30) or (37)
 */

/**
 * What follows the first two digits of an application identifier that has no separator after it, by GS1's table of predefined lengths. All
 * others end at a separator.
 */
const FIXED = new Map([
  ["00", 18], ["01", 14], ["02", 14], ["03", 14], ["04", 16], ["20", 2], ["41", 14],
  ...["11", "12", "13", "14", "15", "16", "17", "18", "19"].map((date) => [date, 6]),
  ...["31", "32", "33", "34", "35", "36"].map((measure) => [measure, 8]),
]);
/** The most that those may have which are asked for. */
const MOST = { 10: 20, 30: 8, 37: 8 };
const SEPARATOR = "\u001d";

/**
 * @param {string} scanned
 * @returns {Barcode}
 */
export function read(scanned) {
  // Scanners may say which symbol it was: ]C1 and the like.
  const text = scanned.trim().replace(/^\][A-Za-z][0-9]/, "");
  const parts = text.startsWith("(") ? bracketed(text) : elements(text);
  const gtin = parts?.get("01") ?? parts?.get("02");
  if (parts === undefined || gtin === undefined || !isGtin(gtin)) return { code: plain(text) };
  const [lot, date, count] = [parts.get("10"), parts.get("17") ?? parts.get("15"), parts.get("37") ?? parts.get("30")];
  const expires = date === undefined ? undefined : endOfDay(date);
  return {
    code: plain(gtin),
    ...(lot !== undefined && { lot }),
    ...(expires !== undefined && { expires }),
    ...(count !== undefined && { count: Number(count) }),
  };
}

/**
 * Whether the last digit is the check digit of those before it.
 *
 * @param {string} gtin
 */
export function isGtin(gtin) {
  if (!/^\d{8,14}$/.test(gtin)) return false;
  const digits = [...gtin].map(Number).reverse();
  return digits.reduce((sum, digit, at) => sum + digit * (at % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

/** @param {string} text */
function plain(text) {
  return /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, "") : text;
}

/** @param {string} text As people write it: (01)04006381333931(17)260930 */
function bracketed(text) {
  const parts = new Map([...text.matchAll(/\((\d{2})\)([^(]*)/g)].map(([, identifier, value]) => [identifier, value.trim()]));
  return parts.size > 0 ? parts : undefined;
}

/** @param {string} text As scanners type it. Undefined when it is no element string. */
function elements(text) {
  if (!/^(00|01|02)\d{14}/.test(text) || text.length <= 14) return undefined;
  const parts = new Map();
  let rest = text;
  while (rest !== "") {
    const identifier = rest.slice(0, 2);
    const fixed = FIXED.get(identifier);
    const end = fixed === undefined ? rest.indexOf(SEPARATOR) : 2 + fixed;
    const value = rest.slice(2, end < 0 ? undefined : end);
    if (fixed === undefined ? value.length > (MOST[identifier] ?? 90) : value.length !== fixed) return undefined;
    parts.set(identifier, value);
    rest = end < 0 ? "" : rest.slice(end).replace(new RegExp(`^${SEPARATOR}`), "");
  }
  return parts;
}

/** @param {string} date YYMMDD; day 00 is the last of its month. */
function endOfDay(date) {
  const [year, month, day] = [0, 2, 4].map((at) => Number(date.slice(at, at + 2)));
  const last = new Date(2000 + year, month, 0).getDate();
  if (!/^\d{6}$/.test(date) || month < 1 || month > 12 || day > last) return undefined;
  return new Date(2000 + year, month - 1, day === 0 ? last : day, 23, 59, 59, 999).getTime();
}
