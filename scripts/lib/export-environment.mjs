import { existsSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { pythonOf } from './places.mjs';

/**
 * Returns the Python with torch and upstream's exporter.
 * @param {string} environment Its folder, `.venv-export`.
 * @throws {Failure} If it is missing: set-up installs several gigabytes only on request.
 */
export function pythonOfExport(environment) {
  const python = pythonOf(environment);
  if (existsSync(python)) return python;
  throw new Failure(`Nothing was compared: there is no environment with torch at ${environment}.`, {
    hint: 'Run `npm run setup:export` once (several gigabytes), then the same command again.',
  });
}
