import type { Atp, AtpQuery, Flavour, LateRule } from "./types.js";
import { FLAVOURS } from "./wire.js";

/** The question in numbers; the order is that of the binding. */
export function encodeAtp({ now, rule = {}, demand = [] }: AtpQuery): Float64Array {
  const late = ({ ignoredAfterMs = -1, offsetMs = 0 }: LateRule = {}): number[] => [ignoredAfterMs, offsetMs];
  const { flavour = "look_ahead", windowMs = -1, infiniteAfterMs = -1, starts = [], lateSupply, lateDemand } = rule;
  return new Float64Array([
    now, FLAVOURS.indexOf(flavour), windowMs, infiniteAfterMs, ...late(lateSupply), ...late(lateDemand),
    starts.length, ...starts, ...demand.flatMap(({ time, units }) => [time, units]),
  ]);
}

/** Numbers of a bucket in the answer. */
const BUCKET = 7;

export function decodeAtp(flavour: Flavour, words: Float64Array): Atp {
  const buckets = Array.from({ length: words.length / BUCKET }, (_, at) => {
    const [time, supply, demand, projected, raw, available, bindsAt] = words.subarray(at * BUCKET, (at + 1) * BUCKET) as unknown as
      [number, number, number, number, number, number, number];
    return { time, supply, demand, projected, raw, available, bindsAt };
  });
  return { flavour, buckets };
}
