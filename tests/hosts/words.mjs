// Questions as the binding reads them, wasm/src/reader.rs, and the numbers of its doors.

const DOORS = [
  "available_everywhere", "exceptions", "losing_claims", "positions", "supply", "scan", "kit", "name_of", "atp", "open_promises", "redistribute",
  "tries", "counterfactual", "count",
];
const DOORS_UNDER = ["tries", "counterfactual", "shown", "earliest", "latest", "latest_by"];

/** Numbers, and the names that some of them stand for. */
export function words() {
  const [numbers, names] = [[], []];
  const number = (...values) => numbers.push(...values.map((value) => (value === undefined || value === null ? -1 : Number(value))));
  const name = (...texts) => texts.forEach((text) => number(text === undefined || text === null ? -1 : names.push(text) - 1));
  const list = (all, one) => {
    number(all.length);
    all.forEach(one);
  };
  return { number, name, list, asked: () => [new Float64Array(numbers), names.join("\n")] };
}

/** Asks an engine by the door of a name. */
export const ask = (engine, door, { asked }) => JSON.parse(engine.ask(DOORS.indexOf(door), ...asked()));

/** The same under rules. */
export const askUnder = (engine, rules, door, { asked }) => JSON.parse(engine.ask_under(rules, DOORS_UNDER.indexOf(door), ...asked()));

/** The name behind a number. */
export function nameOf(engine, kind, number) {
  const asked = words();
  asked.number(kind, number);
  return ask(engine, "name_of", asked) ?? undefined;
}
