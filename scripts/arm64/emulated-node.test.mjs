import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { at } from '../lib/places.mjs';
import { nodeRelease, processorFeatures } from './emulated-node.mjs';

it('the emulated Node has the release that runs everything else', () => {
  const { version } = JSON.parse(readFileSync(at('node_modules', 'node', 'package.json'), 'utf8'));
  expect(nodeRelease).toBe(version);
});

it('reads processor features from the list that the C library prints', () => {
  const list = 'AT_HWCAP:             ecbffffb\nAT_PAGESZ:            4096\nAT_HWCAP2:            0x76181\n';
  expect(processorFeatures(list)).toEqual(['dotprod', 'i8mm', 'bf16']);
  expect(processorFeatures('AT_HWCAP:             400000\n')).toEqual(['SVE']);
  expect(processorFeatures('')).toEqual([]);
});
