/** The system around the services of an app without Electron: it shows nothing, and nobody chooses anything. */
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import type { System } from '../shell/system.ts';

type Given = Pick<System, 'emit' | 'fork'> & Partial<Omit<System, 'paths'>>;

/** @param folder user data, with or without a store */
export function windowlessSystem(
  folder: string,
  given: Given,
  defaultModel: string = join(folder, 'no-default-model'),
): System {
  return {
    paths: {
      store: join(folder, 'wyvern.sqlite'),
      library: join(folder, 'models'),
      defaultModel,
      serverToken: join(folder, 'local-server-token'),
    },
    clock: systemClock,
    forkDocuments: () => {
      throw new Error('Nothing here attaches a document.');
    },
    forkServer: () => {
      throw new Error('The local server is off.');
    },
    useAppearance: () => undefined,
    reveal: () => undefined,
    chooseFiles: () => Promise.resolve([]),
    chooseSave: () => Promise.resolve(undefined),
    reload: () => undefined,
    close: () => undefined,
    readClipboard: () => Promise.resolve(''),
    preferredLanguages: () => ['en'],
    about: () => ({ version: '0', shell: 'chromium-host', platform: process.platform }),
    ...given,
  };
}
