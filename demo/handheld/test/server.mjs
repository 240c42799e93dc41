/** Serves the page and the package as the demo program does, under the same addresses. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("..", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../../../npm/", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml", ".wasm": "application/wasm" };

/**
 * @param {number} [port]
 * @param {(path: string, text: string) => string} [change] What a newer version has in place of a script or data of the page.
 */
export async function startServer(port = 0, change = (_, text) => text) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const [root, rest] = path.startsWith("/onhand/") ? [PACKAGE, path.slice(8)] : [PAGE, path.replace(/^\/handheld\//, "")];
    const file = join(root, normalize(rest === "" ? "index.html" : rest));
    try {
      if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) throw new Error("leads out of its folder");
      const kept = await readFile(file);
      const bytes = /\.js(on)?$/.test(file) && root === PAGE ? change(rest, kept.toString()) : kept;
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "cache-control": "no-cache" }).end(bytes);
    } catch {
      response.writeHead(404).end("not found\n");
    }
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}/handheld/`, stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())) };
}
