// Available to promise in numbers, as the binding asks and answers it: wasm/src/words.rs says which number is what.

const FLAVOURS = ["look_ahead", "cumulative", "discrete", "cumulative_discrete", "backward", "backward_accumulated"];
const FIELDS = ["time", "supply", "demand", "projected", "raw", "available", "binds_at"];

/** Asks an engine of the binding what can be promised when, with the keys of the wire. */
export function atp(engine, { sku, node, now, rule, demand }) {
  const late = (one) => [one?.ignored_after_ms ?? -1, one?.offset_ms ?? 0];
  const flavour = rule.flavour ?? "look_ahead";
  const starts = rule.starts ?? [];
  const question = [
    now, FLAVOURS.indexOf(flavour), rule.window_ms ?? -1, rule.infinite_after_ms ?? -1, ...late(rule.late_supply), ...late(rule.late_demand),
    starts.length, ...starts, ...demand.flatMap(({ time, units }) => [time, units]),
  ];
  const words = [...engine.atp(sku, node, new Float64Array(question))];
  if (words.length === 0) return null;
  const buckets = [];
  while (words.length > 0) buckets.push(Object.fromEntries(FIELDS.map((field) => [field, words.shift()])));
  return { flavour, buckets };
}
