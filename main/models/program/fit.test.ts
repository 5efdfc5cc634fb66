import { describe, expect, test } from 'vitest';
import { chipByNumber, chipLabel, laptopChip } from './chips.ts';
import { fitOf } from './fit.ts';
import { machineOf, type Hardware, type Machine } from './machine.ts';
import type { QnnTarget } from './target.ts';

const elite = 'Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM) CPU';
const windows = (processor: string): Hardware => ({ platform: 'win32', arch: 'arm64', processor });
const emulator: Machine = { kind: 'emulator' };

function target(soc: number, runsOn: QnnTarget['runsOn']): QnnTarget {
  const chip = chipByNumber(soc)!;
  const { htpArch } = chip;
  const graphs = ['kv_forward'];
  const rest = { backend: 'htp', graphs, shards: 1, contextBytes: 1, fromContextBinary: false } as const;
  return { soc, chip, htpArch, label: chipLabel(chip), runsOn, ...rest };
}

/** Returns the text of a refusal; empty if the program runs. */
function said(of: QnnTarget | undefined, machine: Machine): string {
  const fit = fitOf(of, machine);
  return fit.runs ? '' : `${fit.reason} ${fit.hint}`;
}

test.each([
  ['Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM) CPU', 43, 'Snapdragon X Elite (V73)'],
  ['Snapdragon(R) X2 Elite - X2E88100 - Qualcomm Oryon(TM) CPU', 87, 'Snapdragon X2 Elite (V81)'],
])('on %s, a program for another chip of its architecture runs with a warning', (processor, soc, here) => {
  expect(fitOf(target(soc, 'device'), machineOf(windows(processor)))).toEqual({ runs: true, otherChip: here });
});

test('a program for the chip itself runs without a warning', () => {
  expect(fitOf(target(60, 'device'), machineOf(windows(elite)))).toEqual({ runs: true });
});

describe('the name of a processor', () => {
  test.each([
    [elite, { name: 'Snapdragon X Elite', model: 'X1E80100', soc: 'SC8380XP', htpArch: 73, proven: true }],
    ['Snapdragon(R) X Elite - X1E78100 - Qualcomm(R) Oryon(TM) CPU', { model: 'X1E78100', htpArch: 73, proven: true }],
    ['Snapdragon(R) X Plus - X1P64100 - Qualcomm(R) Oryon(TM) CPU', { name: 'Snapdragon X Plus', proven: true }],
    ['Snapdragon(R) X Plus - X1P42100 - Qualcomm(R) Oryon(TM) CPU', { soc: 'SC8380XP', htpArch: 73, proven: false }],
    ['Snapdragon(R) X - X126100 - Qualcomm(R) Oryon(TM) CPU', { name: 'Snapdragon X', htpArch: 73, proven: false }],
    ['Snapdragon(R) X2 Elite - X2E88100 - Qualcomm Oryon(TM) CPU', { name: 'Snapdragon X2 Elite', htpArch: 81 }],
    ['Snapdragon X Elite X1E-80-100', { model: 'X1E80100' }],
  ])('%s is read', (name, expected) => {
    expect(laptopChip(name)).toMatchObject(expected);
  });

  test.each([
    'AMD EPYC 9005',
    'Intel(R) Core(TM) Ultra 7 155H',
    'ARMv8 (64-bit) Family 8 Model D49 Revision 0, MICROSOFT CORPORATION',
    'Snapdragon (TM) 8cx Gen 3 @ 3.0 GHz',
    '',
  ])('%s is no Snapdragon X', (name) => {
    expect(laptopChip(name)).toBeUndefined();
  });
});

describe('the machine', () => {
  test.each<[Hardware, Machine['kind']]>([
    [windows(elite), 'device'],
    [{ platform: 'linux', arch: 'x64', processor: 'AMD EPYC' }, 'emulator'],
    [{ platform: 'win32', arch: 'x64', processor: 'Intel(R) Core(TM)' }, 'cpu'],
    [{ platform: 'darwin', arch: 'arm64', processor: 'Apple M4' }, 'cpu'],
    [{ platform: 'win32', arch: 'x64', processor: elite }, 'cpu'],
  ])('%o', (hardware, kind) => {
    expect(machineOf(hardware).kind).toBe(kind);
  });
});

describe('a program', () => {
  const device = machineOf(windows(elite));

  test('of the CPU runs everywhere', () => {
    const machines = [device, emulator, machineOf({ platform: 'darwin', arch: 'arm64', processor: 'Apple M4' })];
    for (const machine of machines) expect(fitOf(undefined, machine)).toEqual({ runs: true });
  });

  test('for this chip runs, and one from Qualcomm’s own tools is tried', () => {
    expect(fitOf(target(60, 'device'), device)).toEqual({ runs: true });
    expect(fitOf(target(60, 'unknown'), device)).toEqual({ runs: true });
    expect(fitOf(target(60, 'unknown'), emulator)).toEqual({ runs: true });
  });

  test('for another chip is refused with the way to compile it for this one', () => {
    expect(fitOf(target(69, 'device'), device)).toEqual({
      runs: false,
      reason:
        'it was compiled for Snapdragon 8 Elite (V79); this is Snapdragon X Elite (V73): compile with --soc SC8380XP.',
      hint: 'Export it again for this machine: python -m export llama --target SC8380XP …',
    });
  });

  test('for any chip runs in the emulator if it was compiled for the emulator', () => {
    for (const soc of [60, 69]) expect(fitOf(target(soc, 'emulator'), emulator)).toEqual({ runs: true });
  });

  test('for a device is named so on a machine with the emulator, and the reverse', () => {
    expect(said(target(60, 'device'), emulator)).toMatch(/^it is a device file/);
    expect(said(target(60, 'emulator'), device)).toMatch(/^it is an emulator file/);
  });

  test('is refused without unusable advice on a chip that no exporter knows yet', () => {
    const next = machineOf(windows('Snapdragon(R) X2 Elite - X2E88100 - Qualcomm Oryon(TM) CPU'));
    expect(said(target(60, 'device'), next)).toContain('this is Snapdragon X2 Elite (V81).');
    expect(said(target(60, 'device'), next)).not.toContain('--soc');
  });

  test('is refused on a machine without an NPU, and by a build that cannot reach the NPU', () => {
    const intel = machineOf({ platform: 'win32', arch: 'x64', processor: 'Intel(R) Core(TM)' });
    expect(said(target(60, 'device'), intel)).toContain('no Hexagon NPU');
    const emulated = machineOf({ platform: 'win32', arch: 'x64', processor: elite });
    expect(said(target(60, 'device'), emulated)).toContain('Install the Wyvern for Windows on Arm.');
  });
});
