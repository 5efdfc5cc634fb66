/** Puts the engine process into its cage: which files a model still needs there. */
import { readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Cage } from '../../native/index.d.ts';
import type { Addon } from './addon.ts';
import type { BundlePaths, NpuOptions } from './protocol.ts';
import { qnnPlaces } from './qnn.ts';

/** `off` leaves the cage open, for developers. On Windows the cage is up only with `on`. */
const cageVariable = 'WYVERN_CAGE';

/**
 * Call it once per process, before native code reads the model.
 * @returns what is closed, and why the rest is not
 */
export function enterCage(
  addon: Addon,
  bundle: BundlePaths,
  npu: NpuOptions | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Cage {
  const files = (): readonly string[] => [
    ...filesOf(bundle),
    ...(npu?.folder ? [npu.folder] : qnnPlaces(environment)).flatMap(withLinks),
  ];
  return enterCageWith(addon, files, environment, platform);
}

/**
 * Does the same for a process that reads other files, or none.
 * @param files returns the files and folders that stay readable, beside the app's own code
 */
export function enterCageWith(
  addon: Addon,
  files: () => readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Cage {
  const asked = environment[cageVariable];
  if (asked === 'off') return open(`${cageVariable} is off.`);
  if (platform === 'win32' && asked !== 'on') return open('No smoke test has answered from the NPU in the cage.');
  const addonPath = environment['WYVERN_ADDON'];
  return addon.enterCage({
    readable: [
      ...files(),
      ...(addonPath ? [dirname(addonPath)] : []),
      // The app's own code, of which some loads late, and Node.
      appFolder,
      dirname(process.execPath),
    ],
    // Electron's messages above 64 KiB travel through shared memory.
    sharedMemory: 'type' in process && process.type === 'utility',
  });
}

function open(reason: string): Cage {
  return { reads: false, writes: false, connections: false, processes: false, missing: [reason] };
}

/** main/engine/ in a checkout and out/main/ after a build are both two levels below the root. */
const appFolder = join(import.meta.dirname, '../..');

/**
 * A folder of libraries, and the folders that links in it lead to: set-up makes such links, and Qualcomm's libraries load each
 * other from where they really are. A Python wheel keeps further libraries in a folder with the ending `.libs` beside it.
 */
function withLinks(folder: string): string[] {
  try {
    const real = new Set(readdirSync(folder).map((name) => dirname(realpathSync(join(folder, name)))));
    return [folder, ...[...real].flatMap((place) => [place, `${place}.libs`])];
  } catch {
    // The folder or a link's file is missing: then the load says what is missing.
    return [folder];
  }
}

/** Every path of a bundle, whatever its part. */
function filesOf(bundle: BundlePaths): string[] {
  return Object.values(bundle).flatMap((part: unknown) =>
    Array.isArray(part) ? part.filter((path) => typeof path === 'string') : typeof part === 'string' ? [part] : [],
  );
}
