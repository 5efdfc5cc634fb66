/**
 * Ends a process at once.
 * @param pid undefined if the process has ended
 */
export function destroyProcess(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between the check and the signal.
  }
}
