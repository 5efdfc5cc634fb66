import { describe, expect, it } from 'vitest';
import { whyNoEmulation } from '../arm64/tools.mjs';
import { whyNoElectron22 } from '../electron/electron-22.mjs';
import { limits, plan } from './plan.mjs';
import { whyNoEmulator } from './qnn.mjs';

const laptop = /** @type {const} */ ({ platform: 'linux', arch: 'x64' });
const arm64 = /** @type {const} */ ({ platform: 'linux', arch: 'arm64' });
const windows = /** @type {const} */ ({ platform: 'win32', arch: 'arm64' });
/** The options of `npm test`. */
const wishes = { browser: true, app: true, emulator: true };

/** @param {import('./plan.mjs').Machine} machine @param {import('./plan.mjs').Wishes} [more] */
const names = (machine, more = {}) => plan({ ...wishes, ...more }, machine).map(({ stage }) => stage.name);

describe('set-up on Linux on arm64', () => {
  it('takes the stages of x86-64 except the HTP emulator', () => {
    expect(names(laptop)).toContain('qnn');
    expect(names(arm64)).toEqual(names(laptop).filter((name) => name !== 'qnn'));
    expect(names(arm64)).toEqual(
      expect.arrayContaining(['npm-packages', 'python.venv', 'sentencepiece', 'addon', 'model']),
    );
  });

  it('names the models and tests that the missing HTP emulator leaves out', () => {
    expect(limits({}, laptop)).toEqual([]);
    expect(limits({}, arm64)).toEqual([
      'there is no HTP emulator for linux on arm64: models for the NPU do not run here; models for the CPU do',
    ]);
    expect(limits(wishes, arm64)[0]).toContain('tests that need it are skipped with this reason');
  });

  it('does not emulate arm64', () => {
    expect(whyNoEmulation('linux', 'x64')).toBeUndefined();
    expect(whyNoEmulation('linux', 'arm64')).toBe(
      'arm64 is emulated on Linux on x86-64 only, and this is linux on arm64',
    );
  });
});

describe('set-up', () => {
  it('cross-builds for arm64 only on request, after this machine’s addon', () => {
    expect(names(laptop).filter((name) => name.startsWith('arm64'))).toEqual([]);
    expect(names(laptop, { arm64: true }).filter((name) => name.startsWith('arm64'))).toEqual([
      ...['arm64-tools', 'arm64-node', 'arm64-addon'],
    ]);
    const steps = plan({ arm64: true }, laptop);
    for (const [index, { after }] of steps.entries()) {
      const before = steps.slice(0, index).map(({ stage }) => stage);
      expect(before).toEqual(expect.arrayContaining([...after]));
    }
  });

  it('makes both environments with torch only on request, one after the other', () => {
    const torch = ['python.venv-export', 'python.venv-optimum'];
    expect(names(laptop).filter((name) => torch.includes(name))).toEqual([]);
    const steps = plan({ export: true }, laptop).filter(({ stage }) => torch.includes(stage.name));
    expect(steps.map(({ stage }) => stage.name)).toEqual(torch);
    expect(steps[1]?.after).toEqual([steps[0]?.stage]);
  });

  it('brings Electron 22 only on request, after the display and its libraries', () => {
    expect(names(laptop).filter((name) => name.startsWith('electron-22'))).toEqual([]);
    expect(names(laptop, { electron22: true }).filter((name) => name.startsWith('electron-22'))).toEqual([
      ...['electron-22-display', 'electron-22'],
    ]);
    expect(whyNoElectron22('linux', 'arm64')).toBe(
      'this Electron is for Linux on x86-64 only, and this is linux on arm64',
    );
    expect(whyNoElectron22('linux', 'x64')).toBeUndefined();
  });

  it('builds no addon on Windows, and says so', () => {
    expect(names(windows)).not.toContain('addon');
    expect(limits({}, windows)[0]).toContain('does not build the native addon');
  });

  it('finds the HTP emulator only on Linux on x86-64', () => {
    expect(whyNoEmulator('linux', 'x64')).toBeUndefined();
    expect(whyNoEmulator('win32', 'arm64')).toBe('there is no HTP emulator for win32 on arm64');
  });
});
