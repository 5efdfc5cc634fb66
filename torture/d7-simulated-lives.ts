/** D7: whatever fails and in whatever order, what the window has shown is on the disk, and every wait ends. */
import type { TriedPromise } from './promise.ts';
import { noVirtualDisk, simulate } from './simulation/lives.ts';

export const simulatedLives: TriedPromise = {
  id: 'D7',
  says: 'what the window has shown survives every order of faults and power cuts, and every wait ends',
  cases: 200,
  unable: noVirtualDisk,
  attempt: (trial) => simulate('life', trial),
};
