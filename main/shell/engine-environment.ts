/** The environment of the engine process. */
import { join } from 'node:path';

/**
 * On Windows the driver searches the DSP part of Qualcomm's libraries only in the folder that `ADSP_LIBRARY_PATH` names. The
 * variable must exist when the process starts, because the driver reads it through the C runtime. The folder is also first
 * on the PATH, for libraries that those DLLs load by name. On other systems nothing is added.
 * @param qnnFolder absolute path of the folder with Qualcomm's libraries
 */
export function engineEnvironment(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  qnnFolder: string,
): NodeJS.ProcessEnv {
  if (platform !== 'win32') return environment;
  // Windows ignores the case of variable names, but this copy does not.
  const pathName = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const path = environment[pathName];
  return {
    ...environment,
    ADSP_LIBRARY_PATH: qnnFolder,
    [pathName]: path ? `${qnnFolder};${path}` : qnnFolder,
  };
}

/** An installed app loads only its own addon. `WYVERN_ADDON` is for checkouts and their tests. */
export function withoutOtherAddon(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.toUpperCase() !== 'WYVERN_ADDON'));
}

/** The folder that the engine will use: from Settings or `WYVERN_QNN`, else the app's own. */
export function qnnFolderOf(chosen: string, environment: NodeJS.ProcessEnv, resources: string): string {
  return chosen || environment['WYVERN_QNN'] || join(resources, 'qnn');
}
