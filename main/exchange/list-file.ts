/** Wyvern's own files of presets and of prompts, described in docs/chat-format.md. Their content is hostile. */
import { basename } from 'node:path';
import { z } from 'zod';
import type { ErrorCode } from '../../preload/contract.ts';
import { parseJson } from '../engine/bounded-json.ts';
import { AppFailure } from '../failure.ts';
import { asReadError, readBytes, UnreadableFileError } from '../files/reading.ts';
import { decodeText } from './encoding.ts';

const formatVersion = 1;

interface ListForm<Item> {
  /** Names the list in the file, and follows `wyvern-` in the name of the format. */
  readonly list: string;
  readonly item: z.ZodType<Item>;
  readonly mostItems: number;
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Of a file that cannot be read. */
  readonly unreadable: ErrorCode;
}

/** A file with one list. */
export class ListFile<Item> {
  readonly #form: ListForm<Item>;
  readonly #head: z.ZodType<{ readonly version: number }>;
  readonly #items: z.ZodType<readonly Item[]>;

  constructor(form: ListForm<Item>) {
    this.#form = form;
    const format = z.literal(`wyvern-${form.list}`, `it is no file of ${form.list}`);
    const head = z.object({ format, version: z.number().int() });
    this.#head = head;
    this.#items = head
      .extend({ [form.list]: z.array(form.item).max(form.mostItems) })
      .transform((file): readonly Item[] => file[form.list] ?? []);
  }

  /** The text of a file. @param items without fields that are not the file's */
  write(items: readonly Item[]): string {
    const { list } = this.#form;
    return `${JSON.stringify({ format: `wyvern-${list}`, version: formatVersion, [list]: items }, undefined, 2)}\n`;
  }

  /** @throws AppFailure with the code for unreadable files */
  async read(path: string): Promise<readonly Item[]> {
    const { list, maxBytes, unreadable } = this.#form;
    try {
      return this.#parse(decodeText(await readBytes(path, maxBytes)));
    } catch (cause) {
      const known = asReadError(cause);
      const why = known instanceof Error ? known.message : String(known);
      throw new AppFailure(
        unreadable,
        `“${basename(path)}” was not imported: ${why}`,
        known instanceof UnreadableFileError
          ? known.hint
          : `Nothing was changed. Choose a file of ${list} that Wyvern exported.`,
      );
    }
  }

  #parse(text: string): readonly Item[] {
    const { version } = parseJson(text, this.#head, this.#form);
    if (version !== formatVersion) {
      throw new Error(`it has version ${version}, and this Wyvern reads version ${formatVersion}.`);
    }
    return parseJson(text, this.#items, this.#form);
  }
}
