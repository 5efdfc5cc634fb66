/**
 * `npm run fuzz`: runs libFuzzer over the separate parts of the addon, under AddressSanitizer, LeakSanitizer and
 * UndefinedBehaviorSanitizer.
 *
 *   npm run fuzz -- [TARGET…] [--seconds N]
 *
 * `--seconds`: time for each target (default 60). Inputs that reach new code stay in `build/fuzz` for the next run.
 * A failing input ends the run. Put the named file into `native/fuzz/regressions/TARGET`.
 */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Failure, runMain } from './lib/failure.mjs';
import { buildFuzzer, corpusFolder, fuzzTargets, knownInputs } from './lib/fuzzers.mjs';
import { fuzzFigures } from './lib/fuzz-figures.mjs';
import { at } from './lib/places.mjs';
import { endChildrenOnExit, run } from './lib/run.mjs';
import { setup } from './setup.mjs';
import { findClang } from './setup/sanitizers.mjs';

/** @param {readonly string[]} names */
function choose(names) {
  const unknown = names.find((name) => !fuzzTargets.some((target) => target.name === name));
  if (unknown !== undefined) {
    throw new Failure(`${unknown} is no target.`, {
      hint: `There are ${fuzzTargets.map(({ name }) => name).join(', ')}.`,
    });
  }
  return names.length === 0 ? fuzzTargets : fuzzTargets.filter(({ name }) => names.includes(name));
}

await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: 'string', default: '60' } },
  });
  const seconds = Number(values.seconds);
  if (!Number.isSafeInteger(seconds) || seconds < 1) throw new Failure('--seconds must be a whole number from 1 up.');
  const chosen = choose(positionals);
  endChildrenOnExit();
  await setup({ sanitizers: true });
  const clang = await findClang();

  let held = true;
  for (const target of chosen) {
    const program = await buildFuzzer(target, clang);
    const corpus = corpusFolder(target);
    const { folders } = knownInputs(target);
    mkdirSync(corpus, { recursive: true });
    const artifacts = at('build', 'fuzz', target.name, '/');
    let output = '';
    let ended = 'held';
    try {
      await run(
        program,
        [
          ...[`-max_total_time=${seconds}`, `-max_len=${target.longest}`, '-timeout=10', '-print_final_stats=1'],
          ...[`-artifact_prefix=${artifacts}`, corpus, ...folders],
        ],
        { log: (text) => (output += text), env: { ASAN_SYMBOLIZER_PATH: clang.symbolizer } },
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      held = false;
      ended = 'does NOT hold';
    }
    const { runs, coverage, features, corpus: kept, artifact } = fuzzFigures(output);
    console.log(
      `${target.name}: ${ended}; ${runs} runs in ${seconds} s, ${coverage} edges and ${features} features covered by ${kept} inputs`,
    );
    if (artifact !== undefined) console.log(`${output.slice(-4000)}\nthe input: ${artifact}`);
  }
  return held ? 0 : 1;
});
