/** Forks the app's other processes. The only file that names `utilityProcess`. */
import { app, utilityProcess } from 'electron';
import type { ForkOptions, UtilityProcess } from 'electron';
import { log } from '../log.ts';
import { isCageProven } from './cage-proof.ts';
import { engineEnvironment, withoutOtherAddon } from './engine-environment.ts';
import { paths } from './paths.ts';

export interface ForkedProcess {
  readonly child: UtilityProcess;
  /** Ends the process at once, whatever it is doing. */
  readonly destroy: () => void;
}

/**
 * @param name of the process, in the log and in the system's list as `wyvern-NAME`
 * @param onOutput gets what the process and its libraries print; the log has it too
 */
export function forkProcess(
  entry: string,
  name: string,
  options: Pick<ForkOptions, 'execArgv' | 'env'> = {},
  onOutput: (text: string) => void = () => undefined,
): ForkedProcess {
  const child = utilityProcess.fork(entry, [], { ...options, serviceName: `wyvern-${name}`, stdio: 'pipe' });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      onOutput(text);
      log('debug', `${name}: ${text.trimEnd()}`);
    });
  }
  // V8 reports fatal errors, such as out of memory, before the exit. Without a listener this would end the app.
  child.on('error', (type, location) => log('error', `The ${name} process cannot go on: ${type} at ${location}`));
  return { child, destroy: () => destroyProcess(child.pid) };
}

/** The environment of a process that loads the addon and enters the cage. @param qnnFolder empty if it needs no NPU */
export function cagedEnvironment(qnnFolder = ''): NodeJS.ProcessEnv {
  return engineEnvironment(app.isPackaged ? withoutOtherAddon(process.env) : process.env, process.platform, {
    qnnFolder,
    nativeFolder: paths.native,
    isCageProven: isCageProven(app.getPath('userData'), app.getVersion()),
  });
}

/** @param pid undefined if the process has ended */
function destroyProcess(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between the check and the signal.
  }
}
