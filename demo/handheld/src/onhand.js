/** The package, as the demo's server gives it out. With a bundler one would write "onhand/floor"; this page has no build. */
export { createEngine, isOnhandError, restore } from "/onhand/dist/floor_browser.js";
