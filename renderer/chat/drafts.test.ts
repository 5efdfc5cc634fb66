import { afterEach, expect, test, vi } from 'vitest';
import type { Bridge } from '../../preload/contract.ts';
import { useDrafts } from './drafts.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a draft that a full disk did not take is saved once there is room', async () => {
  vi.useFakeTimers();
  const failed = { ok: false, error: { code: 'store-failed', message: 'The disk is full.' } };
  const call = vi.fn().mockResolvedValueOnce(failed).mockResolvedValue({ ok: true });
  vi.stubGlobal('window', { wyvern: { call } as unknown as Bridge });
  useDrafts.getState().write('c', { text: 'Half a question', attachments: [] });
  await vi.advanceTimersByTimeAsync(10_000);
  const saved = ['drafts.set', { conversationId: 'c', text: 'Half a question', attachments: [] }];
  expect(call.mock.calls).toEqual([saved, saved]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(call).toHaveBeenCalledTimes(2);
});
