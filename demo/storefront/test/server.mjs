/** The demo program itself: it invents a small retailer, writes the page's data and serves the page. */
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const NETWORK = ["--stores", "24", "--items", "60", "--days", "40"];

export async function startServer() {
  const data = await mkdtemp(join(tmpdir(), "onhand-storefront-"));
  const server = spawn(await program(), [...NETWORK, "--data-out", data, "--serve", "--port", "0"], { stdio: ["ignore", "pipe", "ignore"] });
  const stop = async () => {
    server.kill();
    await rm(data, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: server.stdout })) {
    const address = line.match(/http:\/\/\S+/)?.[0];
    if (address === undefined) continue;
    const read = (name) => readFile(join(data, name));
    return { address, catalogue: JSON.parse(await read("catalogue.json")), snapshot: new Uint8Array(await read("snapshot.bin")), stop };
  }
  await stop();
  throw new Error("the demo program ended before it served the page");
}

/** Builds the program where it is not built yet, and says where it is. */
async function program() {
  const build = ["build", "--quiet", "--package", "onhand-demo", "--message-format", "json"];
  const { stdout } = await promisify(execFile)("cargo", build, { cwd: PROJECT, maxBuffer: 64 * 1024 * 1024 });
  const messages = stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const built = messages.find(({ executable, target }) => executable && target.name === "onhand-demo");
  if (built === undefined) throw new Error("cargo built no demo program");
  return built.executable;
}
