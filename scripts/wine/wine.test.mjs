import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { at } from '../lib/places.mjs';
import { debianMirror } from './debian-packages.mjs';
import { enter } from './enter.mjs';
import { leftOut, whyLeftOut } from './left-out.mjs';
import { whyNoWine } from './roots.mjs';
import { suites } from './suites.mjs';

describe('Debian’s mirror', () => {
  test('is the one in this machine’s package sources', () => {
    const targets =
      'http://one.test/tools nodistro\nhttp://two.test/debian/ bookworm-updates\nhttp://two.test/debian/ bookworm\n';
    expect(debianMirror(targets)).toBe('http://two.test/debian/');
  });

  test('is missing on other systems', () => {
    expect(debianMirror('http://one.test/ubuntu/ noble\nhttp://one.test/ubuntu/ noble-updates\n')).toBeUndefined();
    expect(debianMirror('')).toBeUndefined();
  });
});

test('a machine that cannot run Wine has a reason', () => {
  expect(whyNoWine('linux', 'x64')).toBeUndefined();
  expect(whyNoWine('linux', 'arm64')).toMatch(/Linux on x86-64/);
  expect(whyNoWine('win32', 'x64')).toMatch(/win32 on x64/);
});

test('a program in Wine gets nothing of this process’s environment', () => {
  const place = { root: '/r', prefix: '/p', qemu: '' };
  const { command, args } = enter(place, {
    work: '/w',
    layers: ['/a', '/b'],
    program: ['x', 'y'],
    variables: { A: '1' },
  });
  expect([command, args[0]]).toEqual(['env', '-i']);
  expect(args).toContain('A=1');
  expect(args).not.toContain('QEMU_CPU=neoverse-n1');
  expect(args.slice(-7)).toEqual(['/r', '/w', '/a:/b', '/p', '', 'x', 'y']);
});

test('the list of tests that are left out names files that exist, and reasons', () => {
  for (const { file, reason } of leftOut) {
    expect(existsSync(at(file)), file).toBe(true);
    expect(reason).not.toMatch(/\.$/);
  }
  expect(whyLeftOut('main/engine/engine.test.ts', 'the default model names Paris')).toMatch(/ExecuTorch/);
  expect(whyLeftOut('main/engine/engine.test.ts', 'another')).toBeUndefined();
  expect(whyLeftOut('main/other.test.ts', 'the default model')).toBeUndefined();
});

test('suites have names of their own', () => {
  expect(new Set(suites.map(({ name }) => name)).size).toBe(suites.length);
});
