/** Two questions about stock, answered where the visitor is: no database is asked, only a snapshot of the book. */
import { ask, health } from "./book.js";
import { jsonBody, parameters, Problem, problemOf, valueAt } from "./problem.js";

/** So that no request takes the worker's whole time; a plan that is not proven by then says so. */
const STEPS_MAX = 2_000_000;

export default {
  /**
   * @param {Request} request
   * @param {import("./book.js").Environment} environment
   */
  async fetch(request, environment) {
    const response = await respond(request, environment);
    // What HEAD asks for is all of the answer but its body.
    return request.method === "HEAD" ? new Response(null, response) : response;
  },
};

/**
 * @typedef {{ answer: unknown, headers: Record<string, string> }} Answered What is answered, and which snapshot it is from.
 * @type {Record<string, { methods: readonly string[], answer: (request: Request, environment: import("./book.js").Environment) => Promise<Answered> }>}
 */
const ADDRESSES = {
  "/availability": { methods: ["GET", "HEAD"], answer: (request, environment) => availability(new URL(request.url).searchParams, environment) },
  "/health": { methods: ["GET", "HEAD"], answer: (_, environment) => health(environment) },
  "/promise": { methods: ["POST"], answer: async (request, environment) => promise(await jsonBody(request), environment) },
};

/**
 * @param {Request} request
 * @param {import("./book.js").Environment} environment
 */
async function respond(request, environment) {
  try {
    const { pathname } = new URL(request.url);
    if (!Object.hasOwn(ADDRESSES, pathname)) {
      throw new Problem(404, "unknown_address", "path", pathname, "is not known: there are GET /availability, POST /promise and GET /health");
    }
    const { methods, answer } = ADDRESSES[pathname];
    const Allow = [...methods, "OPTIONS"].join(", ");
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: { Allow } });
    if (!methods.includes(request.method)) throw new Problem(405, "unknown_method", "method", request.method, `is not one of ${Allow}`, { Allow });
    const answered = await answer(request, environment);
    return Response.json(answered.answer, { headers: { "Cache-Control": "no-store", ...answered.headers } });
  } catch (error) {
    return problemOf(error).response();
  }
}

/**
 * What may be sold of an item at a node.
 *
 * @param {URLSearchParams} search
 * @param {import("./book.js").Environment} environment
 */
async function availability(search, environment) {
  const { sku, node, now } = parameters(search, { needed: ["sku", "node"], wanted: ["now"] });
  // A moment that is no number stays a text, for the package to refuse by name.
  const query = { sku, node, now: now === undefined ? Date.now() : /^\d+$/.test(now) ? Number(now) : now };
  try {
    return await ask(environment, (engine) => {
      const availability = engine.available(query);
      if (availability !== undefined) return { ok: true, version: engine.version, ...query, ...availability };
      // Which of the two names the book does not know, the other question tells.
      const refused = engine.promise({ lines: [{ sku, quantity: 1 }], to: { pickUp: node }, now: query.now });
      const field = !refused.ok && refused.code === "unknown_node" ? "node" : "sku";
      throw new Problem(404, `unknown_${field}`, field, query[field], "is not in the book");
    });
  } catch (error) {
    throw problemOf(error, (field) => ({ sku, node, now })[field]);
  }
}

/**
 * What can be offered for some lines: from where, by when and at what cost.
 *
 * @param {unknown} body A promise request; `now` may be left out.
 * @param {import("./book.js").Environment} environment
 */
async function promise(body, environment) {
  const given = /** @type {import("onhand").PromiseRequest} */ (body);
  const { stepsMax: steps = STEPS_MAX } = given.policy ?? {};
  if (steps > STEPS_MAX) throw new Problem(400, "limit", "policy.stepsMax", steps, `is more than ${STEPS_MAX}`);
  // What is no object stays as it came, for the package to refuse by name.
  const policy = given.policy === undefined || isObject(given.policy) ? { ...given.policy, stepsMax: steps } : given.policy;
  const request = { now: Date.now(), ...given, policy };
  try {
    const { answer: offer, headers } = await ask(environment, (engine) => engine.promise(request));
    if (offer.ok) return { answer: offer, headers };
    const field = fieldOf(offer, request);
    const status = offer.code.startsWith("unknown") ? 404 : 422;
    throw new Problem(status, offer.code, field, valueAt(request, field), status === 404 ? "is not in the book" : "cannot be promised");
  } catch (error) {
    throw problemOf(error, (field) => valueAt(request, field));
  }
}

/**
 * The part of the request that a refusal is about.
 *
 * @param {import("onhand").RequestRefused} refused
 * @param {import("onhand").PromiseRequest} request
 */
function fieldOf(refused, request) {
  if (refused.code === "unknown_sku") return `lines[${request.lines.findIndex((line) => line.sku === refused.sku)}].sku`;
  return refused.code === "unknown_node" ? "to.pickUp" : "lines";
}

/** @param {unknown} value */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
