/**
 * The tests that do not run in Wine, each with its reason. `npm run test:windows` counts them as skipped. A laptop with Windows
 * runs all of them but those that need ExecuTorch, and those too once its addon is built.
 */

const executorch = 'needs ExecuTorch, which has no C++ SDK for Windows to link with';
const git = 'calls git, which is not in Wine';
const chromium = 'needs Chromium, which is not in Wine';
const links = 'Wine makes no links';
const realPaths = 'Wine finds no real path of more than 260 characters';
const drives = 'Wine’s subst makes no drive';

/**
 * @typedef {object} LeftOut
 * @property {string} file From the root, with slashes.
 * @property {RegExp} [tests] Full names, with those of their groups; absent: the whole file.
 * @property {string} reason
 */

/** @type {readonly LeftOut[]} */
export const leftOut = [
  {
    file: 'main/engine/engine.test.ts',
    tests: /^the trained fixture|^the default model|operators that the runtime lacks/,
    reason: executorch,
  },
  { file: 'main/engine/index.test.ts', tests: /fault of an addon or a bundle/, reason: executorch },
  {
    file: 'main/engine/open-bundle.test.ts',
    tests:
      /^the ends of an answer|added_tokens_decoder that|line ends of Windows|^an unusable value|^a tokenizer with more/,
    reason: executorch,
  },
  { file: 'native/test/exports.test.ts', tests: /^the runtime has|^missingOperators/, reason: executorch },
  {
    file: 'main/cli/cli.test.ts',
    tests:
      /^generate (prints the exact|--json|--tokens|--prompt and|--model takes|--seed)|^diagnose reports|^errors.*(prompt$|beyond the vocabulary|longer than the context|both numbers|truncated part|reports this|and named|anything else)|^chat |^inspect and bench (inspect|bench)|^an export of optimum-executorch, .* with --tokenizer|^a program for another chip|^thoughts (are lines|--thinking off|a file of messages)/,
    reason: executorch,
  },
  { file: 'torture/promises.test.ts', tests: /^(E1|E9|E10|E12|E13)$/, reason: executorch },
  { file: 'e2e/host/web-contents.test.ts', reason: chromium },
  { file: 'scripts/eslint/rooms.test.mjs', reason: git },
  { file: 'scripts/hostile-rules.test.mjs', reason: git },
  { file: 'scripts/setup/commit-hook.test.mjs', reason: git },
  { file: 'scripts/windows/verify-qnn.test.mjs', tests: /is in the repository/, reason: git },
  { file: 'main/models/addition/windows-paths.test.ts', tests: /more than 260 characters/, reason: realPaths },
  { file: 'main/library/model-files.test.ts', tests: /^the files on a drive/, reason: drives },
  { file: 'scripts/lib/link.test.mjs', tests: /parent folder|older link/, reason: links },
  {
    file: 'main/library/additions.test.ts',
    tests: /in the cache of Hugging Face|links in a circle|a link out/,
    reason: links,
  },
  { file: 'main/models/addition/repositories.test.ts', tests: /^a snapshot/, reason: links },
  { file: 'main/models/genie.test.ts', tests: /links (?:out|inside)/, reason: links },
  { file: 'main/models/addition/gather.test.ts', tests: /^the cache of Hugging Face|^links /, reason: links },
];

/**
 * Returns why a test is left out, or undefined.
 * @param {string} file From the root, with slashes @param {string} name Full name
 */
export function whyLeftOut(file, name) {
  return leftOut.find((one) => one.file === file && (one.tests === undefined || one.tests.test(name)))?.reason;
}
