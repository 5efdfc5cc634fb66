import { describe, expect, test } from 'vitest';
import { asFailure } from './errors.ts';
import { qnnFailure } from './qnn-failures.ts';

/** A failure as native code reports it. */
const native = (code: string, message: string) => asFailure(Object.assign(new Error(message), { code }));

describe('messages of QNN', () => {
  test.each([
    ['[ERROR] [Qnn ExecuTorch]: Failed to create context from binary with error 0x3ea, error: 1002', 'npu-memory'],
    ['[ERROR] [Qnn ExecuTorch]: qnn_graph_execute failed. Error 1007', 'npu-crashed'],
    ['[ERROR] [Qnn ExecuTorch]: qnn_graph_execute failed. Error 1011', 'npu-lost'],
    ['[ERROR] [Qnn ExecuTorch]: Can’t load, error code 1008', 'npu-incompatible'],
    ['[ERROR] [Qnn ExecuTorch]: Failed to create device_handle, error=1100', 'npu-failed'],
    ['[ERROR] [Qnn ExecuTorch]: Failed to create context from binary with err 5005', 'npu-other-chip'],
    ['[ERROR] [Qnn ExecuTorch]: clientBuf is null, error 6004', 'npu-failed'],
    [' <E> DspTransport.openSession qnn_open failed, 0x80000406', 'npu-skel-missing'],
    [' <E> Stub lib id mismatch: expected (v2.49.0), detected (v2.37.0)', 'npu-library-mismatch'],
    [' <E> Failed to find available PD for contextId 1 on deviceId 0, error 1002', 'npu-memory'],
    [' <E> Shared weights buffer isn’t supported on this platform, error 1000', 'npu-device-file'],
    ['[ERROR] [Qnn ExecuTorch]: something new, error 4711', 'npu-failed'],
  ])('%s', (complaint, code) => {
    const failure = native('execution-failed', `Running \`kv_forward\` failed: ${complaint} (Internal).`);
    expect(failure.code).toBe(code);
    expect(failure.toError().hint).toMatch(/\S/);
  });

  test('quotes an unknown number', () => {
    expect(qnnFailure('[Qnn ExecuTorch]: something new, error 4711')?.message).toContain('4711');
  });

  test('does not count a failure of the CPU as one of the NPU', () => {
    expect(qnnFailure('Running `forward` failed: error 1002 (Internal).')).toBeUndefined();
    expect(native('program-invalid', 'ExecuTorch does not accept the program: error 1007.').code).toBe('model-invalid');
  });

  test('keeps the sentence of a library that is missing or of another release', () => {
    expect(native('library-missing', 'There is no QnnHtp.dll in C:\\x.').code).toBe('npu-library-missing');
    expect(
      native('library-mismatch', 'In C:\\x QnnHtp.dll is of release 1, but QnnSystem.dll of 2.').toError(),
    ).toEqual({
      code: 'npu-library-mismatch',
      message:
        'Qualcomm’s libraries do not belong together: In C:\\x QnnHtp.dll is of release 1, but QnnSystem.dll of 2.',
      hint: 'Put all of them from one release into one folder, or clear the folder in Settings to use Wyvern’s own.',
    });
  });
});
