#!/usr/bin/env node
// The `solc` command line that forge expects, on top of npm's WebAssembly build of the compiler.
// It answers `--version` and `--standard-json` and refuses everything else, so that a caller with other
// needs fails loudly rather than compiles with settings nobody chose.
"use strict";

const { readFileSync, writeSync } = require("node:fs");

// Stated rather than asked: loading the compiler for its version would cost every forge call a second.
// Each compilation checks it.
const VERSION = "0.8.37+commit.f401782d.Emscripten.clang";
const STDOUT = 1;

/** Writes all of `bytes`: one write may take only part of a large answer when stdout is a pipe. */
function writeAll(bytes) {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(STDOUT, bytes, done);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

function compile() {
  const solc = require("solc");
  if (solc.version() !== VERSION) {
    throw new Error(`solc.cjs expects ${VERSION}, but node_modules holds ${solc.version()}`);
  }
  writeAll(Buffer.from(solc.compile(readFileSync(0, "utf8"))));
}

const given = process.argv.slice(2);
if (given.includes("--version")) {
  writeAll(Buffer.from(`solc, the solidity compiler commandline interface\nVersion: ${VERSION}\n`));
} else if (given.includes("--standard-json")) {
  compile();
} else {
  console.error(`solc.cjs: cannot do: ${given.join(" ")}`);
  process.exitCode = 1;
}
