/** Says so where a script of the page cannot be loaded or run, or takes long: whatever would say it otherwise is in such a script. */
const opening = () => document.querySelector("#main .loading");
const SLOW_MS = 10_000;

addEventListener("error", ({ target }) => {
  const main = document.getElementById("main");
  // Once the shop is open it says itself what is wrong.
  if (main === null || !(target instanceof HTMLScriptElement || (target === window && opening() !== null))) return;
  main.textContent = "The shop cannot open: a part of this page could not be loaded, or this browser cannot run it. Load the page again in a moment.";
}, true);

setTimeout(() => opening()?.append(" This takes longer than it should: the network may be slow. It goes on as soon as the rest has come."), SLOW_MS);
