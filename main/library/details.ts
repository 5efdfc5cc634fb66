/** The parts and facts of a model, for the window. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ModelDetails, ModelMethod } from '../../preload/contract.ts';
import { toAppError } from '../app-error.ts';
import { stampOf } from '../models/file-cache.ts';
import { checkProgramFile } from '../models/preflight.ts';
import { operatorsOf, type Method, type ProgramFacts, type TensorShape } from '../models/program/program.ts';
import { unusedMedia } from '../models/program/media.ts';
import { keptStateOf } from '../models/program/state.ts';
import { qnnTarget } from '../models/program/target.ts';
import { summaryOf } from '../models/summary.ts';
import type { ModelFactsTable } from '../store/model-facts.ts';
import type { StoredModel } from '../store/models.ts';
import type { FoundBundle } from './found-bundle.ts';

/** Longer lists are cut: a hostile file could make them endless. */
const most = { arguments: 12, operators: 400, methods: 64 } as const;

/** Does not fail because of faulty files: `problem` reports them. */
export async function detailsOf(
  { id, program, files }: StoredModel,
  find: () => Promise<FoundBundle>,
  factsTable: ModelFactsTable,
): Promise<ModelDetails> {
  const [found, facts, stamp] = await Promise.all([
    find().catch(toAppError),
    checkProgramFile(program).catch(toAppError),
    stampOf(program).catch(() => undefined),
  ]);
  const problem = 'code' in facts ? facts : 'code' in found ? found : undefined;
  const told = stamp === undefined ? undefined : factsTable.get(id, stamp);
  const rewinds = told?.rewinds ?? ('code' in facts || keptStateOf(facts) !== 'more' ? undefined : false);
  const described: ReturnType<typeof describe> =
    'code' in facts ? { methods: [], operators: [], operatorCount: 0 } : describe(facts);
  return {
    id,
    files: await sizesOf(('code' in found ? files : found.files).map(({ path }) => path)),
    ...described,
    ...(problem === undefined ? {} : { problem }),
    // Only a load tells the cache of most models in context binaries.
    ...(described.stateBytes === 0 && told?.stateBytes !== undefined ? { stateBytes: told.stateBytes } : {}),
    ...(told?.tokenizer === undefined ? {} : { tokenizer: told.tokenizer }),
    ...(told?.vocabSize === undefined ? {} : { vocabSize: told.vocabSize }),
    ...(rewinds === undefined ? {} : { rewinds }),
  };
}

function describe(
  facts: ProgramFacts,
): Pick<ModelDetails, 'methods' | 'operators' | 'operatorCount' | 'stateBytes' | 'compiledFor' | 'unusedMedia'> {
  const operators = [...operatorsOf(facts)].sort();
  const target = qnnTarget(facts);
  const { stateBytes, fit } = summaryOf(facts);
  const media = unusedMedia(facts);
  return {
    // The other methods only return numbers about the model.
    methods: facts.methods
      .filter(({ inputs }) => inputs.length > 0)
      .slice(0, most.methods)
      .map(methodOf),
    operators: operators.slice(0, most.operators),
    operatorCount: operators.length,
    stateBytes,
    ...(media.length === 0 ? {} : { unusedMedia: media }),
    ...(target === undefined
      ? {}
      : {
          compiledFor: {
            chip: target.label,
            runsOn: target.runsOn,
            parts: target.shards,
            contextBytes: target.contextBytes,
            ...(target.release === undefined ? {} : { release: target.release }),
            ...(fit.runs && fit.otherChip !== undefined ? { otherChip: fit.otherChip } : {}),
          },
        }),
  };
}

function methodOf({ name, inputs, outputs, delegates }: Method): ModelMethod {
  const byBackend = Map.groupBy(delegates, ({ backend }) => backend);
  return {
    name,
    inputs: shapesOf(inputs),
    outputs: shapesOf(outputs),
    delegates: [...byBackend].map(([backend, parts]) => ({
      backend,
      parts: parts.length,
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    })),
  };
}

/** Equal neighbours become one entry with their count. */
function shapesOf(tensors: Method['inputs']): readonly string[] {
  const runs: { shape: string; times: number }[] = [];
  for (const shape of tensors.map(shapeOf)) {
    const last = runs.at(-1);
    if (last?.shape === shape) last.times++;
    else runs.push({ shape, times: 1 });
  }
  const words = runs.map(({ shape, times }) => (times === 1 ? shape : `${times} × ${shape}`));
  return words.length > most.arguments ? [...words.slice(0, most.arguments), '…'] : words;
}

function shapeOf(tensor: TensorShape | undefined): string {
  return tensor === undefined ? 'no tensor' : `${tensor.dtype} [${tensor.sizes.slice(0, 8).join(', ')}]`;
}

async function sizesOf(paths: readonly string[]): Promise<ModelDetails['files']> {
  return await Promise.all(
    paths.map(async (path) => {
      const size = (await stat(path).catch(() => undefined))?.size;
      return { name: basename(path), ...(size === undefined ? {} : { bytes: size }) };
    }),
  );
}
