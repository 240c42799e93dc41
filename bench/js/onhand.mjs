// The package as it is published, from npm/dist/, and a way to see how much memory its instances take.

let memory;
const Instance = WebAssembly.Instance;
// The package keeps its instance to itself, as it should. Whoever counts its pages has to be there when it is made.
WebAssembly.Instance = class extends Instance {
  constructor(module, imports) {
    super(module, imports);
    if (this.exports.memory !== undefined) memory = this.exports.memory;
  }
};

export const onhand = await import("../../npm/dist/node.js");

/** Bytes of memory of the instance that was made last. It only ever grows. */
export const memoryBytes = () => memory.buffer.byteLength;

/** An engine that has posted all of these facts, quietly. */
export function engineWith(facts) {
  const engine = onhand.createEngineSync();
  const outcome = engine.applyAll(facts);
  if (outcome.posted !== facts.length || outcome.exceptions !== 0) throw new Error(`facts were not posted: ${JSON.stringify(outcome)}`);
  return engine;
}
