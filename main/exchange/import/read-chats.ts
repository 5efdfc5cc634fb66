/** From the bytes of a file to the chats in it, whoever wrote it: what it is, its content says, not its name. */
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

/** One chat with its pictures, and the nesting of its parts. */
const limits: RecordLimits = { maxBytes: 128 * 2 ** 20, maxDepth: 100 };
/** Of one conversation in JSON Lines. */
const maxSessionMessages = 100_000;

export type Found =
  | {
      readonly format: ChatFormat;
      readonly incoming: IncomingChat;
      readonly leftOut: LeftOutTally;
    }
  /** It is a file of such, though no chat may come. */
  | { readonly format: ChatFormat; readonly begins: true }
  /** A chat that is not what it should be. */
  | { readonly format?: ChatFormat; readonly title?: string; readonly error: AppError };

/**
 * @param time When nothing is said of when a chat was, Unix ms.
 * @throws AppFailure `chats-not-recognised`, `chats-invalid`, `chats-too-new`; the system's own error
 */
export async function* readChats(chunks: AsyncIterable<Uint8Array>, time: number): AsyncGenerator<Found> {
  const reader = new Reader(time);
  for await (const record of records(chunks)) yield* reader.take(record);
  yield* reader.end();
}

/** Whose file it is, from its first record; undefined: it is none of chats. */
export async function recogniseChats(chunks: AsyncIterable<Uint8Array>): Promise<ChatFormat | undefined> {
  try {
    for await (const record of records(chunks)) {
      if ('head' in record) return 'wyvern';
      // A vocabulary is a large object too: only what may be a chat is parsed.
      const value = 'text' in record && mark.test(record.text) ? objectOf(parse(record.text)) : undefined;
      return value && formatOf(value);
    }
  } catch (cause) {
    if (!(cause instanceof AppFailure)) throw cause;
  }
  return undefined;
}

/** Something of it is in each record that is recognised. */
const mark = /"mapping"\s*:\s*\{|"messages"\s*:\s*\[|"type"\s*:\s*"session"|"wyvern-chats"/;

async function* records(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonRecord> {
  const iterator = jsonRecords(asUtf8(chunks), limits);
  try {
    for (;;) {
      let next;
      try {
        next = await iterator.next();
      } catch (cause) {
        // The system's own errors have a code; those of the text are sentences.
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

/** Lines that belong to one conversation. */
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
      // What does not begin with a chat is no file of chats: the rest need not be read.
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

  /** The conversation that is complete once another begins, or nothing follows. */
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
    // Records of other kinds may come in later versions.
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

/** A file of Wyvern's that another program wrote anew, so that its fields come in another order. */
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
    'These chats are in a version of the format that this Wyvern does not read.',
    'Update Wyvern, or export the chats again from the Wyvern that they are in.',
  );
}

/** Undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    // Half a character cannot be stored: it would come back as another one.
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
    message: 'These are no chats of Wyvern, LM Studio, ChatGPT or llama.cpp.',
    hint: 'Export them again there, as JSON.',
  };
}

function invalid(cause: unknown): AppFailure {
  return new AppFailure(
    'chats-invalid',
    `This is not as it should be: ${cause instanceof Error ? cause.message : String(cause)}`,
    'Export it again where it comes from.',
  );
}

const problems = {
  'too-large': { code: 'chats-too-large', message: 'The chat is larger than any that can be imported.' },
  'too-deep': { code: 'chats-invalid', message: 'The chat is nested deeper than any chat is.' },
  'not-text': { code: 'chats-invalid', message: 'The chat is not text in UTF-8.' },
} as const satisfies Readonly<Record<RecordProblem, AppError>>;

function problemError(problem: RecordProblem): AppError {
  return { ...problems[problem], hint: 'The other chats of the file are not touched by it.' };
}
