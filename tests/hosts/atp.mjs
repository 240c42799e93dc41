// Available to promise in numbers, as the binding asks and answers it: wasm/src/words.rs says which number is what.
import { ask, words } from "./words.mjs";

const FLAVOURS = ["look_ahead", "cumulative", "discrete", "cumulative_discrete", "backward", "backward_accumulated"];
const FIELDS = ["time", "supply", "demand", "projected", "raw", "available", "binds_at"];

/** Asks an engine of the binding what can be promised when, with the keys of the wire. */
export function atp(engine, { sku, node, now, rule, demand }) {
  const flavour = rule.flavour ?? "look_ahead";
  const asked = words();
  const { number, name, list } = asked;
  name(sku, node);
  number(now, FLAVOURS.indexOf(flavour), rule.window_ms, rule.infinite_after_ms);
  for (const one of [rule.late_supply, rule.late_demand]) number(one?.ignored_after_ms, one?.offset_ms ?? 0);
  list(rule.starts ?? [], (start) => number(start));
  list(demand, ({ time, units }) => number(time, units));
  const answer = ask(engine, "atp", asked);
  if (answer.length === 0) return null;
  const buckets = [];
  while (answer.length > 0) buckets.push(Object.fromEntries(FIELDS.map((field) => [field, answer.shift()])));
  return { flavour, buckets };
}
