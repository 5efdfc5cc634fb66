import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { at, root } from '../lib/places.mjs';
import { roomOf, rooms, roomTable, valueCycle, whyNot } from './rooms.mjs';

const sources = execFileSync('git', ['ls-files', '*.ts', '*.tsx'], { cwd: root, encoding: 'utf8' }).trim().split('\n');

test('every source of main/, preload/ and renderer/ is in a room', () => {
  const homeless = sources.filter(
    (path) => /^(main|preload|renderer)\//.test(path) && !path.startsWith('main/testing/') && !roomOf(path),
  );
  expect(homeless).toEqual([]);
});

test('every file and folder that a room names exists', () => {
  const named = rooms.flatMap(({ files, imports }) => [...files, ...imports]);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('a room imports rooms above it in the list only', () => {
  const floor = new Map(rooms.map((room, index) => [room.name, index]));
  for (const [index, room] of rooms.entries()) {
    for (const path of room.imports) {
      const target = roomOf(path);
      if (target !== undefined) expect(floor.get(target.name), `${room.name} → ${path}`).toBeLessThan(index);
    }
  }
});

test('ARCHITECTURE.md has the same table', () => {
  const text = readFileSync(at('ARCHITECTURE.md'), 'utf8');
  const rows = [...text.matchAll(/^\|([^|\n]*)\|([^|\n]*)\|([^|\n]*)\|$/gm)].map(([, ...cells]) =>
    cells.map((cell) => cell.trim()),
  );
  for (const row of roomTable()) expect(rows).toContainEqual(row);
});

describe('refused imports', () => {
  /** @type {readonly (readonly [from: string, module: string])[]} */
  const refused = [
    ['renderer/chat/thread.tsx', '../../main/log.ts'],
    ['renderer/chat/thread.tsx', 'node:fs'],
    ['renderer/chat/thread.tsx', 'electron'],
    ['main/store/store.ts', 'electron'],
    ['main/store/store.ts', '../failure.ts'],
    ['main/files/reading.ts', '../failure.ts'],
    ['main/engine/engine.ts', '../store/store.ts'],
    ['main/engine/engine.ts', '../models/bundle.ts'],
    ['main/library/catalogue.ts', '../chat/chat.ts'],
    ['main/library/catalogue.ts', '../engine/engine.ts'],
    ['main/exchange/exchange.ts', '../chat/settings.ts'],
    ['main/chat/chat.ts', '../shell/ipc.ts'],
    ['main/failure.ts', './services.ts'],
    ['main/cli/index.ts', '../shell/paths.ts'],
    ['preload/index.ts', '../main/log.ts'],
    ['preload/contract.ts', 'electron'],
    ['main/cli/serve.ts', 'node:http'],
    ['main/engine/engine.ts', 'node:net'],
    ['main/shell/system.ts', 'http'],
    ['main/store/store.ts', 'node:dns/promises'],
  ];
  test.each(refused)('%s → %s', (from, module) => expect(whyNot(from, module)).toBeTypeOf('string'));
});

test('only the room of the local server may open sockets', () => {
  expect(rooms.filter(({ sockets }) => sockets).map(({ name }) => name)).toEqual(['main/server']);
  expect(whyNot('main/server/server.ts', 'node:http')).toBeUndefined();
});

test('no file imports values in a cycle', () => {
  const cycles = sources.map((path) => valueCycle(join(root, path))).filter((cycle) => cycle !== undefined);
  expect(cycles).toEqual([]);
});

test('a cycle is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-cycle-'));
  try {
    const [first, second] = [join(folder, 'one.ts'), join(folder, 'two.ts')];
    writeFileSync(first, "import { two } from './two.ts';\nexport const one = () => two;\n");
    writeFileSync(second, "import { one } from './one.ts';\nexport const two = one();\n");
    expect(valueCycle(first)).toEqual([first, second]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a cycle of types is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-cycle-'));
  try {
    const [first, second] = [join(folder, 'one.ts'), join(folder, 'two.ts')];
    writeFileSync(first, "import { two } from './two.ts';\nexport const one = () => two;\n");
    writeFileSync(second, "import type { one } from './one.ts';\nexport const two = 2;\n");
    expect(valueCycle(first)).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
