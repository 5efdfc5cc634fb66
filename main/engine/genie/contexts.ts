/** Prepares a model of Qualcomm's AI Hub for the addon, and compares its binaries with this machine's libraries. */
import { basename } from 'node:path';
import type { ContextFacts, ContextOptions } from '../../../native/index.d.ts';
import type { Addon } from '../addon.ts';
import { EngineFailure, failure } from '../errors.ts';
import type { BundlePaths, NpuInUse } from '../protocol.ts';
import { readGenieConfig } from './config.ts';
import { rotationOf } from './rotation.ts';

/**
 * Finds the binaries of a configuration among the bundle's files.
 * @throws EngineFailure `model-invalid`, `model-unsupported`, `weights-missing`
 */
export async function contextsOf(paths: BundlePaths): Promise<ContextOptions> {
  const config = await readGenieConfig(paths.program, paths.config);
  const find = (name: string): string => {
    const found = paths.data.find((path) => basename(path) === name);
    if (found === undefined) throw failure('weights-missing', { path: paths.program, reason: `“${name}” is missing.` });
    return found;
  };
  const { inverseFrequencies, scale } = rotationOf(config.rotation, config.contextLength);
  const { file, ...table } = config.embedding ?? { file: undefined };
  return {
    binaries: config.binaries.map(find),
    inverseFrequencies,
    rotationScale: scale,
    ...(file === undefined || !('width' in table) ? {} : { embedding: { ...table, path: find(file) } }),
  };
}

/**
 * Reads the binaries' descriptions and checks them, before anything is loaded on the accelerator.
 * @throws EngineFailure `npu-incompatible` for binaries of a newer QNN; NativeError as `describeContexts`
 */
export function checkContexts(addon: Addon, contexts: ContextOptions, npu: NpuInUse | undefined): ContextFacts {
  const facts = addon.describeContexts(contexts);
  const here = releaseOf(npu?.buildId);
  const newest = facts.buildIds
    .map(releaseOf)
    .filter((release) => release !== undefined)
    .toSorted((one, other) => compare(other, one))[0];
  if (here !== undefined && newest !== undefined && compare(newest, here) > 0) {
    throw new EngineFailure({
      code: 'npu-incompatible',
      message: `The model was compiled with QNN ${text(newest)}, but Wyvern uses QNN ${text(here)}, which cannot read newer models.`,
      hint: 'Choose a folder with newer libraries in Settings, or get an older release of the model.',
    });
  }
  return facts;
}

type Release = readonly [major: number, minor: number];

/** The release in a build id such as `v2.49.40.260810104044`. */
function releaseOf(buildId: string | undefined): Release | undefined {
  const [, major, minor] = /^v?(\d{1,3})\.(\d{1,3})\./.exec(buildId ?? '') ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

function compare(one: Release, other: Release): number {
  return one[0] - other[0] || one[1] - other[1];
}

function text([major, minor]: Release): string {
  return `${major}.${minor}`;
}
