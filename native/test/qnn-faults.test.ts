/** Failures of the NPU, caused by a stand-in for Qualcomm's library that fails on request. Emulator. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { emulatorFolder, standIn } from '../../main/engine/testing/qnn-stand-in.ts';
import { describeOnEmulator } from './emulator.ts';

const root = join(import.meta.dirname, '../..');
const bundle = join(root, 'e2e/fixtures/tiny-llama-qnn-kv');
const places: string[] = [];

interface Ending {
  readonly type: string;
  readonly code?: string;
  readonly text?: string;
}

/** Runs the command line. Resolves with every line that it printed. @throws if a signal ended it */
async function generate(environment: Readonly<Record<string, string>>, model = bundle): Promise<readonly Ending[]> {
  const args = ['main/cli/index.ts', 'generate', '--model', model, '--prompt', 'Hello', '--max-tokens', '6', '--json'];
  const output = await new Promise<string>((resolve, reject) => {
    const options = { cwd: root, env: { ...process.env, ...environment } };
    execFile(process.execPath, args, options, (error, stdout) => {
      if (error?.signal) reject(new Error(`The process ended by ${error.signal}`));
      else resolve(stdout);
    });
  });
  return output.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Ending] : []));
}

/** What QNN still holds for a process that ended, by the ledger of the stand-in. */
async function heldAfter(fault: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-qnn-'));
  places.push(folder);
  const ledger = join(folder, 'ledger');
  await generate({ ...standIn(folder, fault), WYVERN_STAND_IN_LEDGER: ledger });
  return readFileSync(ledger, 'utf8');
}

async function ending(fault: string, complaint?: string): Promise<Ending | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-qnn-'));
  places.push(folder);
  const says = complaint === undefined ? {} : { WYVERN_STAND_IN_COMPLAINT: complaint };
  return (await generate({ ...standIn(folder, fault), ...says })).at(-1);
}

afterAll(() => {
  for (const place of places) rmSync(place, { recursive: true });
});

/** Number of failures in total. */
const injections = Number(process.env['WYVERN_NPU_FAULTS'] ?? 100);
const numbers = {
  1002: 'npu-memory',
  1007: 'npu-crashed',
  1011: 'npu-lost',
  1100: 'npu-failed',
  5005: 'npu-other-chip',
};
const faults = Array.from({ length: injections }, (_, index) => {
  const [number = '', code = ''] = Object.entries(numbers)[index % 5] ?? [];
  const place = ['context:1', 'device:1', 'graph:1', `execute:${1 + (index % 7)}`][Math.floor(index / 5) % 4];
  return { fault: `${place}:${number}`, code };
});

describeOnEmulator('an NPU that fails', () => {
  test('answers like the emulator if no call fails', async () => {
    const expected = await generate({ WYVERN_QNN: emulatorFolder });
    const folder = mkdtempSync(join(tmpdir(), 'wyvern-qnn-'));
    places.push(folder);
    const same = await generate(standIn(folder, 'execute:1000:1007'));
    expect(same.at(-1)).toMatchObject({ type: 'done', text: expected.at(-1)?.text });
  });

  // One test each: how long all of them take depends on the machine.
  test.each(faults)('gets the code of its error number ($fault)', async ({ fault, code }) =>
    expect((await ending(fault))?.code).toBe(code),
  );

  test.each(['execute:1000:1007', 'execute:2:1007'])('holds nothing when the process ends (%s)', async (fault) =>
    expect(await heldAfter(fault)).toBe('backend 0\ndevice 0\ncontext 0\n'),
  );

  // ExecuTorch frees nothing after a failed load. The stand-in aborts if it is unloaded then.
  test.each(['backend:1:1000', 'device:1:1100', 'context:1:1002', 'graph:1:1100'])(
    'does not crash the exit of a process whose load failed (%s)',
    async (fault) => expect(await ending(fault)).toMatchObject({ type: 'error' }),
  );

  test('is reported as incompatible if the device or the context binary does not fit', async () => {
    expect(await ending('backend:1:1000')).toMatchObject({ type: 'error', code: 'npu-incompatible' });
    expect(await ending('context:1:1008')).toMatchObject({ type: 'error', code: 'npu-incompatible' });
    expect(await ending('execute:2:6004')).toMatchObject({ type: 'error', code: 'npu-failed' });
  });

  test.each([
    ['DspTransport.openSession qnn_open failed, 0x80000406', 'npu-skel-missing'],
    ['Stub lib id mismatch: expected (v2.49.40), detected (v2.37.0)', 'npu-library-mismatch'],
    ['Failed to find available PD for contextId 1, context size estimate 4900 MB', 'npu-memory'],
    ['Context was prepared for soc model 69, mismatch with 60', 'npu-other-chip'],
    ["Shared weights buffer isn't supported on this platform", 'npu-device-file'],
  ])('that prints “%s” gets the code of that reason, for any number', async (complaint, code) => {
    expect(await ending('context:1:1002', complaint)).toMatchObject({ type: 'error', code });
  });

  test('is absent without its libraries, and the CPU works without it', async () => {
    const nowhere = { WYVERN_QNN: '/nowhere' };
    expect((await generate(nowhere)).at(-1)).toMatchObject({ code: 'npu-library-missing' });
    const onCpu = await generate(nowhere, join(root, 'e2e/fixtures/tiny-llama'));
    expect(onCpu.at(-1)).toMatchObject({ type: 'done', backend: 'XnnpackBackend' });
  });
});
