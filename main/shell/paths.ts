/** Paths in a checkout and in an installed app. */
import { app } from 'electron';
import { join, resolve } from 'node:path';

/** `out/main`, in a checkout and in the packaged archive: it contains the bundled main process. */
const here = import.meta.dirname;

export const paths = {
  preload: resolve(here, '../preload/index.cjs'),
  renderer: resolve(here, '../renderer'),
  engine: resolve(here, 'engine.js'),
  documents: resolve(here, 'documents.js'),
  server: resolve(here, 'server.js'),
  get resources(): string {
    return app.isPackaged ? process.resourcesPath : resolve(here, '../../resources');
  },
  /** The addon and its libraries. */
  get native(): string {
    return join(this.resources, 'native');
  },
  /** The model of the first run. */
  get defaultModel(): string {
    return process.env['WYVERN_MODEL'] ?? join(this.resources, 'models', 'smollm2-135m-instruct');
  },
  get store(): string {
    return join(app.getPath('userData'), 'wyvern.sqlite');
  },
  /** The token of the local server. */
  get serverToken(): string {
    return join(app.getPath('userData'), 'local-server-token');
  },
  /** Models that Wyvern copied or unpacked. */
  get library(): string {
    return join(app.getPath('userData'), 'models');
  },
};

/** Must run before the single-instance lock, which lives in this folder. */
export function useOwnUserData(): void {
  const folder = process.env['WYVERN_USER_DATA'];
  if (folder) app.setPath('userData', resolve(folder));
}
