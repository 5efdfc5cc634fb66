import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FlatBufferError } from './flat-buffer.ts';
import { readProgram } from './program.ts';

const file = readFileSync(join(import.meta.dirname, '../../../native/test/fixtures/static-kv.pte'));
const description = file.subarray(0, Number(file.readBigUInt64LE(16)));

/** Returns the error for the program after each replacement of one of its words. */
function reasons(word: number): ReadonlySet<string> {
  const said = new Set<string>();
  for (let at = 64; at + 4 <= description.length; at += 4) {
    const bytes = Buffer.from(description);
    bytes.writeInt32LE(word, at);
    try {
      readProgram(bytes);
    } catch (error) {
      if (!(error instanceof FlatBufferError)) throw error;
      said.add(error.message);
    }
  }
  return said;
}

test('refuses a step that names an operator or a value that its method lacks', () => {
  expect(readProgram(description).methods.map(({ name }) => name)).toEqual(['kv_forward']);
  for (const word of [-1, 0x00_00_ff_ff]) {
    const said = reasons(word);
    expect(said).toContain(`it has a step that names an operator ${word} that it does not have.`);
    expect(said).toContain(`it has a step that names a value ${word} that it does not have.`);
  }
});

test('refuses an operator without a name', () => {
  expect(reasons(0)).toContain('one of its operators has no name.');
});
