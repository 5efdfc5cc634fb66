/** Whether this build of Wyvern is for this machine. */
import { AppFailure } from '../../failure.ts';
import { machineOf, thisHardware } from '../../models/program/machine.ts';

/**
 * An x64 program on a Snapdragon is translated by Windows: it would start, answer slowly and never reach the NPU. There
 * is no such Wyvern to install, so one that runs is a mistake worth saying at once. It asks for the processor's name alone,
 * which costs the start no process and no registry.
 * @throws AppFailure `wrong-build`
 */
export function refuseEmulation(hardware = thisHardware()): void {
  const machine = machineOf(hardware);
  if (machine.kind !== 'cpu' || !machine.emulated) return;
  throw new AppFailure(
    'wrong-build',
    `This is the Wyvern for Intel and AMD processors, and this machine has another: ${machine.processor}.`,
    'Windows would translate it, slowly, and it could not use the NPU. Install the Wyvern for Windows on Arm.',
  );
}
