// Questions come as lines of JSON and are answered by lines of JSON: what every host has in common.
//
// A host is an object with a function for each thing that is asked (`evolve`, `digest`, …). What it throws as misuse is an
// answer like any other; what it throws else is an error of the host.
import { createInterface } from "node:readline";

/** The answer for a text that is no event. */
export const UNREADABLE = { ok: false, code: "unreadable" };

/** Answers questions until there are no more. */
export async function serve(host) {
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    let reply;
    try {
      reply = { answer: (await host[question.do](question)) ?? null };
    } catch (error) {
      reply = { error: String(error?.stack ?? error) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}

export const hex = (bytes) => Buffer.from(bytes).toString("hex");
export const unhex = (text) => new Uint8Array(Buffer.from(text, "hex"));
