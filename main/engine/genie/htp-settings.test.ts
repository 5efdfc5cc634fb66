import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { performanceOf } from './htp-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-htp-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function modeOf(content: unknown): Promise<string | undefined> {
  const path = join(folder, 'htp_backend_ext_config.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return await performanceOf(path);
}
const withProfile = (profile: unknown) => ({ devices: [{ cores: [{ core_id: 0, perf_profile: profile }] }] });

test.each([
  ['burst', 'burst'],
  ['sustained_high_performance', 'sustained-high'],
  ['extreme_power_saver', 'low-power-saver'],
])('the profile %s is the mode %s', async (profile, mode) => {
  expect(await modeOf(withProfile(profile))).toBe(mode);
});

test.each([
  ['the mode of the system', withProfile('system_settings')],
  ['a mode that nobody knows', withProfile('constructor')],
  ['a mode of another kind', withProfile(7)],
  ['no device', {}],
  ['no core', { devices: [{}] }],
  ['invalid JSON', '{'],
])('a file with %s names no mode', async (_what, content) => {
  expect(await modeOf(content)).toBeUndefined();
});

test('a missing file names no mode', async () => {
  expect(await performanceOf(undefined)).toBeUndefined();
  expect(await performanceOf(join(folder, 'nothing.json'))).toBeUndefined();
});
