/**
 * `npm run bench`: prints one line per figure. Comparisons are ratios of times measured in turns in one run, so that
 * they hold on a busy machine too.
 *
 *   npm run bench [-- speed | load | memory | turns | lookup | sampling | window | panel | open | flood | paint | start | heap | typing | kernels | blocks | instructions | token-instructions | host-share | profiling | bundle …]
 */
import { loadAddon } from '../main/engine/addon.ts';
import { Engine } from '../main/engine/engine.ts';
import { nativeRunners } from '../main/engine/native-runner.ts';
import type { LoadedModel } from '../main/engine/protocol.ts';
import { resolveBundle } from '../main/models/bundle.ts';
import { Failure, runMain } from '../scripts/lib/failure.mjs';
import { setup } from '../scripts/setup.mjs';
import { blockFigures } from './blocks.ts';
import { bundleFigure } from './bundle.ts';
import { floodFigures, paintFigure } from './flood.ts';
import { formatFigure, type Figure } from './figure.ts';
import { heapFigure } from './heap.ts';
import { hostShareFigures } from './host-share.ts';
import { instructionFigures } from './instructions.ts';
import { kernelFigures } from './kernels.ts';
import { loadFigure } from './load.ts';
import { lookupFigures } from './lookup.ts';
import { memoryFigure } from './memory.ts';
import { openFigure } from './open.ts';
import { profilingFigure } from './profiling.ts';
import { startFigure } from './start.ts';
import { samplingFigures } from './sampling.ts';
import { speedFigures } from './speed.ts';
import { tokenInstructionFigures } from './token-instructions.ts';
import { turnsFigure } from './turns.ts';
import { typingFigure } from './typing.ts';
import { panelFigure } from './panel.ts';
import { windowFigure } from './window.ts';

// Set up first, so that no figure comes from an older addon or model.
await setup();
const { paths } = await resolveBundle();

/** Every benchmark by its name. It names figures that it cannot measure on standard error. */
const benchmarks = {
  speed: async function* () {
    const { facts } = await describe();
    yield* speedFigures({ ...paths, prefillLength: facts.prefillLength ?? 1 });
  },
  load: async function* () {
    yield await loadFigure(paths);
  },
  memory: async function* () {
    const figure = await memoryFigure(paths, await describe());
    if (figure !== undefined) yield figure;
  },
  turns: async function* () {
    yield await withEngine(turnsFigure);
  },
  lookup: async function* () {
    yield* await withEngine(lookupFigures);
  },
  sampling: samplingFigures,
  kernels: kernelFigures,
  blocks: blockFigures,
  instructions: instructionFigures,
  'token-instructions': () => tokenInstructionFigures(paths),
  'host-share': hostShareFigures,
  profiling: profilingFigure,
  window: inWindow(() => windowFigure(paths)),
  panel: inWindow(panelFigure),
  open: inWindow(openFigure),
  flood: inWindow(floodFigures),
  paint: inWindow(paintFigure),
  start: inWindow(startFigure),
  heap: inWindow(heapFigure),
  typing: inWindow(typingFigure),
  bundle: async function* () {
    yield await bundleFigure();
  },
} satisfies Record<string, () => AsyncGenerator<Figure>>;

type Name = keyof typeof benchmarks;
const names = Object.keys(benchmarks);
const isName = (name: string): name is Name => names.includes(name);

/** Benchmarks of the built app in its window. */
function inWindow(measure: () => Promise<Figure | readonly Figure[]>): () => AsyncGenerator<Figure> {
  return async function* () {
    await setup({ app: true, browser: true });
    yield* [await measure()].flat();
  };
}

async function describe(): Promise<LoadedModel> {
  return await withEngine((_, model) => Promise.resolve(model));
}

async function withEngine<T>(work: (engine: Engine, model: LoadedModel) => Promise<T>): Promise<T> {
  const engine = new Engine(nativeRunners(await loadAddon()));
  const model = await engine.load(paths);
  try {
    return await work(engine, model);
  } finally {
    await engine.unload();
  }
}

await runMain(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !isName(name));
  if (unknown !== undefined) {
    throw new Failure(`${unknown} is not a benchmark.`, { hint: `npm run bench -- ${names.join(' | ')}` });
  }
  for (const [name, run] of Object.entries(benchmarks)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for await (const figure of run()) console.log(formatFigure(figure));
  }
});
