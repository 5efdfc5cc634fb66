/** The documents of the tests: `python -m export documents` makes them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(import.meta.dirname, 'fixtures', name)));
}
