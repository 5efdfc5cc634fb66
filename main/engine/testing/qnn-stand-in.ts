/** Qualcomm's libraries with a stand-in that fails on request, for tests of NPU failures. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
/** The HTP emulator from set-up. */
export const emulatorFolder = join(root, 'resources/qnn');

/**
 * Fills an empty `folder` with libraries, among them a stand-in for the emulator's HTP backend.
 * @param fault e.g. `execute:3:1007`: the third execution and all later ones fail with QNN's error 1007; `execute:3:hang`: the
 * third never ends. Functions: `backend`, `device`, `context`, `graph`, `execute`.
 * @returns the variables for the engine's environment
 */
export function standIn(folder: string, fault: string): Readonly<Record<string, string>> {
  symlinkSync(join(root, 'resources/native/qnn_stand_in.so'), join(folder, 'libQnnHtp.so'));
  symlinkSync(join(emulatorFolder, 'libQnnSystem.so'), join(folder, 'libQnnSystem.so'));
  return {
    WYVERN_QNN: folder,
    WYVERN_STAND_IN_LIBRARY: join(emulatorFolder, 'libQnnHtp.so'),
    WYVERN_STAND_IN_FAULT: fault,
  };
}
