/** The addon's code for files, libraries and output, which Windows and the other systems have each their own of. */
import {
  closeSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { platform, platformAddonPath } from './platform-test-addon.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-platform-'));
const windows = process.platform === 'win32';

/** A folder whose path is longer than the 260 characters of Windows' older interfaces. */
function deepFolder(): string {
  let deep = folder;
  while (deep.length < 320) deep = join(deep, 'ein längerer ワイバーン Ordner');
  mkdirSync(deep, { recursive: true });
  return deep;
}

test('output of the C library and of descriptors is captured, and only then', () => {
  expect(platform.capture(true, 'to output\n', 'to error\n', 'raw ü\n')).toEqual({
    output: 'to output\n',
    error: 'to error\nraw ü\n',
  });
  expect(platform.capture(false, '', 'again\n', '')).toEqual({ output: '', error: 'again\n' });
});

test('Node’s own standard output stays what it was', () => {
  const before = [1, 2].map((descriptor) => fstatSync(descriptor, { bigint: true }));
  const opened = Array.from({ length: 20 }, (_, index) => {
    platform.capture(true, 'out', 'error', 'raw');
    // Takes the number of a handle that was closed by mistake.
    return openSync(join(folder, `file-${index}`), 'w');
  });
  const after = [1, 2].map((descriptor) => fstatSync(descriptor, { bigint: true }));
  expect(after.map(({ dev, ino, mode }) => ({ dev, ino, mode }))).toEqual(
    before.map(({ dev, ino, mode }) => ({ dev, ino, mode })),
  );
  for (const file of opened) closeSync(file);
});

test.each(['a', 'ü', 'ワイバーン', '🐉', 'e\u0301', ' leading', "quote'"])(
  'the path %j survives the system’s encoding',
  (name) => {
    const path = join(folder, name);
    expect(platform.roundTrip(path)).toBe(path);
    writeFileSync(path, name);
    expect(platform.content(path)).toBe(name);
  },
);

test('a path longer than 260 characters is opened', () => {
  const path = join(deepFolder(), 'model.pte');
  writeFileSync(path, 'program');
  expect(platform.content(path)).toBe('program');
});

test('a missing file is not opened', () => expect(platform.content(join(folder, 'none'))).toBeUndefined());

test('a library in a deep folder with letters beyond ASCII is loaded by its path', () => {
  const path = join(deepFolder(), 'copy.node');
  copyFileSync(platformAddonPath, path);
  expect(platform.load(path, 'napi_register_module_v1')).toEqual({ loaded: true, reason: '', hasSymbol: true });
  expect(platform.load(path, 'no_such_symbol')).toMatchObject({ loaded: true, hasSymbol: false });
});

test('a library that cannot be loaded has a reason', () => {
  const path = join(folder, 'no-library.node');
  writeFileSync(path, 'text');
  for (const broken of [path, join(folder, 'none.node')]) {
    const { loaded, reason } = platform.load(broken, '');
    expect(loaded).toBe(false);
    expect(reason).not.toBe('');
  }
});

test('the addon knows its folder', () => {
  expect(realpathSync(platform.ownFolder())).toBe(realpathSync(dirname(platformAddonPath)));
});

test('only Windows’ libraries carry a release', () => {
  expect(platform.libraryName).toBe(windows ? 'QnnHtp.dll' : 'libQnnHtp.so');
  expect(platform.fileRelease(platformAddonPath)).toBe('');
  if (windows) expect(platform.fileRelease('C:\\windows\\system32\\kernel32.dll')).toMatch(/^\d+(\.\d+){3}$/);
});
