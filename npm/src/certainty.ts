/** How sure an offer is, in numbers: the order is that of the binding. */
import type { Certainty, LineCertainty, RequestRefused, Risk, ShipmentCertainty } from "./types.js";
import { risk as readRisk } from "./asked.js";
import { NameKind, type Names } from "./book.js";
import { NONE } from "./wire.js";

const SURE = 1_000_000;

export function encodeRisk(risk: Risk, names: Names): Float64Array | RequestRefused {
  const { errors = [], supplyPpm = SURE, failureCost = 0, attemptCost = 0, weigh = false } = readRisk(risk, "risk") as Risk;
  const words = new Float64Array(4 + 4 * errors.length);
  words.set([supplyPpm, failureCost, attemptCost, weigh ? 1 : 0]);
  let at = 4;
  for (const { sku, node, error } of errors) {
    const skuNumber = sku === undefined ? -1 : names.numberOf(NameKind.Sku, sku);
    const nodeNumber = node === undefined ? -1 : names.numberOf(NameKind.Node, node);
    if (skuNumber === NONE) return { ok: false, code: "unknown_sku", sku: sku as string };
    if (nodeNumber === NONE) return { ok: false, code: "unknown_node", node: node as string };
    words.set([skuNumber, nodeNumber, error.wrongPpm, error.meanMilli], at);
    at += 4;
  }
  return words;
}

/** How sure an answer is: the numbers before it, or none when the request was refused. */
export function decodeCertainty(words: Float64Array, names: Names): Certainty | undefined {
  if (words.length === 0) return undefined;
  let at = 0;
  const next = (): number => words[at++] as number;
  const [expectedCost, ppm, shipmentCount] = [next(), next(), next()];
  const shipments: ShipmentCertainty[] = [];
  for (let one = 0; one < shipmentCount; one++) {
    const [shipmentPpm, lineCount] = [next(), next()];
    const lines: LineCertainty[] = [];
    for (let line = 0; line < lineCount; line++) {
      const sku = names.nameOf(NameKind.Sku, next()) ?? "";
      const [onHand, toCome, record, claimed, wrongPpm, meanMilli, linePpm, failureCost] = words.subarray(at, (at += 8)) as unknown as
        readonly [number, number, number, number, number, number, number, number];
      lines.push({ sku, onHand, toCome, record, claimed, error: { wrongPpm, meanMilli }, ppm: linePpm, failureCost });
    }
    shipments.push({ ppm: shipmentPpm, lines });
  }
  return { expectedCost, ppm, shipments };
}
