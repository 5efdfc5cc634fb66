import type { Connection } from './connection.ts';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { LiveToken, Run } from '../../preload/contract.ts';

/** Rows of `runs`: the times of an answer's tokens. They are deleted with their message. */
export interface RunTable {
  /** Undefined also for a record that is damaged or of a later version. */
  get(messageId: string): Run | undefined;
  /** Stores a run and replaces the earlier one of the same message. */
  put(run: Run): void;
}

/** Far more than any answer needs. A damaged record must not fill the memory. */
const maxInflatedBytes = 64_000_000;

const figure = z.number().min(0);
const optional = figure.optional();
const htp = z.object({
  vtcmAcquireUs: optional,
  powerOnUs: optional,
  rpcUs: optional,
  cycles: optional,
  partsUs: z.array(figure).optional(),
  slowestOperators: z.array(z.object({ name: z.string(), cycles: figure })),
});

/**
 * A run in columns: one list for each figure, null for tokens without it, absent if no token has it. Times in tenths of a
 * microsecond: columns of similar integers deflate to a few bytes for each token.
 */
const recordSchema = z.object({
  version: z.literal(1),
  model: z.string(),
  backend: z.string(),
  contextLength: figure,
  performanceMode: z.string().optional(),
  prefill: z
    .object({
      promptTokens: figure,
      reusedTokens: figure,
      prefillUs: figure,
      chunks: z.array(z.object({ tokens: figure, wallUs: figure, acceleratorUs: optional, backendUs: optional })),
      residentBytes: figure,
    })
    .optional(),
  columns: z
    .object({
      text: z.array(z.string()),
      thought: z.array(z.string().nullable()).optional(),
      htp: z.array(htp.nullable()).optional(),
    })
    .catchall(z.array(figure.nullable())),
});

const times = ['stepUs', 'samplingUs', 'acceleratorUs', 'backendUs', 'timeToFirstTokenUs'] as const;

function encode({ tokens, ...facts }: Run): Uint8Array {
  const columns: Record<string, readonly unknown[]> = { text: tokens.map(({ text }) => text) };
  const add = (name: string, values: readonly unknown[]): void => {
    if (values.some((value) => value !== undefined)) columns[name] = values.map((value) => value ?? null);
  };
  add(
    'thought',
    tokens.map(({ thought }) => thought),
  );
  for (const name of times) {
    add(
      name,
      tokens.map(({ [name]: value }) => value && Math.round(value * 10)),
    );
  }
  add(
    'hvxThreads',
    tokens.map(({ hvxThreads }) => hvxThreads),
  );
  add(
    'accepted',
    tokens.map(({ accepted }) => accepted && 1),
  );
  add(
    'htp',
    tokens.map((token) => token.htp),
  );
  return deflateRawSync(JSON.stringify({ version: 1, ...facts, columns }));
}

function decode(messageId: string, bytes: Uint8Array): Run | undefined {
  try {
    const json: unknown = JSON.parse(inflateRawSync(bytes, { maxOutputLength: maxInflatedBytes }).toString('utf8'));
    const { columns, model, backend, contextLength, performanceMode, prefill } = recordSchema.parse(json);
    const { text, thought: thoughts, htp: details, ...numbers } = columns;
    const tokens = text.map((one, index) => {
      const entries = Object.entries(numbers).flatMap(([name, values]): [string, number | true][] => {
        const value = values[index];
        if (value == null) return [];
        if (name === 'accepted') return [[name, true]];
        return [[name, name === 'hvxThreads' ? value : value / 10]];
      });
      const detail = details?.[index];
      const thought = thoughts?.[index];
      return {
        text: one,
        ...(thought != null && { thought }),
        ...Object.fromEntries(entries),
        ...(detail && { htp: detail }),
      };
    });
    // Every token has these two. The schema checks the others.
    const whole = tokens.every((token) => 'stepUs' in token && 'samplingUs' in token);
    if (!whole) return undefined;
    return {
      messageId,
      model,
      backend,
      contextLength,
      ...(performanceMode !== undefined && { performanceMode }),
      ...(prefill && { prefill: prefill as NonNullable<Run['prefill']> }),
      tokens: tokens as unknown as readonly LiveToken[],
    };
  } catch {
    return undefined;
  }
}

export function runTable(database: Connection): RunTable {
  const get = database.prepare(
    "SELECT CASE typeof(record) WHEN 'blob' THEN record END AS record FROM runs WHERE message_id = ?",
  );
  const put = database.prepare(
    'INSERT INTO runs (message_id, record) VALUES (?, ?) ON CONFLICT (message_id) DO UPDATE SET record = excluded.record',
  );
  return {
    get(messageId) {
      const record = get.get(messageId)?.['record'];
      return record instanceof Uint8Array ? decode(messageId, record) : undefined;
    },
    put: (run) => void put.run(run.messageId, encode(run)),
  };
}
