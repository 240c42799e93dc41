// The declarations as an editor shows them: each name and each property says what it is, and nothing is `any`.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const entries = ["node", "browser", "workerd", "floor_node", "rules_node", "explain", "web"].map((name) => join(dist, `${name}.d.ts`));
const options = { strict: true, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022, types: ["node"] };
const program = ts.createProgram(entries, options);
const checker = program.getTypeChecker();

/** All that an entry exports, once. */
const exported = [...new Set(entries.flatMap((entry) => {
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
  return checker.getExportsOfModule(module).map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
}))];

const saysNothing = (symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() === "";
const partsOf = (declaration) => (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration) ? [...declaration.members] : []);
/** Parts that are nobody's but ours. */
const isHidden = (part) => ts.getJSDocTags(part).some(({ tagName }) => tagName.text === "internal")
  || (ts.getCombinedModifierFlags(part) & (ts.ModifierFlags.Protected | ts.ModifierFlags.Private)) !== 0
  || (part.name !== undefined && ts.isComputedPropertyName(part.name));
/** Names that people write: no private parts, and no symbols. */
const isPublic = (part) => part.name !== undefined && (ts.isIdentifier(part.name) || ts.isStringLiteral(part.name)) && !isHidden(part);

test("each name says what it is, and each property of it", () => {
  const silent = exported.flatMap((symbol) => {
    const parts = symbol.declarations.flatMap(partsOf).filter(isPublic).map(({ name }) => checker.getSymbolAtLocation(name));
    return [...(saysNothing(symbol) ? [symbol.name] : []), ...parts.filter(saysNothing).map((part) => `${symbol.name}.${part.name}`)];
  });
  assert.ok(exported.length > 150);
  assert.deepEqual(silent, []);
});

test("nothing is `any`", () => {
  const found = [];
  const look = (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${node.getSourceFile().fileName}: ${node.parent.getText()}`);
    ts.forEachChild(node, look);
  };
  for (const file of program.getSourceFiles()) if (file.fileName.startsWith(dist)) look(file);
  assert.deepEqual(found, []);
});

test("each type of an argument or an answer has a name in its entry", () => {
  const named = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  /** What a declaration speaks of. What a class is built on has no name for users, but what it can do is theirs. */
  const look = (node, tell, seen) => {
    if (isHidden(node) || seen.has(node)) return;
    seen.add(node);
    const name = ts.isTypeReferenceNode(node) ? node.typeName : ts.isExpressionWithTypeArguments(node) ? node.expression : undefined;
    const symbol = name && named(checker.getSymbolAtLocation(name));
    // A name within a namespace is not ours: `WebAssembly.Module`.
    if (!ts.isQualifiedName(name ?? node) && symbol?.declarations.some((one) => one.getSourceFile().fileName.startsWith(dist)) && !(symbol.flags & ts.SymbolFlags.TypeParameter)) {
      if (ts.isTypeReferenceNode(node)) tell(symbol);
      else for (const one of symbol.declarations) look(one, tell, seen);
    }
    ts.forEachChild(node, (child) => look(child, tell, seen));
  };
  // Those of `onhand/explain` and `onhand/web` are about answers of the engine, and are named there.
  for (const entry of entries.filter((name) => !/explain|web/.test(name))) {
    const exports = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry))).map(named);
    const nameless = new Set();
    const seen = new Set();
    for (const { declarations } of exports) for (const one of declarations) look(one, (symbol) => exports.includes(symbol) || nameless.add(symbol.name), seen);
    assert.deepEqual([...nameless], [], entry);
  }
});

test("a server's bundle has types without those of a browser", () => {
  const { ESNext } = ts.ModuleKind;
  const server = { ...options, module: ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, lib: ["lib.es2022.d.ts"], skipLibCheck: false, noEmit: true };
  const problems = ts.getPreEmitDiagnostics(ts.createProgram([join(dist, "browser.d.ts")], server));
  assert.deepEqual(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")), []);
});
