/** Says so where a script of the page cannot be loaded: whatever would say it otherwise is in such a script. */
addEventListener("error", ({ target }) => {
  const main = document.getElementById("main");
  if (!(target instanceof HTMLScriptElement) || main === null) return;
  main.textContent = "The page cannot open: a part of it could not be loaded. Load the page again in a moment.";
}, true);
