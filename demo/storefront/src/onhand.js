/** The package, as the demo's server gives it out. With a bundler one would write "onhand"; this page has no build. */
export { isOnhandError, restore } from "/onhand/dist/browser.js";
export { explainPassed, plain } from "/onhand/dist/explain.js";
