import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import * as electron from './electron.ts';

test('the host has every module that the main process imports', () => {
  const main = resolve(import.meta.dirname, '../../main');
  const files = readdirSync(main, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  const imported = files.flatMap((name) => {
    const source = readFileSync(join(main, name), 'utf8');
    const [, names = ''] = /^import \{([^}]*)\} from 'electron';/m.exec(source) ?? [];
    return names.split(',').map((part) => part.trim());
  });
  const wanted = new Set(imported.filter(Boolean));
  expect(wanted.size).toBeGreaterThan(5);
  expect([...wanted].filter((name) => !(name in electron))).toEqual([]);
});
