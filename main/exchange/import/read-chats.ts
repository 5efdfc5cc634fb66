/** Reads the chats in a file. The content tells the format, not the name. */
import type { AppError, ChatFormat } from '../../../preload/contract.ts';
import { AppFailure } from '../../failure.ts';
import { asUtf8 } from '../encoding.ts';
import { chatFormat, chatFormatVersion, type FileChat, toFileChat } from '../chat-file.ts';
import { isChatGpt, readChatGpt } from './chatgpt.ts';
import { fingerprintOf, type IncomingChat, type ReadChat, toIncoming } from './foreign-chat.ts';
import { jsonRecords, type JsonRecord, type RecordLimits, type RecordProblem } from './json-records.ts';
import { LeftOutTally } from './left-out.ts';
import { isLlamaCpp, messageOf, readLlamaCpp, sessionOf } from './llama-cpp.ts';
import { isLmStudio, readLmStudio } from './lm-studio.ts';
import { field, type JsonObject, listOf, objectOf, textOf } from './values.ts';

/** Limits of one chat. */
const limits: RecordLimits = { maxBytes: 128 * 2 ** 20, maxDepth: 100 };
/** Messages of one conversation in JSON Lines. */
const maxSessionMessages = 100_000;

export type Found =
  | {
      readonly format: ChatFormat;
      readonly incoming: IncomingChat;
      readonly leftOut: LeftOutTally;
    }
  /** The file has this format, though it may have no chats. */
  | { readonly format: ChatFormat; readonly begins: true }
  /** An invalid chat. */
  | { readonly format?: ChatFormat; readonly title?: string; readonly error: AppError };

/**
 * @param time used for chats without times, Unix ms
 * @throws AppFailure `chats-not-recognised`, `chats-invalid`, `chats-too-new`; the system's own error
 */
export async function* readChats(chunks: AsyncIterable<Uint8Array>, time: number): AsyncGenerator<Found> {
  const reader = new Reader(time);
  for await (const record of records(chunks)) yield* reader.take(record);
  yield* reader.end();
}

/** The format of a file, from its first record; undefined: it contains no chats. */
export async function recogniseChats(chunks: AsyncIterable<Uint8Array>): Promise<ChatFormat | undefined> {
  try {
    for await (const record of records(chunks)) {
      if ('head' in record) return 'wyvern';
      // A tokenizer's vocabulary is a large object too. Only a possible chat is parsed.
      const value = 'text' in record && mark.test(record.text) ? objectOf(parse(record.text)) : undefined;
      return value && formatOf(value);
    }
  } catch (cause) {
    if (!(cause instanceof AppFailure)) throw cause;
  }
  return undefined;
}

/** Every recognised record matches this. */
const mark = /"mapping"\s*:\s*\{|"messages"\s*:\s*\[|"type"\s*:\s*"session"|"wyvern-chats"/;

async function* records(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonRecord> {
  const iterator = jsonRecords(asUtf8(chunks), limits);
  try {
    for (;;) {
      let next;
      try {
        next = await iterator.next();
      } catch (cause) {
        // The system's own errors have a code. Errors in the text are sentences.
        throw cause instanceof Error && !('code' in cause) && !(cause instanceof AppFailure) ? invalid(cause) : cause;
      }
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return(undefined);
  }
}

function formatOf(value: JsonObject): ChatFormat | undefined {
  if (field(value, 'format') === chatFormat) return 'wyvern';
  if (sessionOf(value) || isLlamaCpp(value)) return 'llama-cpp';
  if (isChatGpt(value)) return 'chatgpt';
  return isLmStudio(value) ? 'lm-studio' : undefined;
}

/** The lines of one conversation. */
interface Session {
  readonly conv: JsonObject;
  readonly messages: unknown[];
  bytes: number;
}

class Reader {
  readonly #time: number;
  #session: Session | undefined;
  #recognised = false;

  constructor(time: number) {
    this.#time = time;
  }

  *take(record: JsonRecord): Generator<Found> {
    if ('head' in record) {
      this.#recognised = true;
      yield { format: 'wyvern', begins: true };
      requireVersion(record.version);
      return;
    }
    if (record.version !== undefined) {
      yield 'problem' in record ? { format: 'wyvern', error: problemError(record.problem) } : own(parse(record.text));
      return;
    }
    if ('problem' in record) {
      yield { error: problemError(record.problem) };
      return;
    }
    const value = objectOf(parse(record.text));
    const format = value && formatOf(value);
    if (value === undefined || (format === undefined && !this.#session)) {
      const error = notRecognised();
      // A file that does not begin with a chat has no chats.
      if (!this.#recognised) throw AppFailure.from(error);
      yield { error };
      return;
    }
    if (format === undefined) {
      this.#addTo(this.#session, value, record.text.length);
      return;
    }
    this.#recognised = true;
    yield* this.end();
    if (format === 'llama-cpp') yield* this.#llamaCpp(value);
    else if (format === 'wyvern') yield* ownFile(value);
    else
      yield this.#foreign(format, format === 'chatgpt' ? () => readChatGpt(value) : () => readLmStudio(value), value);
  }

  /** The current conversation: it is complete when another one begins or the file ends. */
  *end(): Generator<Found> {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    const { conv, messages, bytes } = session;
    if (bytes > limits.maxBytes || messages.length > maxSessionMessages) {
      yield { format: 'llama-cpp', ...titled(conv), error: problemError('too-large') };
      return;
    }
    yield this.#foreign('llama-cpp', () => readLlamaCpp(conv, messages), conv);
  }

  *#llamaCpp(value: JsonObject): Generator<Found> {
    const conv = field(value, 'conv');
    if (sessionOf(value)) {
      this.#session = { conv: value, messages: [], bytes: 0 };
      yield { format: 'llama-cpp', begins: true };
    } else yield this.#foreign('llama-cpp', () => readLlamaCpp(conv, listOf(field(value, 'messages'))), conv);
  }

  #addTo(session: Session | undefined, value: JsonObject, bytes: number): void {
    const message = messageOf(value);
    // Later versions may have records of other kinds.
    if (!session || !message) return;
    session.bytes += bytes;
    if (session.bytes <= limits.maxBytes) session.messages.push(message);
  }

  #foreign(format: ChatFormat, read: () => ReadChat, value: unknown): Found {
    try {
      const { chat, leftOut } = read();
      return { format, incoming: toIncoming(format, chat, this.#time), leftOut };
    } catch (cause) {
      return { format, ...titled(value), error: invalid(cause).error };
    }
  }
}

/** Wyvern's own file with its fields in another order, for instance after another program saved it. */
function* ownFile(value: JsonObject): Generator<Found> {
  yield { format: 'wyvern', begins: true };
  requireVersion(field(value, 'version'));
  for (const chat of listOf(field(value, 'chats'))) yield own(chat);
}

function own(value: unknown): Found {
  try {
    const chat: FileChat = toFileChat(value);
    const incoming = { chat, ownIds: true, fingerprint: fingerprintOf(chat) };
    return { format: 'wyvern', incoming, leftOut: new LeftOutTally() };
  } catch (cause) {
    return { format: 'wyvern', ...titled(value), error: invalid(cause).error };
  }
}

function requireVersion(version: unknown): void {
  if (version === chatFormatVersion) return;
  throw new AppFailure(
    'chats-too-new',
    'A later version of Wyvern exported these chats.',
    'Update Wyvern and import them again.',
  );
}

/** Undefined for invalid JSON. */
function parse(text: string): unknown {
  try {
    // Half a surrogate pair cannot be stored: it would be read as another character.
    return /\\ud[89a-f]/i.test(text)
      ? JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value))
      : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const longestTitle = 200;

function titled(value: unknown): { readonly title?: string } {
  const title = textOf(field(value, 'title')) ?? textOf(field(value, 'name'));
  const short = title?.slice(0, longestTitle).trim();
  return short ? { title: short } : {};
}

export function notRecognised(): AppError {
  return {
    code: 'chats-not-recognised',
    message: 'This file has no chats from Wyvern, LM Studio, ChatGPT or llama.cpp.',
    hint: 'Export the chats again as JSON.',
  };
}

function invalid(cause: unknown): AppFailure {
  return new AppFailure(
    'chats-invalid',
    `The file is invalid: ${cause instanceof Error ? cause.message : String(cause)}`,
    'Export it again from its program.',
  );
}

const problems = {
  'too-large': { code: 'chats-too-large', message: 'The chat is too large to import.' },
  'too-deep': { code: 'chats-invalid', message: 'The chat has too many nested levels.' },
  'not-text': { code: 'chats-invalid', message: 'The chat is not valid UTF-8 text.' },
} as const satisfies Readonly<Record<RecordProblem, AppError>>;

function problemError(problem: RecordProblem): AppError {
  return { ...problems[problem], hint: 'The other chats in the file were imported.' };
}
