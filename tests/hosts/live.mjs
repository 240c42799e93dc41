// What promises live by after they are made, in numbers as the binding asks and answers it: wasm/src/words.rs says which number is what.
import { promise } from "./promise.mjs";

const [SKU, NODE, WORD] = [1, 2, 3];
const NONE = 0xffff_ffff;

/** A promise on a changed view. */
export function promiseIf(engine, { request, changes }) {
  const words = [];
  for (const change of changes) {
    const [kind, said] = Object.entries(change)[0];
    const [sku, node] = [said.sku === undefined ? 0 : engine.number_of(SKU, said.sku), engine.number_of(NODE, said.node)];
    if (sku === NONE) return { ok: false, code: "unknown_sku", sku: said.sku };
    if (node === NONE) return { ok: false, code: "unknown_node", node: said.node };
    const supply = said.supply === undefined ? 0 : engine.number_of(WORD, said.supply);
    const kinds = ["stock", "supply", "moved", "on_line", "unprotected"];
    words.push(kinds.indexOf(kind), sku, node, said.units ?? Number(said.on_line ?? 0), said.due ?? -1, supply);
  }
  return promise(engine, request, (question) => engine.promise_if(question, new Float64Array(words)));
}
