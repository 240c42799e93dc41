/** Promises that are open: dealing out anew, and accepting. */
import type { Deal, Line, Offer, OfferLine, Shipment } from "./types.js";
import { STRATEGIES } from "./asked.js";
import { join, LINES_MAX, list, name, parts } from "./wire.js";
import { Words } from "./words.js";

/** The order is that of the binding. */
export function encodeDeal({ sku, node, now, wants }: Deal): Words {
  const words = new Words().name(sku).name(node).number(now);
  return words.list(wants, ({ subject, line = sku, strategy, wanted, neededBy }) => {
    words.name(subject).name(line).number(STRATEGIES.indexOf(strategy)).number(wanted).number(neededBy);
  });
}

/**
 * A line for each line of each shipment; where one of the request comes from several places, the others are `NAME#2`, `NAME#3`, … An offer
 * may have been with a customer: it is held to its form here, and what its lines say where the command is read.
 */
export function reservation(offer: Offer): Line[] {
  const names = new Set<string>();
  const reserved: Line[] = [];
  list((shipment, path, at) => {
    const { node, lines } = parts(shipment as Shipment);
    list((entry, path, at) => {
      const { line, sku, quantity, supply } = parts(entry as OfferLine);
      let [one, part] = [name(line, join(path, at), "line"), 1];
      while (names.has(one)) one = `${line}#${++part}`;
      names.add(one);
      reserved.push({ line: one, sku, quantity, node, ...(supply === undefined ? {} : { supply }) });
    }, LINES_MAX)(lines, join(path, at), "lines");
  }, LINES_MAX)(parts(offer).shipments, "offer", "shipments");
  return reserved;
}
