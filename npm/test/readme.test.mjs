// The examples of the README, type-checked and run as they stand there.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { KINDS } from "onhand";

const root = fileURLToPath(new URL("..", import.meta.url));

const readme = readFileSync(join(root, "README.md"), "utf8");
const [examples, outputs] = ["ts", "text"].map((language) => [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, "g"))].map(([, text]) => text));

test("each example has its output", () => assert.ok(examples.length === outputs.length && examples.length > 1));

test("each kind of event stands under its door", () => {
  const tables = readFileSync(join(root, "../docs/TABLES.md"), "utf8");
  const doors = [...tables.matchAll(/^\| <a id="kind-\w+"><\/a>`(\w+)` \| [^|]* \| (\w+) \|/gm)].map(([, kind, door]) => `${kind}: ${door}`);
  const rows = [...readme.match(/## What to tell it\n[^]*?\n## /)[0].matchAll(/^\| (?!about|---)(.*) \|$/gm)].map(([, row]) => row.split("|").slice(1));
  const said = rows.flatMap((cells) => cells.flatMap((cell, at) => [...cell.matchAll(/`(\w+)`/g)].map(([, kind]) => `${kind}: ${["fact", "both", "command"][at]}`)));
  assert.equal(doors.length, KINDS.length);
  assert.deepEqual(said.sort(), doors.sort());
});

// That of the project's README says what it prints beside it.
const [first] = readFileSync(join(root, "../README.md"), "utf8").match(/(?<=```ts\n)[^]*?(?=```)/);
examples.push(first);
outputs.push([...first.matchAll(/^console\.log\(.*\); \/\/ (.*\n)/gm)].map(([, said]) => said).join(""));

/** As a project is that takes no chances. */
const STRICT = [
  "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noPropertyAccessFromIndexSignature", "--noUnusedLocals", "--noUnusedParameters",
  "--verbatimModuleSyntax", "--isolatedModules", "--target", "es2022", "--lib", "es2022", "--types", "node",
];

function compile(...options) {
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), ...STRICT];
  const { status, stdout } = spawnSync(process.execPath, [...tsc, ...options], { cwd: root, encoding: "utf8" });
  assert.equal(status, 0, stdout);
}

test("the types are found as bundlers look for them, too", () => {
  const folder = mkdtempSync(join(root, "dist", "readme-"));
  try {
    const files = examples.map((example, at) => join(folder, `example${at}.ts`));
    for (const [at, file] of files.entries()) writeFileSync(file, examples[at]);
    compile("--module", "esnext", "--moduleResolution", "bundler", "--noEmit", ...files);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const [at, example] of examples.entries()) test(`example ${at + 1} says what the README says it does`, { timeout: 120_000 }, () => {
  const output = outputs[at];
  // Within the package, so that it finds itself by its name.
  const folder = mkdtempSync(join(root, "dist", "readme-"));
  try {
    writeFileSync(join(folder, "example.mts"), example);
    compile("--module", "nodenext", "--rootDir", folder, "--outDir", folder, join(folder, "example.mts"));
    assert.equal(execFileSync(process.execPath, [join(folder, "example.mjs")], { encoding: "utf8" }), output);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
