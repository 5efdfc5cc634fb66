import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineEnvironment, qnnFolderOf, withoutOtherAddon } from './engine-environment.ts';

const folder = 'C:\\Program Files\\Wyvern\\resources\\qnn';
const folders = {
  qnnFolder: folder,
  nativeFolder: join(import.meta.dirname, '../../resources/native'),
  isCageProven: false,
};

test('on Windows the variable names one DSP folder, which is also first on the path in any case', () => {
  expect(engineEnvironment({ Path: 'C:\\Windows', TEMP: 'C:\\T' }, 'win32', folders)).toEqual({
    Path: `${folder};C:\\Windows`,
    TEMP: 'C:\\T',
    ADSP_LIBRARY_PATH: folder,
  });
  expect(engineEnvironment({}, 'win32', folders)).toEqual({ PATH: folder, ADSP_LIBRARY_PATH: folder });
});

test('on Windows the cage is up once it is proven, unless a person turns it off', () => {
  const proven = { ...folders, isCageProven: true };
  expect(engineEnvironment({}, 'win32', folders)).not.toHaveProperty('WYVERN_CAGE');
  expect(engineEnvironment({}, 'win32', proven)).toMatchObject({ WYVERN_CAGE: 'on' });
  expect(engineEnvironment({ WYVERN_CAGE: 'off' }, 'win32', proven)).toMatchObject({ WYVERN_CAGE: 'off' });
});

test('the engine of an installed app does not get the name of another addon, in any case', () => {
  expect(withoutOtherAddon({ WYVERN_ADDON: '/x.node', Wyvern_Addon: 'y', WYVERN_LOG: 'debug' })).toEqual({
    WYVERN_LOG: 'debug',
  });
});

test('elsewhere the environment is the app’s own', () => {
  const environment = { PATH: '/usr/bin' };
  expect(engineEnvironment(environment, 'darwin', folders)).toBe(environment);
});

test.runIf(process.platform === 'linux')('on Linux the engine has no io_uring, and a sanitizer stays first', () => {
  const library = join(folders.nativeFolder, 'without_rings.so');
  expect(engineEnvironment({}, 'linux', folders)).toEqual({ LD_PRELOAD: library });
  expect(engineEnvironment({ LD_PRELOAD: '/asan.so' }, 'linux', folders)).toEqual({
    LD_PRELOAD: `/asan.so:${library}`,
  });
  expect(engineEnvironment({}, 'linux', { ...folders, nativeFolder: '/nowhere' })).toEqual({});
});

test('the folder is the one that the engine finds', () => {
  expect(qnnFolderOf('D:\\qairt', { WYVERN_QNN: 'E:\\x' }, 'R')).toBe('D:\\qairt');
  expect(qnnFolderOf('', { WYVERN_QNN: 'E:\\x' }, 'R')).toBe('E:\\x');
  expect(qnnFolderOf('', {}, 'R')).toBe(join('R', 'qnn'));
});
