/** Qualcomm's libraries: whether a program wants them, where they are, and what they run on here. */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Addon } from './addon.ts';
import { failure } from './errors.ts';
import type { NpuInUse, NpuOptions } from './protocol.ts';

/** A program names its backends in its FlatBuffer; weights and context binaries lie in segments behind it. */
const largestHeader = 64 * 1024 * 1024;
const extendedHeaderBytes = 32;

/**
 * Makes the QNN backend ready if the program delegates to it; does nothing otherwise, so that the CPU needs no QNN.
 * @throws EngineFailure `npu-library-missing`, `npu-library-mismatch`
 */
export async function prepareQnn(
  addon: Addon,
  program: string,
  { folder: asked, profile = 'basic', performance }: NpuOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<NpuInUse | undefined> {
  if (!(await namesBackend(program, 'QnnBackend'))) return undefined;
  const places = asked ? [asked] : qnnPlaces(environment);
  const folder = places.find((place) => existsSync(join(place, libraryName)));
  if (folder === undefined) {
    throw failure('npu-library-missing', { reason: `there is no ${libraryName} in ${places.join(' or ')}.` });
  }
  const options = { folder, profile, ...(performance === undefined ? {} : { performance }) };
  return { ...options, dspPart: dspPart(folder), ...addon.useQnn(options) };
}

/**
 * Qualcomm's backend looks for its stub beside itself and, where there is none, takes the driver's. Its emulator needs none.
 */
function dspPart(folder: string): NpuInUse['dspPart'] {
  if (process.platform !== 'win32') return 'folder';
  return ['QnnHtpV73Stub.dll', 'QnnHtpV81Stub.dll'].some((stub) => existsSync(join(folder, stub)))
    ? 'folder'
    : 'driver';
}

const libraryName = process.platform === 'win32' ? 'QnnHtp.dll' : 'libQnnHtp.so';

/** `WYVERN_QNN` if set, else what set-up put into this checkout, else what came with the packaged app. */
function qnnPlaces(environment: NodeJS.ProcessEnv): string[] {
  const asked = environment['WYVERN_QNN'];
  if (asked) return [asked];
  const places = [join(dirname(dirname(import.meta.dirname)), 'resources/qnn')];
  if ('resourcesPath' in process && typeof process.resourcesPath === 'string') {
    places.push(join(process.resourcesPath, 'qnn'));
  }
  return places;
}

/** Whether the FlatBuffer of a `.pte` carries a backend's name. False for a file that is none or cannot be read. */
async function namesBackend(program: string, backend: string): Promise<boolean> {
  try {
    const file = await open(program);
    try {
      const head = Buffer.alloc(extendedHeaderBytes);
      await file.read(head, 0, head.length, 0);
      // Without an extended header there are no segments: the whole file is the FlatBuffer.
      const size =
        head.toString('latin1', 8, 12) === 'eh00' ? head.readBigUInt64LE(16) : (await file.stat({ bigint: true })).size;
      const flatbuffer = Buffer.alloc(Number(size < BigInt(largestHeader) ? size : BigInt(largestHeader)));
      const { bytesRead } = await file.read(flatbuffer, 0, flatbuffer.length, 0);
      return flatbuffer.subarray(0, bytesRead).includes(`${backend}\0`);
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}
