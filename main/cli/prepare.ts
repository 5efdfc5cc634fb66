import { failure } from '../engine/errors.ts';
import { AppFailure } from '../failure.ts';
import { writeBundle } from '../gguf/bundle.ts';
import { integer, invalid, parse } from './options.ts';
import { remark } from './output.ts';

/** `wyvern prepare`: makes a bundle from a GGUF. */
export async function prepare(args: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { out: text, context: text, name: text, license: text, source: text } as const;
  const { values, positionals } = parse(args, options, 1);
  const [path] = positionals;
  if (path === undefined || values.out === undefined) throw invalid('prepare takes a GGUF file and --out FOLDER.');
  const context = integer('--context', values.context, 16, 2 ** 20);
  const { name, license, source } = values;
  const given = {
    ...(context === undefined ? {} : { context }),
    ...(name === undefined ? {} : { name }),
    ...(license === undefined ? {} : { license }),
    ...(source === undefined ? {} : { source }),
  };
  try {
    await writeBundle(path, values.out, given, {
      onProgress: (done, total) => remark(`\rPreparing ${Math.floor((100 * done) / total)} %`),
    });
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    const { message, hint } = error.error;
    throw failure('option-invalid', { reason: message, ...(hint === undefined ? {} : { hint }) });
  } finally {
    remark('\n');
  }
}
