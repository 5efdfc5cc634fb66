/** Whether this build of Wyvern is for this machine. */
import { AppFailure } from '../../failure.ts';
import { machineOf, thisHardware } from '../../models/program/machine.ts';

/**
 * Windows emulates an x64 program on a Snapdragon: it would start, answer slowly and never reach the NPU. No installer has
 * such a build, so running one is a mistake, and the app says so at once. The check needs the processor's name only, which
 * costs neither a process nor a registry read.
 * @throws AppFailure `wrong-build`
 */
export function refuseEmulation(hardware = thisHardware()): void {
  const machine = machineOf(hardware);
  if (machine.kind !== 'cpu' || !machine.emulated) return;
  throw new AppFailure(
    'wrong-build',
    `This Wyvern is for Intel and AMD processors, but this machine has ${machine.processor}.`,
    'Install Wyvern for Windows on Arm; it is faster and can use the NPU.',
  );
}
