/** Qualcomm's libraries: whether a program needs them, where they are, and the hardware that they run on. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Addon } from './addon.ts';
import { failure, type EngineFailure } from './errors.ts';
import type { NpuInUse, NpuOptions } from './protocol.ts';

/**
 * Prepares QNN if the program delegates to it. Does nothing otherwise, so that the CPU needs no QNN. `onlyContexts`: for
 * context binaries, which need no ExecuTorch.
 * @throws EngineFailure `npu-emulator-missing`, `npu-library-missing`, `npu-library-mismatch`
 */
export function prepareQnn(
  addon: Addon,
  backends: readonly string[],
  { folder: asked, profile = 'basic', performance, onlyContexts = false }: NpuOptions & { onlyContexts?: boolean } = {},
  environment: NodeJS.ProcessEnv = process.env,
): NpuInUse | undefined {
  if (!backends.includes('QnnBackend')) return undefined;
  const places = asked ? [asked] : qnnPlaces(environment);
  const folder = places.find((place) => existsSync(join(place, libraryName)));
  if (folder === undefined) {
    const isNamed = Boolean(asked) || Boolean(environment['WYVERN_QNN']);
    throw librariesMissing(places, isNamed);
  }
  const options = { folder, profile, ...(performance === undefined ? {} : { performance }) };
  return { ...options, dspPart: dspPart(folder), ...addon.useQnn({ ...options, onlyContexts }) };
}

/** @param isNamed whether the person named the folder: then another folder is the next step, not the emulator */
export function librariesMissing(
  places: readonly string[],
  isNamed: boolean,
  { platform, arch }: Pick<NodeJS.Process, 'platform' | 'arch'> = process,
): EngineFailure {
  // Qualcomm publishes the emulator only for Linux x86_64.
  if (!isNamed && platform === 'linux' && arch === 'x64') return failure('npu-emulator-missing');
  return failure('npu-library-missing', { reason: `there is no ${libraryName} in ${places.join(' or ')}.` });
}

/**
 * Qualcomm's backend uses the stub beside itself, else the driver's. Its emulator needs none.
 */
function dspPart(folder: string): NpuInUse['dspPart'] {
  if (process.platform !== 'win32') return 'folder';
  return ['QnnHtpV73Stub.dll', 'QnnHtpV81Stub.dll'].some((stub) => existsSync(join(folder, stub)))
    ? 'folder'
    : 'driver';
}

const libraryName = process.platform === 'win32' ? 'QnnHtp.dll' : 'libQnnHtp.so';

/** `WYVERN_QNN` if set, else the folder of set-up in this checkout, else the packaged app's folder. */
export function qnnPlaces(environment: NodeJS.ProcessEnv): string[] {
  const asked = environment['WYVERN_QNN'];
  if (asked) return [asked];
  const places = [join(dirname(dirname(import.meta.dirname)), 'resources/qnn')];
  if ('resourcesPath' in process && typeof process.resourcesPath === 'string') {
    places.push(join(process.resourcesPath, 'qnn'));
  }
  return places;
}
