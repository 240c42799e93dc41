// Nothing: what Node.js itself takes to load an ES module.
