/**
 * `npm run test:reference`: makes the tests' goldens again with upstream's own exporter, runtime and libraries, and
 * with llama.cpp, and compares them with the committed files. It changes no file. It needs the two environments with torch, and
 * fails without them.
 */
import { runMain } from './lib/failure.mjs';
import { at, node } from './lib/places.mjs';
import { pythonOfExport } from './lib/export-environment.mjs';
import { seconds } from './lib/progress.mjs';
import { endChildrenOnExit, runInForeground } from './lib/run.mjs';
import { pythonEnvironment } from './setup/python.mjs';

/** Other commands than `python -m export`. @type {readonly (readonly [title: string, command: string, args: readonly string[]])[]} */
const others = [['GGUF: tokens and ids of llama.cpp', node, [at('bench', 'gguf-goldens.ts'), '--check']]];

/** The fastest first. @type {readonly (readonly [title: string, args: readonly string[]])[]} */
const comparisons = [
  ['chat templates', ['template_goldens', '--check']],
  ['tokenizers', ['tokenizer_fixtures', '--check']],
  ['Jinja', ['jinja_goldens', '--check']],
  ['added tokens', ['added_token_goldens', '--check']],
  ['rotations', ['rotation_goldens', '--check']],
  ['numbers of weight blocks', ['block_goldens', '--check']],
  ['classes of patterns', ['pattern_goldens', '--check']],
  ['programs', ['remake']],
];

/** Of the environment with optimum-executorch. @type {readonly (readonly [title: string, args: readonly string[]])[]} */
const ofOptimum = [['programs of optimum-executorch', ['optimum', '--check']]];

/** @param {string} python @returns {(one: readonly [string, readonly string[]]) => { title: string, command: string, args: readonly string[] }} */
const exportWith =
  (python) =>
  ([title, args]) => ({ title, command: python, args: ['-W', 'ignore', '-m', 'export', ...args] });

await runMain(async () => {
  const python = pythonOfExport(at('.venv-export'));
  const pythonOfOptimum = pythonOfExport(at('.venv-optimum'));
  endChildrenOnExit();
  const different = [];
  const all = [
    ...comparisons.map(exportWith(python)),
    ...ofOptimum.map(exportWith(pythonOfOptimum)),
    ...others.map(([title, command, args]) => ({ title, command, args })),
  ];
  for (const { title, command, args } of all) {
    const since = performance.now();
    console.log(`\n── ${title} ──`);
    const status = await runInForeground(command, [...args], { env: pythonEnvironment });
    console.log(
      `── ${title}: ${status === 0 ? 'as committed' : 'different'}, ${seconds(performance.now() - since)} ──`,
    );
    if (status !== 0) different.push(title);
  }
  console.log(`\n${all.length - different.length} passed, ${different.length} failed`);
  return different.length === 0 ? 0 : 1;
});
