/** The environment of the engine process. */
import { join } from 'node:path';

/**
 * On Windows the DSP's part of Qualcomm's libraries is looked for in one folder, which `ADSP_LIBRARY_PATH` names, and not
 * beside the DLL that wants it; it must be there when the process starts, for the driver reads it through the C runtime.
 * The folder also comes first on the PATH, for what those DLLs load by name. Elsewhere nothing is added.
 * @param qnnFolder absolute path of the folder with Qualcomm's libraries
 */
export function engineEnvironment(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  qnnFolder: string,
): NodeJS.ProcessEnv {
  if (platform !== 'win32') return environment;
  // Names of variables know no case on Windows, but this copy of them does.
  const pathName = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const path = environment[pathName];
  return {
    ...environment,
    ADSP_LIBRARY_PATH: qnnFolder,
    [pathName]: path ? `${qnnFolder};${path}` : qnnFolder,
  };
}

/** An installed app loads its own addon and no other: `WYVERN_ADDON` is for checkouts and their tests. */
export function withoutOtherAddon(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.toUpperCase() !== 'WYVERN_ADDON'));
}

/** As the engine will find it: named in Settings or by `WYVERN_QNN`, else the app's own. */
export function qnnFolderOf(chosen: string, environment: NodeJS.ProcessEnv, resources: string): string {
  return chosen || environment['WYVERN_QNN'] || join(resources, 'qnn');
}
