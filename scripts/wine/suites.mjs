/** What runs in Wine. */

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {'x64' | 'arm64'} arch Of Windows' Node.
 * @property {readonly string[]} files Patterns of test files.
 */

const parts = [
  'native/test/sampler.test.ts',
  'native/test/sentencepiece.test.ts',
  'native/test/{kv-layout,platform}/*.test.ts',
];

/** @type {readonly Suite[]} */
export const suites = [
  { name: 'parts-x64', arch: 'x64', files: [...parts, 'native/test/{exports,qnn-context}.test.ts'] },
  { name: 'unit', arch: 'x64', files: ['{main,preload,scripts,e2e/host}/**/*.test.{ts,mjs}', '!scripts/packaging/**'] },
  { name: 'promises', arch: 'x64', files: ['torture/**/*.test.ts'] },
  {
    name: 'parts-arm64',
    arch: 'arm64',
    files: [
      ...parts,
      'main/{store,files,diagnostics/machine}/**/*.test.ts',
      'main/engine/tokenizer/sentencepiece.test.ts',
    ],
  },
];
