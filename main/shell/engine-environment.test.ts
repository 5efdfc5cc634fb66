import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineEnvironment, qnnFolderOf, withoutOtherAddon } from './engine-environment.ts';

const folder = 'C:\\Program Files\\Wyvern\\resources\\qnn';

test('on Windows the variable names one DSP folder, which is also first on the path in any case', () => {
  expect(engineEnvironment({ Path: 'C:\\Windows', TEMP: 'C:\\T' }, 'win32', folder)).toEqual({
    Path: `${folder};C:\\Windows`,
    TEMP: 'C:\\T',
    ADSP_LIBRARY_PATH: folder,
  });
  expect(engineEnvironment({}, 'win32', folder)).toEqual({ PATH: folder, ADSP_LIBRARY_PATH: folder });
});

test('the engine of an installed app does not get the name of another addon, in any case', () => {
  expect(withoutOtherAddon({ WYVERN_ADDON: '/x.node', Wyvern_Addon: 'y', WYVERN_LOG: 'debug' })).toEqual({
    WYVERN_LOG: 'debug',
  });
});

test('elsewhere the environment is the app’s own', () => {
  const environment = { PATH: '/usr/bin' };
  expect(engineEnvironment(environment, 'linux', '/qnn')).toBe(environment);
});

test('the folder is the one that the engine finds', () => {
  expect(qnnFolderOf('D:\\qairt', { WYVERN_QNN: 'E:\\x' }, 'R')).toBe('D:\\qairt');
  expect(qnnFolderOf('', { WYVERN_QNN: 'E:\\x' }, 'R')).toBe('E:\\x');
  expect(qnnFolderOf('', {}, 'R')).toBe(join('R', 'qnn'));
});
