import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from './failure.mjs';
import { run } from './run.mjs';

const node = process.execPath;
/** @param {Promise<unknown>} work @returns {Promise<Failure>} */
const failureOf = (work) =>
  work.then(
    () => expect.unreachable('it did not fail'),
    (error) => {
      expect(error).toBeInstanceOf(Failure);
      return error;
    },
  );

describe('run', () => {
  it('returns standard output and logs everything', async () => {
    let log = '';
    const output = await run(node, ['-e', 'console.log("out"); console.error("err")'], {
      log: (text) => (log += text),
    });
    expect(output).toBe('out\n');
    expect(log).toContain('out\n');
    expect(log).toContain('err\n');
  });

  it('reports the command, its last lines and the next step', async () => {
    const script =
      'for (let i = 1; i <= 40; i += 1) console.log("line " + i); process.stderr.write("the reason"); process.exitCode = 3';
    const failure = await failureOf(run(node, ['-e', script], { what: 'The step', hint: 'Do this.' }));
    expect(failure.message).toBe('The step failed (exit status 3).');
    expect(failure.log.at(-1)).toBe('the reason');
    expect(failure.log).not.toContain('line 1');
    expect(failure.report()).toMatch(
      /^The step failed.*\n {2}\| line \d+\n[^]*\n {2}\| the reason\nWhat to do: Do this\.$/,
    );
  });

  it('keeps an unfinished line of one stream out of the other stream’s lines', async () => {
    const go = join(mkdtempSync(join(tmpdir(), 'wyvern-run-')), 'go');
    // Ends the line only after the other stream's line arrived.
    const script = `process.stdout.write("half a "); process.stderr.write("error\\n");
      const wait = setInterval(() => {
        if (!require("node:fs").existsSync(process.argv[1])) return;
        clearInterval(wait);
        process.stdout.write("line\\nlast");
      }, 5);`;
    /** @type {string[]} */
    const lines = [];
    await run(node, ['-e', script, go], {
      onLine(line) {
        lines.push(line);
        writeFileSync(go, '');
      },
    });
    expect(lines).toEqual(['error', 'half a line', 'last']);
  });

  it('names a missing command', async () => {
    const failure = await failureOf(run('wyvern-no-such-command', ['-x'], { what: 'The step' }));
    expect(failure.message).toBe('The step failed: wyvern-no-such-command was not found.');
  });

  it.skipIf(process.platform === 'win32')('ends a command that takes too long, with what it started', async () => {
    const grandchild = 'setInterval(() => {}, 1000)';
    const script = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(grandchild)}], { stdio: "inherit" }); setInterval(() => {}, 1000)`;
    const failure = await failureOf(run(node, ['-e', script], { what: 'The step', timeoutMs: 1_000 }));
    // `run` returns only after the grandchild also closed the output.
    expect(failure.message).toContain('took longer');
  });

  it('removes variables from the environment', async () => {
    process.env['WYVERN_TEST_VARIABLE'] = 'set';
    const script = 'console.log(process.env.WYVERN_TEST_VARIABLE ?? "unset")';
    expect(await run(node, ['-e', script], { env: { WYVERN_TEST_VARIABLE: undefined } })).toBe('unset\n');
    delete process.env['WYVERN_TEST_VARIABLE'];
  });
});
