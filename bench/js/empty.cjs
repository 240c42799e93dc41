// Nothing: what Node.js itself takes to load a CommonJS module.
