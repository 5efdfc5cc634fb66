/**
 * Cuts JSON of other programs into records while it is read: the values of the outermost array, the values of `chats` in
 * Wyvern's own file, or the values of JSON Lines. One record is in memory at a time. Its size and depth are checked before
 * it is parsed.
 */

export interface RecordLimits {
  readonly maxBytes: number;
  /** Most levels of arrays and objects within a record. */
  readonly maxDepth: number;
}

export type RecordProblem = 'too-large' | 'too-deep' | 'not-text';

export type JsonRecord =
  /** The records that follow are chats of Wyvern's own file. */
  | { readonly head: true; readonly version: number }
  /** The text of one record, which may be invalid JSON. */
  | { readonly text: string; readonly version?: number }
  /** The record is skipped. */
  | { readonly problem: RecordProblem; readonly version?: number };

/** The beginning of a file of Wyvern's chats, as `docs/chat-format.md` promises it. */
const ownHead = /^\{\s*"format"\s*:\s*"wyvern-chats"\s*,\s*"version"\s*:\s*(\d{1,9})\s*,\s*"chats"\s*:\s*\[$/;
const longestOwnHead = 500;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openArray = 0x5b;
const openObject = 0x7b;
const closeArray = 0x5d;
const closeObject = 0x7d;
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** @throws Error with a sentence if the text around the records is not JSON, or ends too early */
export async function* jsonRecords(
  chunks: AsyncIterable<Uint8Array>,
  limits: RecordLimits,
): AsyncGenerator<JsonRecord> {
  const cutter = new Cutter(limits);
  for await (const chunk of chunks) yield* cutter.take(chunk);
  cutter.end();
}

class Cutter {
  readonly #limits: RecordLimits;
  /** Level of the records: 0, 1 in an array, 2 in Wyvern's own file. */
  #base = 0;
  #version: number | undefined;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The part of the current record that was read. */
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #inRecord = false;
  #problem: RecordProblem | undefined;
  #records = 0;
  #seenBytes = 0;
  /** The array or object around the records has ended. */
  #closed = false;

  constructor(limits: RecordLimits) {
    this.#limits = limits;
  }

  *take(chunk: Uint8Array): Generator<JsonRecord> {
    let start = this.#inRecord ? 0 : -1;
    for (let at = this.#afterMark(chunk); at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#inString = false;
        continue;
      }
      if (!this.#inRecord) {
        if (isSpace(byte) || this.#frame(byte)) continue;
        this.#inRecord = true;
        start = at;
      }
      if (byte === quote) this.#inString = true;
      else if (byte === openObject || byte === openArray) {
        if (++this.#depth - this.#base > this.#limits.maxDepth) this.#problem ??= 'too-deep';
        if (byte === openArray && this.#isOwn(chunk, start, at)) {
          start = -1;
          yield { head: true, version: this.#version ?? 0 };
        }
      } else if (byte === closeObject || byte === closeArray) {
        if (--this.#depth === this.#base) {
          this.#keep(chunk, start, at + 1);
          start = -1;
          yield this.#record();
        }
      }
    }
    if (this.#inRecord) this.#keep(chunk, start, chunk.length);
    this.#seenBytes += chunk.length;
  }

  /** @throws Error if the text ends too early */
  end(): void {
    const isOpen = this.#base > 0 && (!this.#closed || this.#depth > 0);
    if (this.#inRecord || isOpen) throw new Error('it is cut short.');
    if (this.#records === 0 && this.#base === 0) throw new Error('it is empty.');
  }

  /** Handles a byte between records. @returns false if a record begins */
  #frame(byte: number): boolean {
    if (this.#closed) {
      // In Wyvern's own file, the object around the list ends too.
      if (this.#base === 2 && byte === closeObject && this.#depth === 1) {
        this.#depth = 0;
        return true;
      }
      throw new Error('something follows after its end.');
    }
    if (this.#base === 0 && this.#records === 0 && byte === openArray) {
      this.#base = this.#depth = 1;
      return true;
    }
    if (this.#base > 0 && byte === comma && this.#records > 0) return true;
    if (this.#base > 0 && byte === closeArray) {
      this.#closed = true;
      this.#depth = this.#base - 1;
      return true;
    }
    if (byte !== openObject && byte !== openArray) throw new Error('it is not JSON of a kind that could hold chats.');
    return false;
  }

  /** Whether the array that opens at `at` is that of Wyvern's chats. */
  #isOwn(chunk: Uint8Array, start: number, at: number): boolean {
    const isFirst = this.#base === 0 && this.#records === 0 && this.#depth === 2;
    if (!isFirst || this.#bytes + at - start > longestOwnHead) return false;
    const head = Buffer.concat([...this.#parts, chunk.subarray(start, at + 1)]).toString('latin1');
    const version = ownHead.exec(head)?.[1];
    if (version === undefined) return false;
    this.#version = Number(version);
    this.#base = 2;
    this.#reset();
    return true;
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    this.#bytes += end - start;
    if (this.#bytes > this.#limits.maxBytes) this.#problem ??= 'too-large';
    // A record that is too large or too deep is not stored. The source may reuse the chunk, so it is copied.
    if (this.#problem === undefined) this.#parts.push(chunk.slice(start, end));
    else this.#parts = [];
  }

  #record(): JsonRecord {
    const version = this.#version === undefined ? {} : { version: this.#version };
    const text = this.#problem === undefined ? textOf(this.#parts) : undefined;
    const problem = this.#problem ?? 'not-text';
    this.#records++;
    this.#reset();
    return text === undefined ? { problem, ...version } : { text, ...version };
  }

  #reset(): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#inRecord = false;
    this.#problem = undefined;
  }

  /** Start of the text, after a byte order mark. */
  #afterMark(chunk: Uint8Array): number {
    const marked = this.#seenBytes === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    return marked ? 3 : 0;
  }
}

function textOf(parts: readonly Uint8Array[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts));
  } catch {
    return undefined;
  }
}
