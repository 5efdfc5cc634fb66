/** Saves the token times of answers as files. */
import type { LiveToken, Run } from '../../preload/contract.ts';
import { type ChooseSave, saveFile } from '../exchange/save-file.ts';
import { AppFailure } from '../failure.ts';
import type { SaveQuestion } from '../strings/save-question.ts';

export interface RunDependencies {
  readonly run: (messageId: string) => Run | undefined;
  readonly chooseFile: ChooseSave;
}

type Saved = { readonly path: string } | undefined;

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export class Runs {
  readonly #with: RunDependencies;

  constructor(dependencies: RunDependencies) {
    this.#with = dependencies;
  }

  get(messageId: string): Run | undefined {
    return this.#with.run(messageId);
  }

  /** @throws AppFailure `message-not-found` if no times were kept, `file-not-written` */
  async saveTable({ messageId }: { readonly messageId: string }): Promise<Saved> {
    const run = this.#required(messageId);
    return await this.#save('csv', 'times', () => tableOf(run));
  }

  /** @throws AppFailure as {@link saveTable}, `option-invalid` if the bytes are no PNG */
  async savePicture({ messageId, png }: { readonly messageId: string; readonly png: string }): Promise<Saved> {
    this.#required(messageId);
    const bytes = Buffer.from(png, 'base64');
    if (!bytes.subarray(0, pngSignature.length).equals(pngSignature))
      throw new AppFailure('option-invalid', 'What was drawn is no PNG.');
    return await this.#save('png', 'plot', () => bytes);
  }

  #required(messageId: string): Run {
    const run = this.#with.run(messageId);
    if (!run)
      throw new AppFailure('message-not-found', 'The times of this answer were not kept.', 'Choose another answer.');
    return run;
  }

  async #save(
    extension: SaveQuestion['extension'],
    what: SaveQuestion['what'],
    content: () => string | Uint8Array,
  ): Promise<Saved> {
    const question = { what, name: `wyvern-latency.${extension}`, extension };
    const path = await saveFile(this.#with.chooseFile, question, () => [content()]);
    return path === undefined ? undefined : { path };
  }
}

type Column = readonly [name: string, value: (token: LiveToken, index: number) => number | string | undefined];

const columns: readonly Column[] = [
  ['token', (_, index) => index + 1],
  // As a JSON string: white space can be seen, and no program takes model text for a formula.
  ['text', ({ text }) => JSON.stringify(text)],
  ['step_us', ({ stepUs }) => stepUs],
  ['accelerator_us', ({ acceleratorUs }) => acceleratorUs],
  ['backend_us', ({ backendUs }) => backendUs],
  ['sampling_us', ({ samplingUs }) => samplingUs],
  ['hvx_threads', ({ hvxThreads }) => hvxThreads],
  ['accepted', ({ accepted }) => accepted && 1],
  ['time_to_first_token_us', ({ timeToFirstTokenUs }) => timeToFirstTokenUs],
];

/**
 * RFC 4180, a line a token. A column that nothing was reported in is absent; an empty cell was not reported. Backend time
 * includes the accelerator's, step time includes all.
 */
export function tableOf({ tokens }: Run): string {
  const reported = columns.filter(([, value]) => tokens.some((token, index) => value(token, index) !== undefined));
  const lines = tokens.map((token, index) => reported.map(([, value]) => cell(value(token, index))));
  return [reported.map(([name]) => name), ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

function cell(value: number | string | undefined): string {
  if (value === undefined) return '';
  // A tenth of a microsecond is finer than any of the clocks.
  if (typeof value === 'number') return String(Math.round(value * 10) / 10);
  return `"${value.replaceAll('"', '""')}"`;
}
