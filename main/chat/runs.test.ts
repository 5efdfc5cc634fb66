import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LiveToken, Run } from '../../preload/contract.ts';
import { Runs, tableOf } from './runs.ts';

const token = (times: Partial<LiveToken>): LiveToken => ({ text: 'a', stepUs: 1000, samplingUs: 10, ...times });
const run = (...tokens: readonly LiveToken[]): Run => ({
  messageId: 'a1',
  model: 'Tiny',
  backend: 'CPU (XNNPACK)',
  contextLength: 64,
  tokens,
});

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'wyvern-runs-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a table', () => {
  test('has a line for each token, and no empty column', () => {
    expect(
      tableOf(run(token({ timeToFirstTokenUs: 50 }), token({ text: ' b', stepUs: 1234.567, backendUs: 900 }))),
    ).toBe(
      [
        'token,text,step_us,backend_us,sampling_us,time_to_first_token_us',
        '1,"""a""",1000,,10,50',
        '2,""" b""",1234.6,900,10,',
        '',
      ].join('\r\n'),
    );
  });

  test('keeps any text in one cell that no program reads as a formula', () => {
    const line = tableOf(run(token({ text: '=1+1\n",x' }))).split('\r\n')[1];
    expect(line).toBe(String.raw`1,"""=1+1\n\"",x""",1000,10`);
  });
});

describe('saving', () => {
  const saving = (path: string | undefined, kept: Run | undefined = run(token({}))): Runs =>
    new Runs({ run: () => kept, chooseFile: () => Promise.resolve(path) });

  test('writes to the chosen path, and nothing if the person cancels', async () => {
    const path = join(folder, 'Zeiten ü.csv');
    expect(await saving(path).saveTable({ messageId: 'a1' })).toEqual({ path });
    expect(readFileSync(path, 'utf8')).toBe(tableOf(run(token({}))));
    expect(await saving(undefined).saveTable({ messageId: 'a1' })).toBeUndefined();
  });

  test('takes a PNG only', async () => {
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2]).toString('base64');
    const path = join(folder, 'plot.png');
    expect(await saving(path).savePicture({ messageId: 'a1', png })).toEqual({ path });
    expect(readFileSync(path).toString('base64')).toBe(png);
    await expect(saving(path).savePicture({ messageId: 'a1', png: 'AAAA' })).rejects.toMatchObject({
      error: { code: 'option-invalid' },
    });
  });

  test('fails with a reason if no times are stored or the file cannot be written', async () => {
    const nothing = new Runs({ run: () => undefined, chooseFile: () => Promise.resolve('x') });
    await expect(nothing.saveTable({ messageId: 'a1' })).rejects.toMatchObject({
      error: { code: 'message-not-found' },
    });
    await expect(saving(join(folder, 'no', 'such.csv')).saveTable({ messageId: 'a1' })).rejects.toMatchObject({
      error: { code: 'file-not-written', hint: expect.any(String) as string },
    });
  });
});
