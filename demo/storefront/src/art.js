/** A small drawing for each kind of goods, so that the shop needs no photographs and no request for one. */

/** Outlines in a square of 48: the first path is filled with a tint, the second is drawn on it. */
const DRAWINGS = {
  bag: ["M13 14h22l3 27H10z", "M13 14c2-4 5-6 11-6s9 2 11 6M18 25h12M20 31h8"],
  bar: ["M13 7h22v34H13z", "M24 7v21M13 17.5h22M13 28h22"],
  biscuit: ["M9 24a15 15 0 1 0 30 0 15 15 0 1 0-30 0", "M18 19h.01M28 17h.01M32 26h.01M24 26h.01M17 30h.01M27 34h.01"],
  bottle: ["M20 7h8v8l5 8v15a3 3 0 0 1-3 3H18a3 3 0 0 1-3-3V23l5-8z", "M20 11h8M15 26h18M15 34h18"],
  bowl: ["M7 23h34c0 9-6 15-13 16h-8C13 38 7 32 7 23z", "M14 23c0-3 2-5 5-5 1-4 7-4 9-1 4-1 7 2 7 6M18 13c-1-2 1-3 0-5M26 12c-1-2 1-3 0-5"],
  box: ["M8 17 24 9l16 8v15l-16 8-16-8z", "M8 17l16 8 16-8M24 25v15M16 13l16 8"],
  brush: ["M10 29h28v6H10z", "M24 29V9M20 9h8M13 35v5M20 35v5M28 35v5M35 35v5"],
  can: ["M13 11h22v27a11 3 0 0 1-22 0z", "M13 11a11 3 0 0 0 22 0 11 3 0 0 0-22 0M13 20a11 3 0 0 0 22 0M13 31a11 3 0 0 0 22 0"],
  candle: ["M18 20h12v21H18z", "M24 20v-3M24 7c4 5 4 9 0 10-4-1-4-5 0-10zM22 25v5"],
  cheese: ["M7 27 33 11c5 3 8 8 8 14v13H7z", "M7 27l34-2M15 33h.01M25 31h.01M33 34h.01"],
  cup: ["M10 18h24v11a9 9 0 0 1-9 9h-6a9 9 0 0 1-9-9z", "M34 21h3a4 4 0 0 1 0 9h-3M18 7c-2 2 2 4 0 6M26 7c-2 2 2 4 0 6"],
  drop: ["M24 7c7 9 11 14 11 20a11 11 0 0 1-22 0c0-6 4-11 11-20z", "M18 28a6 6 0 0 0 5 6"],
  fish: ["M6 24c6-9 20-10 27-1l8-6v14l-8-6C26 34 12 33 6 24z", "M14 22h.01M23 19c2 3 2 7 0 10"],
  fruit: ["M24 15c-9-5-15 1-14 10 1 8 6 14 10 14 2 0 2-1 4-1s2 1 4 1c4 0 9-6 10-14 1-9-5-15-14-10z", "M24 15c0-4 1-6 4-8M24 13c-2-3-5-4-8-3"],
  heart: ["M24 39C12 31 8 25 8 19a8 8 0 0 1 16-3 8 8 0 0 1 16 3c0 6-4 12-16 20z", "M14 19a3 3 0 0 1 3-4"],
  house: ["M13 21v18h22V21L24 11z", "M8 23 24 9l16 14M20 39V28h8v11"],
  jar: ["M14 15h20v21a4 4 0 0 1-4 4H18a4 4 0 0 1-4-4z", "M13 9h22v6H13zM14 22h20M14 33h20"],
  leaf: ["M12 35C8 20 18 9 39 9c1 21-9 31-27 26z", "M9 41c4-12 10-18 20-22"],
  loaf: ["M10 23c-5-3-2-12 6-12h17c8 0 11 9 6 12v15H10z", "M19 19v6M26 19v6M33 19v6"],
  pack: ["M9 13h30v26H9z", "M9 21h30M24 13v8M16 28h16M16 33h9"],
  paw: ["M15 34c0-5 4-10 9-10s9 5 9 10c0 6-6 5-9 5s-9 1-9-5z", "M13 23a3 4 0 1 0-.01 0M20 16a3 4 0 1 0-.01 0M28 16a3 4 0 1 0-.01 0M35 23a3 4 0 1 0-.01 0"],
  pot: ["M12 16h24l-3 23H15z", "M10 11h28v5H10zM17 24h14"],
  pump: ["M14 21h20v17a3 3 0 0 1-3 3H17a3 3 0 0 1-3-3z", "M20 21v-5h8v5M24 16V9M18 12V9h12M14 28h20"],
  roll: ["M12 14h20v26H12z", "M12 14a10 5 0 0 1 20 0 10 5 0 0 1-20 0M20 14a2 1 0 0 1 4 0 2 1 0 0 1-4 0M32 17h7v19h-7"],
  sheaf: ["M18 26h12l5 14H13z", "M24 26V8M18 26 13 10M30 26l5-16M20 26l-2-17M28 26l2-17M17 26h14"],
  sweet: ["M16 24a8 8 0 1 0 16 0 8 8 0 1 0-16 0", "M17 20 7 15v18l10-5M31 20l10-5v18l-10-5M21 22c2-2 4-2 6 0"],
  tube: ["M13 9h22l-5 26H18z", "M13 9h22M18 35h12v5H18zM19 20h10"],
};

/** The first that fits the title, else the first that fits the department. @type {readonly [RegExp, keyof typeof DRAWINGS][]} */
const BY_WORD = [
  [/\b(tea|earl grey|coffee|cocoa)\b/i, "cup"],
  [/beans|rice|lentils|flour|sugar|soil|powder|dog|cat litter|chips/i, "bag"],
  [/biscuit|cracker|crispbread|cookie/i, "biscuit"],
  [/bread|bun|roll\b|loaf|cake|bagel/i, "loaf"],
  [/muesli|porridge|oats|cereal|salad/i, "bowl"],
  [/honey|jam|pickle|sauce|mayo|peanut butter/i, "jar"],
  [/spaghetti|pasta|noodle/i, "sheaf"],
  [/\bsalt\b|spice|nappies|diaper|butter|frozen|dinner|pizza/i, "pack"],
  [/cheese/i, "cheese"],
  [/yog|cream cheese|puree|pudding/i, "pot"],
  [/oil|juice|cordial|water|passata|milk|wine|vinegar|drnk|drink/i, "bottle"],
  [/chocolate/i, "bar"],
  [/caramel|liquorice|candy|gum/i, "sweet"],
  [/soap|shampoo|lotion|detergent/i, "pump"],
  [/brush/i, "brush"],
  [/towel|tissue|paper/i, "roll"],
  [/candle/i, "candle"],
  [/tooth|cream/i, "tube"],
  [/soup|beer|ale|\bcan|cat food|tuna|vegetables/i, "can"],
  [/banana|apple|berr|grape|orange|melon|tomato|fruit|onion|potato|produce/i, "fruit"],
  [/seafood|fish|salmon|shrimp/i, "fish"],
  [/bak|pastry/i, "loaf"],
  [/breakfast|pantry|deli|meat/i, "bowl"],
  [/dairy|spirits|fuel/i, "bottle"],
  [/sweet|snack/i, "sweet"],
  [/house|kitchen/i, "house"],
  [/care|cosmetic|drug/i, "drop"],
  [/baby/i, "heart"],
  [/pet/i, "paw"],
  [/garden|floral|nutrition/i, "leaf"],
];
const TONES = 6;

/** @param {{ title: string, department: string } | undefined} item */
export function art(item) {
  const { title = "", department = "" } = item ?? {};
  const drawingOf = (/** @type {string} */ text) => BY_WORD.find(([words]) => words.test(text))?.[1];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 48 48");
  for (const line of DRAWINGS[drawingOf(title) ?? drawingOf(department) ?? "box"]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", line);
    svg.append(path);
  }
  const tile = document.createElement("span");
  tile.className = `art tone-${[...department].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % TONES}`;
  tile.setAttribute("aria-hidden", "true");
  tile.append(svg);
  return tile;
}
