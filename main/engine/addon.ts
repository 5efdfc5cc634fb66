/** Finds and loads the native addon. No other file does. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as native from '../../native/index.d.ts';
import { asFailure, failure } from './errors.ts';

/** The exports of `wyvern.node`. */
export type Addon = typeof native;

/** Prefix of `WYVERN_ADDON` for the scripted model of `fake-addon.ts`. */
const fakePrefix = 'fake:';

/**
 * Loads the addon: `WYVERN_ADDON` if set, else the one built in this checkout, else the packaged app's.
 * @throws EngineFailure `addon-missing`, `addon-incomplete`
 */
export async function loadAddon(environment: NodeJS.ProcessEnv = process.env): Promise<Addon> {
  const asked = environment['WYVERN_ADDON'];
  if (asked?.startsWith(fakePrefix)) {
    const { createFakeAddon, parseScript } = await import('./fake-addon.ts');
    try {
      return createFakeAddon(parseScript(asked.slice(fakePrefix.length)));
    } catch (error) {
      throw failure('addon-missing', { reason: `its script “${asked}” is wrong: ${String(error)}` });
    }
  }
  const candidates = asked ? [asked] : standardPlaces();
  const path = candidates.find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw failure('addon-missing', { reason: `it is not at ${candidates.join(' or ')}.` });
  }
  try {
    const load: (path: string) => Addon = createRequire(import.meta.url);
    return load(path);
  } catch (error) {
    const known = asFailure(error, path);
    if (known.code === 'addon-incomplete') throw known;
    throw failure('addon-missing', { reason: error instanceof Error ? error.message : String(error) });
  }
}

function standardPlaces(): string[] {
  // main/engine/ in a checkout and out/main/ after a build are both two levels below the root.
  const places = [join(import.meta.dirname, '../../resources/native/wyvern.node')];
  if ('resourcesPath' in process && typeof process.resourcesPath === 'string') {
    places.push(join(process.resourcesPath, 'native/wyvern.node'));
  }
  return places;
}
