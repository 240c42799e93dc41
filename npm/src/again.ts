/** Promises that are open: dealing out anew, and accepting. */
import type { Deal, Line, Offer } from "./types.js";
import { STRATEGIES } from "./wire.js";

/** Names ended by line feeds, which no name has, and numbers: the order is that of the binding. */
export function encodeWants({ sku, wants }: Deal): [names: string, numbers: Float64Array] {
  const names = wants.map(({ subject, line = sku }) => `${subject}\n${line}\n`).join("");
  const numbers = wants.flatMap(({ strategy, wanted, neededBy = -1 }) => [STRATEGIES.indexOf(strategy), wanted, neededBy]);
  return [names, new Float64Array(numbers)];
}

/** A line for each line of each shipment; where one of the request comes from several places, the others are `NAME#2`, `NAME#3`, … */
export function reservation(offer: Offer): Line[] {
  const names = new Set<string>();
  return offer.shipments.flatMap(({ node, lines }) => lines.map(({ line, sku, quantity, supply }) => {
    let [one, part] = [line, 1];
    while (names.has(one)) one = `${line}#${++part}`;
    names.add(one);
    const reserved = { line: one, sku, quantity, node };
    return supply === undefined ? reserved : { ...reserved, supply };
  }));
}
