/** The environment of the engine process. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface EngineFacts {
  readonly qnnFolder: string;
  readonly nativeFolder: string;
  readonly isCageProven: boolean;
}

/**
 * On Windows the driver searches the DSP part of Qualcomm's libraries only in the folder that `ADSP_LIBRARY_PATH` names. The
 * variable must exist when the process starts, because the driver reads it through the C runtime. The folder is also first
 * on the PATH, for libraries that those DLLs load by name.
 *
 * On Linux the process loads `without_rings.so` before everything else, because Node opens an io_uring when it starts, and the
 * engine's cage does not hold with one (`native/cage/early`).
 * @param facts `qnnFolder`, `nativeFolder`: absolute paths of the folders with Qualcomm's libraries and with the addon;
 * `isCageProven`: see `cage-proof.ts`
 */
export function engineEnvironment(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  { qnnFolder, nativeFolder, isCageProven }: EngineFacts,
): NodeJS.ProcessEnv {
  if (platform === 'linux') return withoutRings(environment, nativeFolder);
  if (platform !== 'win32') return environment;
  // Windows ignores the case of variable names, but this copy does not.
  const pathName = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const path = environment[pathName];
  return {
    ...(isCageProven ? { WYVERN_CAGE: 'on' } : {}),
    ...environment,
    ADSP_LIBRARY_PATH: qnnFolder,
    [pathName]: path ? `${qnnFolder};${path}` : qnnFolder,
  };
}

function withoutRings(environment: NodeJS.ProcessEnv, nativeFolder: string): NodeJS.ProcessEnv {
  const library = join(nativeFolder, 'without_rings.so');
  if (!existsSync(library)) return environment;
  const others = environment['LD_PRELOAD'];
  // A sanitizer's runtime must stay the first.
  return { ...environment, LD_PRELOAD: others ? `${others}:${library}` : library };
}

/** An installed app loads only its own addon. `WYVERN_ADDON` is for checkouts and their tests. */
export function withoutOtherAddon(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.toUpperCase() !== 'WYVERN_ADDON'));
}

/** The folder that the engine will use: from Settings or `WYVERN_QNN`, else the app's own. */
export function qnnFolderOf(chosen: string, environment: NodeJS.ProcessEnv, resources: string): string {
  return chosen || environment['WYVERN_QNN'] || join(resources, 'qnn');
}
