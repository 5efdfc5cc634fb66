import { expect, test } from 'vitest';
import { librariesMissing } from './qnn.ts';

test('without the emulator on Linux x86_64, the next step is the command that installs it', () => {
  const linux = { platform: 'linux', arch: 'x64' } as const;
  expect(librariesMissing(['/app/qnn'], false, linux).toError()).toEqual({
    code: 'npu-emulator-missing',
    message: 'This model is for the NPU. This machine can run it in Qualcomm’s emulator, which is not installed.',
    hint: 'Run `npm run setup -- --emulator` in the folder of Wyvern, then load the model again.',
  });
});

test.each([
  ['a folder that the person named', true, { platform: 'linux', arch: 'x64' }],
  ['a Windows device', false, { platform: 'win32', arch: 'arm64' }],
] as const)('with %s, the next step is another folder', (_, isNamed, machine) => {
  expect(librariesMissing(['/app/qnn'], isNamed, machine).toError()).toMatchObject({
    code: 'npu-library-missing',
    message: expect.stringContaining('/app/qnn') as string,
    hint: expect.stringContaining('Settings') as string,
  });
});
