// The npm package under Node.js, used as its users do: with objects whose keys are in camel case.
import { createEngine, isOnhandError, restore } from "../../npm/dist/node.js";
import { restoreSync as restoreOnFloor, Trail } from "../../npm/dist/floor_node.js";
import { restoreSync as restoreUnderRules } from "../../npm/dist/rules_node.js";
import { hex, serve, unhex, UNREADABLE } from "./lines.mjs";

let engine = await createEngine();
const carts = new Map();

function replace(other) {
  engine.free();
  engine = other;
}

// Values are never renamed, and `__proto__` is a key like any other.
function renamed(value, rename) {
  if (Array.isArray(value)) return value.map((one) => renamed(one, rename));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [rename(key), renamed(inner, rename)]);
  return Object.fromEntries(entries);
}

const camel = (value) => renamed(value, (key) => key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()));
const snake = (value) => renamed(value, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

/** What the package throws as misuse is a text that cannot be read, as elsewhere. */
function unlessMisused(call) {
  try {
    return call();
  } catch (error) {
    if (isOnhandError(error) && error.code === "invalid_argument") return UNREADABLE;
    throw error;
  }
}

const tell = (door, event) => unlessMisused(() => snake(engine[door](camel(JSON.parse(event)))));
/** Rules are asked of the entry that knows them: it goes on with the same book. */
function underRules(rules, ask) {
  const ruled = restoreUnderRules(engine.snapshot());
  try {
    return ask(ruled, ruled.rules(camel(rules)));
  } finally {
    ruled.free();
  }
}

/** Asks the engine or, where the request has rules, the one that knows them. */
function ruledOr({ rules, ...request }, ask) {
  const plain = camel(request);
  return unlessMisused(() => snake(rules === undefined ? ask(engine, plain) : underRules(rules, (ruled, read) => ask(ruled, plain, read))));
}

/** The doors of the floor are those of another entry: it goes on with the same book. */
function onFloor(ask) {
  const floor = restoreOnFloor(engine.snapshot());
  try {
    return snake(ask(floor));
  } finally {
    floor.free();
  }
}

/** Absent keys instead of nulls, and packs as objects: what the package takes. */
const said = (value) => Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null));

function inspect({ receipt, expires, order }) {
  const read = camel(receipt);
  const lines = read.lines.map((line, at) => (expires[at] === null ? line : { ...line, expires: expires[at] }));
  const items = order?.items.map((item) => camel(said({ ...item, packs: item.packs.map(([pack, units]) => ({ pack, units })) })));
  return onFloor((floor) => floor.inspect({ receipt: { ...read, lines }, ...(items && { order: { supply: order.supply, items } }) }));
}

function desk({ policy, events }) {
  return onFloor((floor) => {
    const trail = new Trail(floor, { policy: camel(policy) });
    const answers = events.map(({ door, event, recorded }) => trail[door](camel(JSON.parse(event)), recorded));
    return { answers, due: trail.due(), ...trail.head() };
  });
}

await serve({
  open: async () => replace(await createEngine()),
  evolve: ({ event }) => tell("apply", event),
  execute: ({ event }) => tell("execute", event),
  decide: ({ event }) => tell("decide", event),
  availability: (query) => snake(engine.available(query)),
  atp: ({ query }) => snake(engine.atp(camel(query)) ?? null),
  promise: ({ request }) => ruledOr(request, (shop, plain, ...under) => shop.promise(plain, ...under)),
  shown: ({ query: { rules, channel, ...query } }) =>
    underRules(rules, (ruled, read) => ruled.shown(channel === null ? query : { ...query, channel }, read)) ?? null,
  promise_if: ({ query }) => ruledOr(query.request, (shop, plain, ...under) => shop.promiseIf(plain, camel(query.changes), ...under)),
  promise_surely: ({ query }) => ruledOr(query.request, (shop, plain, ...under) => shop.promiseSurely(plain, camel(query.risk), ...under)),
  tries: ({ query }) => ruledOr(query.request, (shop, plain, ...under) => shop.tries(plain, camel(query.risk), ...under)),
  counterfactual: ({ query: { request, cheaper_by, steps_max } }) => {
    const wish = { ...(cheaper_by === 0 ? {} : { cheaperBy: cheaper_by }), ...(steps_max === null ? {} : { stepsMax: steps_max }) };
    return ruledOr(request, (shop, plain, ...under) => shop.counterfactual(plain, wish, ...under));
  },
  promise_again: ({ query }) => ruledOr(query.request, (shop, plain, ...under) => shop.promiseAgain(plain, query.order, ...under)),
  earliest: ({ query: { rules, at, ...leg } }) => ({ ok: true, ...snake(underRules(rules, (ruled, read) => ruled.earliest({ ...leg, now: at }, read)) ?? {}) }),
  latest: ({ query: { rules, at, ...leg } }) =>
    ({ ok: true, latest: underRules(rules, (ruled, read) => ruled.latest({ ...leg, arriveBy: at }, read)) ?? null }),
  latest_by: ({ query: { rules, at, ...leg } }) =>
    ({ ok: true, latest: underRules(rules, (ruled, read) => ruled.latestBy({ ...leg, arriveBy: at }, read)) ?? null }),
  open_promises: ({ query }) => unlessMisused(() => ({ ok: true, ...snake(engine.openPromises(camel(query))) })),
  redistribute: ({ query }) => unlessMisused(() => snake(engine.redistribute(camel(query)))),
  cart: ({ query: { request, cart } }) => ruledOr(request, (shop, plain, ...under) => {
    const offer = shop.promise(plain, ...under);
    if (offer.ok) carts.set(cart, { request: plain, rules: request.rules, offer });
    return offer;
  }),
  accept({ query: { cart, command } }) {
    const { request, rules, offer } = carts.get(cart);
    const { kind, ...said } = camel(JSON.parse(command));
    if (rules === undefined) return snake(engine.accept(said, request, offer));
    return snake(underRules(rules, (ruled, read) => {
      const outcome = ruled.accept(said, request, offer, read);
      engine.load(ruled.snapshot());
      return outcome;
    }));
  },
  inspect: ({ query }) => inspect(query),
  tally: ({ query: { close, ...sheet } }) => onFloor((floor) => floor.count(camel(sheet), close)),
  desk: ({ query }) => desk(query),
  scan: ({ query }) => snake(engine.scan(query)),
  kit: ({ query }) => snake(engine.kit(query)),
  exceptions: ({ now }) => snake(engine.exceptions({ now })),
  digest: () => engine.digest(),
  snapshot: () => hex(engine.snapshot()),
  restore: async ({ snapshot }) => replace(await restore(unhex(snapshot))),
});
