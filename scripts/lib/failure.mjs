/**
 * A failure that a person can act on: what failed and why, the log's last lines, the next step.
 * Any other exception is a bug and keeps its stack.
 */
export class Failure extends Error {
  /**
   * @param {string} message What failed, and why, in one sentence.
   * @param {{ hint?: string, log?: readonly string[] }} [detail] `hint`: the next step. `log`: the last lines of the output.
   */
  constructor(message, { hint, log } = {}) {
    super(message);
    this.name = 'Failure';
    this.hint = hint;
    this.log = log ?? [];
  }

  /** Formats the whole report for standard error. */
  report() {
    return [
      this.message,
      ...this.log.map((line) => `  | ${line}`),
      ...(this.hint === undefined ? [] : [`What to do: ${this.hint}`]),
    ].join('\n');
  }
}

/**
 * Runs a command-line entry, prints its failure and sets the exit status.
 * @param {() => Promise<number | void>} main Resolves to the exit status, 0 by default.
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.report()}` : error);
    process.exitCode = 1;
  }
}
