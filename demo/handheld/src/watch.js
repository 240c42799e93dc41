/** Says so where a script of the page cannot be loaded or run: whatever would say it otherwise is in such a script. */
addEventListener("error", ({ target }) => {
  const main = document.getElementById("main");
  // Once the page is open it says itself what is wrong.
  if (main === null || !(target instanceof HTMLScriptElement || (target === window && main.querySelector(".loading") !== null))) return;
  main.textContent = "The page cannot open: a part of it could not be loaded, or this browser cannot run it. Load the page again in a moment.";
}, true);
