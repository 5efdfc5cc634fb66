/** Uses the output of `reg query` on such machines, in more than one language. */
import { describe, expect, test } from 'vitest';
import { AppFailure } from '../../failure.ts';
import { npuDriver } from './npu-driver.ts';
import { refuseEmulation } from './own-build.ts';
import { parseRegistry } from './registry.ts';

const classKey =
  'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Class\\{f01a9d53-3ff6-48d2-9f97-c8a7004be10c}';

const elite = [
  '',
  classKey,
  '    Class    REG_SZ    ComputeAccelerator',
  '    (Default)    REG_SZ    Compute accelerators',
  '    NoInstallClass    REG_SZ    1',
  '',
  `${classKey}\\0000`,
  '    InfPath    REG_SZ    oem42.inf',
  '    ProviderName    REG_SZ    Qualcomm Incorporated',
  '    DriverDateData    REG_BINARY    00C01D8D6BB9DA01',
  '    DriverDate    REG_SZ    6-8-2025',
  '    DriverVersion    REG_SZ    30.0.140.1000',
  '    DriverDesc    REG_SZ    Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Hexagon(TM) NPU',
  '',
  `${classKey}\\Properties`,
  '',
].join('\r\n');

describe('the registry', () => {
  test('is read key by key in any system language', () => {
    const german =
      '\r\nHKEY_LOCAL_MACHINE\\A\r\n    (Standard)    REG_SZ    x    y\r\n    Leer    REG_SZ    \r\n    Zahl    REG_DWORD    0x1\r\n';
    expect([...parseRegistry(german)].map(([key, values]) => [key, Object.fromEntries(values)])).toEqual([
      ['HKEY_LOCAL_MACHINE\\A', { '(Standard)': 'x    y', Leer: '', Zahl: '0x1' }],
    ]);
    expect([...parseRegistry(elite).keys()]).toEqual([classKey, `${classKey}\\0000`, `${classKey}\\Properties`]);
  });

  test.each([
    '',
    'ERROR: The system was unable to find the specified registry key or value.',
    '    a    REG_SZ    b',
    '\0\0',
  ])('%j has no keys', (output) => expect(parseRegistry(output).size).toBe(0));
});

describe('the NPU’s driver', () => {
  const found = (output: string): ReturnType<typeof npuDriver> =>
    npuDriver(() => Promise.resolve(parseRegistry(output)));

  test('is named with version and date', async () => {
    expect(await found(elite)).toEqual({
      device: 'Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Hexagon(TM) NPU',
      version: '30.0.140.1000',
      date: '6-8-2025',
    });
  });

  test('of another maker is ignored', async () => {
    const intel = elite
      .replace('Qualcomm Incorporated', 'Intel Corporation')
      .replace(/Snapdragon.*NPU/, 'Intel(R) AI Boost');
    expect(await found(intel)).toBeUndefined();
    expect(await found('')).toBeUndefined();
  });

  test('is searched on Windows only', async () => {
    if (process.platform !== 'win32') expect(await npuDriver()).toBeUndefined();
  });
});

describe('a build for another processor', () => {
  const processor = 'Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM) CPU';

  test('is refused with the processor’s name and what to install', () => {
    const refused = (): void => refuseEmulation({ platform: 'win32', arch: 'x64', processor });
    expect(refused).toThrow(processor);
    expect(refused).toThrow(AppFailure);
  });

  test.each([
    ['where it belongs', { platform: 'win32', arch: 'x64', processor: 'AMD Ryzen 7' }],
    ['on the chip itself', { platform: 'win32', arch: 'arm64', processor }],
    ['in the emulator', { platform: 'linux', arch: 'x64', processor: 'AMD EPYC' }],
  ] as const)('goes on %s', (_where, hardware) => {
    expect(() => refuseEmulation(hardware)).not.toThrow();
  });
});
