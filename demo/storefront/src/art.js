/** A small drawing for each department, so that the shop needs no photographs and no request for one. */

const DRAWINGS = {
  box: "M8 17 24 9l16 8v15l-16 8-16-8zM8 17l16 8 16-8M24 25v15",
  cup: "M11 17h22v12a9 9 0 0 1-9 9h-4a9 9 0 0 1-9-9zM33 20h3a4 4 0 0 1 0 9h-3M18 7c-2 2 2 4 0 6M26 7c-2 2 2 4 0 6",
  loaf: "M10 23c-5-3-2-12 6-12h17c8 0 11 9 6 12v15H10zM19 19v6M26 19v6M33 19v6",
  bowl: "M7 22h34c0 9-6 15-13 16h-8C13 37 7 31 7 22zM16 22c0-9 6-13 14-12",
  bottle: "M20 7h8v8l5 8v15a3 3 0 0 1-3 3H18a3 3 0 0 1-3-3V23l5-8zM15 28h18",
  sweet: "M16 24a8 8 0 1 0 16 0 8 8 0 1 0-16 0M17 20 7 15v18l10-5M31 20l10-5v18l-10-5",
  house: "M8 23 24 9l16 14M13 20v19h22V20M20 39V28h8v11",
  drop: "M24 7c7 9 11 14 11 20a11 11 0 0 1-22 0c0-6 4-11 11-20zM18 29a6 6 0 0 0 5 5",
  heart: "M24 39C12 31 8 25 8 19a8 8 0 0 1 16-3 8 8 0 0 1 16 3c0 6-4 12-16 20z",
  leaf: "M10 38C8 20 18 9 39 9c1 21-9 31-25 27M10 40c4-10 10-16 18-20",
};

/** @type {readonly [RegExp, keyof typeof DRAWINGS][]} */
const BY_WORD = [
  [/tea|coffee/i, "cup"],
  [/bak|bread|pastry/i, "loaf"],
  [/breakfast|pantry|deli|salad|meat|sea/i, "bowl"],
  [/dairy|drink|juice|spirits|fuel/i, "bottle"],
  [/sweet|candy|snack/i, "sweet"],
  [/house|kitchen/i, "house"],
  [/care|cosmetic|drug/i, "drop"],
  [/baby|pet/i, "heart"],
  [/garden|floral|produce|fruit|nutrition/i, "leaf"],
];
const TONES = 6;

/** @param {string} department */
export function art(department) {
  const name = BY_WORD.find(([words]) => words.test(department))?.[1] ?? "box";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 48 48");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", DRAWINGS[name]);
  svg.append(path);
  const tile = document.createElement("span");
  tile.className = `art tone-${[...department].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % TONES}`;
  tile.setAttribute("aria-hidden", "true");
  tile.append(svg);
  return tile;
}
