/** D8: after eight hours of use, the window still shows what the store has, and nothing waits. */
import type { TriedPromise } from './promise.ts';
import { noVirtualDisk, simulate } from './simulation/lives.ts';

export const simulatedDays: TriedPromise = {
  id: 'D8',
  says: 'after eight hours of use the window shows what the store has, and nothing waits',
  cases: 1,
  unable: noVirtualDisk,
  attempt: (trial) => simulate('day', trial),
};
