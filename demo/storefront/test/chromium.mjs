/** The browser of the machine: the one that CHROME_PATH names, or the first on the search path. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

export function findChromium() {
  const named = process.env.CHROME_PATH;
  if (named && existsSync(named)) return named;
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const endings = process.platform === "win32" ? [".exe"] : [""];
  const places = NAMES.flatMap((name) => folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))));
  return places.find((place) => existsSync(place));
}
