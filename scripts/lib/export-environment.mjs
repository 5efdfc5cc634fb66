import { existsSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { pythonOf } from './places.mjs';

/**
 * The Python that has torch and upstream's exporter.
 * @param {string} environment Its folder, `.venv-export`.
 * @throws {Failure} If it is not there: several gigabytes are not installed unasked.
 */
export function pythonOfExport(environment) {
  const python = pythonOf(environment);
  if (existsSync(python)) return python;
  throw new Failure(`There is no environment with torch at ${environment}, so nothing was compared.`, {
    hint: 'Run `npm run setup:export` once (several gigabytes), then the same command again.',
  });
}
