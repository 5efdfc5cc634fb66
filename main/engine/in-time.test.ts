import { expect, test, vi } from 'vitest';
import { inTime } from './in-time.ts';

/** Takes time on the clock, without the processor, as a thread does that waits for its turn on a busy machine. */
function wait(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

test('a task that ends returns its value', () => {
  expect(inTime(() => 'done', 60_000)).toEqual({ ended: true, value: 'done' });
});

test('a task that computes forever is interrupted', () => {
  const outcome = inTime(() => {
    for (;;) Math.random();
  }, 100);
  expect(outcome).toEqual({ ended: false, reason: 'it did not end within 100 ms.', late: true });
});

test('a task that used little of the processor runs again, because a busy machine stopped it', () => {
  const task = vi.fn(() => {
    if (task.mock.calls.length === 1) wait(60_000);
    return 'done';
  });
  // An attempt that computes for half of the limit would count as late, so the limit is long.
  expect(inTime(task, 2_000)).toEqual({ ended: true, value: 'done' });
  expect(task).toHaveBeenCalledTimes(2);
});

test('a task that never has the processor is interrupted after five attempts', () => {
  const task = vi.fn(() => {
    wait(60_000);
  });
  expect(inTime(task, 100)).toEqual({ ended: false, reason: 'it did not end within 100 ms.', late: true });
  expect(task).toHaveBeenCalledTimes(5);
});

test('the error of a task is its reason', () => {
  const outcome = inTime(() => {
    throw new Error('The template has no end.');
  }, 60_000);
  expect(outcome).toEqual({ ended: false, reason: 'The template has no end.', late: false });
});
