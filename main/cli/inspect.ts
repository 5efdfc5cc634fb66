import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { EngineFailure } from '../engine/errors.ts';
import type { BundleNote, LoadedModel } from '../engine/protocol.ts';
import { bundleName, resolveBundle, type Bundle } from '../models/bundle.ts';
import { filesOf } from '../models/addition/parts.ts';
import { fitOf } from '../models/program/fit.ts';
import { machineOf, thisHardware } from '../models/program/machine.ts';
import { unusedMedia } from '../models/program/media.ts';
import type { TensorShape } from '../models/program/program.ts';
import type { QnnTarget } from '../models/program/target.ts';
import { summaryOf } from '../models/summary.ts';
import { verifyBundle, type Verification } from '../models/verify.ts';
import { modelOptions, parse, tokenizerOf } from './options.ts';
import { templateName, writeJson, writeText } from './output.ts';
import { backendOf, loadSession } from './session.ts';

type Row = readonly [label: string, text: string];

/** `wyvern inspect`: the parts of a bundle, the target of its program and, if it runs here, its facts after loading. */
export async function inspect(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(
    args,
    {
      json: modelOptions.json,
      tokenizer: modelOptions.tokenizer,
      'allow-operators': modelOptions['allow-operators'],
      verify: { type: 'boolean', default: false },
    },
    1,
  );
  const bundle = await resolveBundle(positionals[0], process.env, {
    allowOperators: values['allow-operators'],
    ...tokenizerOf(values),
  });
  const fit = fitOf(bundle.target, machineOf(thisHardware()));
  // A program that Wyvern cannot run is described too: inspecting is for that.
  const loaded = fit.runs ? await loadedFacts(bundle) : undefined;
  const model = loaded instanceof EngineFailure ? undefined : loaded;
  const refusal = loaded instanceof EngineFailure ? loaded.toError() : undefined;
  const files = await sizesOf(bundle);
  const unused = unusedMedia(bundle.facts);
  const verified = values.verify ? await verifyBundle(bundle) : undefined;
  const name = model?.name ?? bundleName(bundle.paths.program, bundle.manifest);
  const license = model?.license ?? bundle.manifest?.license;
  if (values.json) {
    writeJson({
      type: 'model',
      name,
      folder: bundle.folder,
      ...(license === undefined ? {} : { license }),
      ...(bundle.manifest?.target === undefined ? {} : { target: bundle.manifest.target }),
      files,
      methods: bundle.facts.methods,
      ...(bundle.target === undefined ? {} : { compiledFor: bundle.target }),
      fit,
      ...(unused.length === 0 ? {} : { unusedMedia: unused }),
      ...(refusal === undefined ? {} : { refusal }),
      ...(model === undefined ? {} : describeLoaded(model)),
      ...(verified === undefined ? {} : { verified }),
    });
  } else {
    const rows: readonly Row[] = [
      ['model', name],
      ['folder', bundle.folder],
      ['licence', license ?? 'not stated'],
      ['files', files.map((file) => `${file.name} (${bytes(file.bytes)})`).join(', ')],
      ...(bundle.target === undefined ? [] : targetRows(bundle.target, model?.npu?.buildId)),
      ...memoryRows(bundle, model),
      ...(fit.runs && fit.otherChip !== undefined
        ? ([
            ['warning', `compiled for another chip than ${fit.otherChip}, of the same architecture: it may not run`],
          ] as const)
        : []),
      ...(unused.length === 0 ? [] : ([['not used', `${unused.join(' and ')}: Wyvern runs its text part`]] as const)),
      ...(fit.runs ? [] : ([['runs here', `no: ${fit.reason} ${fit.hint}`]] as const)),
      ...(refusal === undefined ? [] : ([['runs here', `no: ${refusal.message}`]] as const)),
      ...(model === undefined ? methodRows(bundle) : loadedRows(model)),
      ...(verified === undefined ? [] : ([['SHA-256', verdict(verified)]] as const)),
    ];
    for (const [label, text] of rows) writeText(`${label.padEnd(16)}${text}\n`);
  }
  if (verified?.some(({ matches }) => !matches) === true) process.exitCode = 1;
}

/** The program's facts after loading, or the error of loading. */
async function loadedFacts(bundle: Bundle): Promise<LoadedModel | EngineFailure> {
  try {
    const { engine, model } = await loadSession(bundle, { warmUp: false });
    await engine.unload();
    return model;
  } catch (error) {
    if (error instanceof EngineFailure && describable.has(error.code)) return error;
    throw error;
  }
}

/** Errors of valid files that this build or this machine cannot run. */
const describable: ReadonlySet<string> = new Set([
  'model-unsupported',
  'operator-missing',
  'npu-emulator-missing',
  'npu-library-missing',
]);

async function sizesOf({ paths }: Bundle): Promise<readonly { readonly name: string; readonly bytes: number }[]> {
  return await Promise.all(
    filesOf(paths).map(async ([, path]) => ({
      name: basename(path),
      bytes: (await stat(path)).size,
    })),
  );
}

function describeLoaded(model: LoadedModel): object {
  const { facts, tokenizer, chatTemplate, stopTokens, notes, runtime } = model;
  return { backend: backendOf(model), facts, tokenizer, chatTemplate, stopTokens, notes, runtime };
}

/** What the NPU holds: the graphs with their weights, and the KV cache, which only a load or the model's own files tell. */
function memoryRows({ target, facts }: Bundle, model: LoadedModel | undefined): readonly Row[] {
  if (target === undefined) return [];
  const state = model?.facts.stateBytes ?? summaryOf(facts).stateBytes;
  const cache = state === 0 ? 'KV cache unknown' : `KV cache ${bytes(state)}`;
  return [['memory', `about ${bytes(target.contextBytes + state)}: binaries ${bytes(target.contextBytes)}, ${cache}`]];
}

function targetRows(target: QnnTarget, buildId: string | undefined): readonly Row[] {
  const { label, soc, chip, backend, runsOn, graphs, shards, contextBytes, fromContextBinary, release, origin } =
    target;
  const here = /\d+\.\d+\.\d+/.exec(buildId ?? '')?.[0];
  const place = { device: 'the device', emulator: 'the emulator', unknown: 'device or emulator: it does not say' };
  return [
    ['compiled for', `${label}, SoC ${chip?.soc ?? 'unknown'} (${soc}), ${backend.toUpperCase()}, ${place[runsOn]}`],
    ...(origin === undefined ? [] : ([['made by', 'Qualcomm’s AI Hub, for Genie']] as const)),
    [
      origin === undefined ? 'graphs' : 'binaries',
      `${origin === undefined ? `${graphs.join(', ')}; ` : ''}${shards === 1 ? 'one part' : `${shards} parts`}, ${bytes(contextBytes)}`,
    ],
    ...(release === undefined
      ? []
      : ([['made with', `QNN ${release}${here === undefined ? '' : `; Wyvern uses QNN ${here}`}`]] as const)),
    ...(fromContextBinary && origin === undefined
      ? ([['made from', 'a context binary of Qualcomm’s tools']] as const)
      : []),
  ];
}

/** Inputs and outputs of the methods, for a program that cannot be loaded here. */
function methodRows({ facts }: Bundle): readonly Row[] {
  return facts.methods
    .filter(({ inputs }) => inputs.length > 0)
    .map(({ name, inputs, outputs }) => [
      name,
      `${inputs.length} inputs (${inputs.slice(0, 3).map(shape).join(', ')}${inputs.length > 3 ? ', …' : ''}), ` +
        `${outputs.length} outputs (${outputs.slice(0, 1).map(shape).join('')}${outputs.length > 1 ? ', …' : ''})`,
    ]);
}

function shape(tensor: TensorShape | undefined): string {
  return tensor === undefined ? 'no tensor' : `${tensor.dtype} [${tensor.sizes.join(', ')}]`;
}

function loadedRows(model: LoadedModel): readonly Row[] {
  const { facts, runtime, tokenizer, chatTemplate, stopTokens, notes } = model;
  return [
    ['backend', backendOf(model)],
    ...row('contract', facts.contract, (contract) => contract),
    [
      'context',
      `${facts.contextLength} tokens${facts.prefillLength === undefined ? '' : `, ${facts.prefillLength} a prefill call`}`,
    ],
    ...row(
      'vocabulary',
      tokenizer,
      ({ vocabSize, kind }) => `${facts.vocabSize ?? 'unknown'} (tokenizer: ${vocabSize}, ${kind})`,
    ),
    ...row('logits', facts.logits, ({ dtype, positions }) => `${dtype}, ${logitsPositions[positions]}`),
    ...(facts.verifyLength === undefined || facts.verifyLength === 1
      ? []
      : ([['prompt lookup', `up to ${facts.verifyLength} tokens a step`]] as const)),
    ...row('KV cache', facts.kvCache, (cached) => (cached ? `yes, ${bytes(facts.stateBytes ?? 0)} of state` : 'no')),
    ...(facts.rewinds === false ? ([['edits', readsAgain(facts)]] as const) : []),
    ['chat template', templateName(chatTemplate)],
    ['stop tokens', stopTokens.length === 0 ? 'none' : stopTokens.join(', ')],
    ...notes.map((note): Row => ['not used', noteText(note)]),
    ['loading', `${(facts.loadUs / 1000).toFixed(0)} ms`],
    ...row('runtime', runtime, ({ executorch, backends }) => `ExecuTorch ${executorch}: ${backends.join(', ')}`),
  ];
}

const logitsPositions = { last: 'last position', all: 'all positions', chosen: 'chosen positions' } as const;

function readsAgain({ keepsState = false }: LoadedModel['facts']): string {
  const reason = keepsState ? 'the program keeps state that no position restores' : 'the KV cache is a ring';
  return `read the whole chat again: ${reason}`;
}

function noteText({ file, field, value }: BundleNote): string {
  return field === undefined ? `${file}: ${value}` : `${file}: ${field} is ${value}`;
}

/** Empty if the value is unknown. */
function row<T>(label: string, value: T | undefined, text: (value: T) => string): readonly Row[] {
  return value === undefined ? [] : [[label, text(value)]];
}

function verdict(verified: readonly Verification[]): string {
  const wrong = verified.filter(({ matches }) => !matches).map(({ file }) => file);
  if (verified.length === 0) return 'wyvern.json has no hashes to compare with';
  return wrong.length === 0 ? `${verified.length} files match` : `DIFFERENT: ${wrong.join(', ')}`;
}

function bytes(count: number): string {
  if (count < 1000) return `${count} bytes`;
  const units = ['kB', 'MB', 'GB'] as const;
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toPrecision(3)} ${units[power - 1] ?? ''}`;
}
