import type { Atp, AtpQuery, Flavour, LateRule } from "./types.js";
import { FLAVOURS } from "./asked.js";
import { Words } from "./words.js";

/** The question in numbers; the order is that of the binding. */
export function encodeAtp({ sku, node, now, rule = {}, demand }: AtpQuery): Words {
  const { flavour = "look_ahead", windowMs, infiniteAfterMs, starts, lateSupply, lateDemand } = rule;
  const words = new Words().name(sku).name(node).number(now).number(FLAVOURS.indexOf(flavour)).number(windowMs).number(infiniteAfterMs);
  for (const { ignoredAfterMs, offsetMs = 0 } of [lateSupply ?? {}, lateDemand ?? {}] as LateRule[]) words.number(ignoredAfterMs).number(offsetMs);
  words.list(starts, (start) => words.number(start));
  return words.list(demand, ({ time, units }) => words.number(time).number(units));
}

/** Numbers of a bucket in the answer. */
const BUCKET = 7;

export function decodeAtp(flavour: Flavour, words: readonly number[]): Atp {
  const buckets = Array.from({ length: words.length / BUCKET }, (_, at) => {
    const [time, supply, demand, projected, raw, available, bindsAt] = words.slice(at * BUCKET, (at + 1) * BUCKET) as
      [number, number, number, number, number, number, number];
    return { time, supply, demand, projected, raw, available, bindsAt };
  });
  return { flavour, buckets };
}
