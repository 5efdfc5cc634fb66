import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openArguments } from './open-arguments.ts';

const folder = resolve('/models here');
const open = (...args: string[]): unknown => openArguments(['wyvern.exe', ...args], true, folder);

describe('arguments', () => {
  test('are files and folders, relative to the start folder', () => {
    expect(open('a.pte', resolve('/b ü/c'))).toEqual({ paths: [resolve(folder, 'a.pte'), resolve('/b ü/c')] });
    expect(open()).toEqual({ paths: [] });
  });

  test('in a checkout begin with the app’s own folder', () => {
    expect(openArguments(['electron', '/checkout', 'a.pte'], false, folder)).toEqual({
      paths: [resolve(folder, 'a.pte')],
    });
    expect(openArguments(['electron', '--no-sandbox', '/checkout'], false, folder)).toEqual({ paths: [] });
  });

  test('that are options of Chromium, addresses or empty are skipped', () => {
    expect(open('--allow-file-access-from-files', '--original-process-start-time=1', '-x', '', 'a.pte')).toEqual({
      paths: [resolve(folder, 'a.pte')],
    });
    expect(open('https://example.com/a.pte', 'file:///etc/passwd', 'javascript:alert(1)', 'wyvern:x', 'a\0b')).toEqual({
      paths: [],
    });
  });

  test('after -- are always file names', () => {
    expect(open('--', '--smoke-test=x.json', '-a.pte')).toEqual({
      paths: [resolve(folder, '--smoke-test=x.json'), resolve(folder, '-a.pte')],
    });
  });

  test('ask for the smoke test with its file', () => {
    expect(open('--smoke-test=out/report.json')).toEqual({
      paths: [],
      smokeTest: resolve(folder, 'out/report.json'),
    });
    expect(open('--smoke-test=')).toEqual({ paths: [] });
    expect(open('--smoke-test')).toEqual({ paths: [] });
  });

  test.runIf(process.platform === 'win32')('name drives and shares', () => {
    expect(open('D:\\a.pte', '\\\\nas\\share\\b.pte')).toEqual({ paths: ['D:\\a.pte', '\\\\nas\\share\\b.pte'] });
  });
});
