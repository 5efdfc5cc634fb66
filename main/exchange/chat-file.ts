/**
 * Wyvern's own chat file, described in docs/chat-format.md. Its content is hostile: every string, list and number has a limit.
 */
import { z } from 'zod';
import { generationOverrides } from '../../preload/contract.ts';
import { contextPolicies, splitThought } from '../../preload/contract/values.ts';
import type { AnswerFigures, AppError, Message } from '../../preload/contract.ts';

export const chatFormat = 'wyvern-chats';
export const chatFormatVersion = 1;

const maxTitleCharacters = 200;
const maxTextCharacters = 2_000_000;
const maxNameCharacters = 300;
const maxAttachments = 1000;
const maxMessages = 100_000;
/** The latest Unix time in ms that `Date` supports. */
const maxTime = 8_640_000_000_000_000;

const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);
const time = z.number().int().min(0).max(maxTime);
const figure = z.number().min(0);
const optional = figure.optional();
const name = z.string().max(1000);

const figures = z.object({
  model: name,
  backend: name,
  promptTokens: figure,
  reusedTokens: figure,
  generatedTokens: figure,
  timeToFirstTokenUs: optional,
  prefillRate: optional,
  decodeRate: optional,
  stepUs: z.object({ p50: figure, p95: figure, p99: figure }).optional(),
  hvxThreads: optional,
  residentBytes: optional,
  contextUsed: figure,
  contextLength: figure,
  reason: z.enum(['stop', 'length', 'context', 'cancelled']),
  droppedMessages: optional,
});

const failure = z.object({
  // Codes of later versions are accepted, but no name of Object.prototype: the window uses the code as a key.
  code: z
    .string()
    .max(64)
    .regex(/^[a-z]+(-[a-z]+)*$/)
    .refine((code) => !(code in {}), 'no code'),
  message: z.string().max(10_000),
  hint: z.string().max(10_000).optional(),
});

const message = z.object({
  id,
  /** Id of an earlier message in the file; absent at a beginning. */
  parentId: id.optional(),
  /** Whether this version is shown. */
  active: z.boolean(),
  role: z.enum(['user', 'assistant']),
  text: z.string().max(maxTextCharacters),
  thought: z.object({ text: z.string().min(1).max(maxTextCharacters), tokens: optional, ms: optional }).optional(),
  state: z.enum(['complete', 'stopped', 'failed', 'interrupted']),
  createdAt: time,
  attachments: z
    .array(
      z.object({
        name: z.string().min(1).max(maxNameCharacters),
        text: z.string().min(1).max(maxTextCharacters),
        aside: z.literal(true).optional(),
      }),
    )
    .max(maxAttachments)
    .optional(),
  figures: figures.optional(),
  error: failure.optional(),
});

const chatSchema = z
  .object({
    id,
    title: z.string().trim().min(1).max(maxTitleCharacters),
    createdAt: time,
    updatedAt: time,
    pinned: z.boolean(),
    contextPolicy: z.enum(contextPolicies).optional(),
    settings: generationOverrides,
    /** The last message of the shown path; absent in an empty chat. */
    leafId: id.optional(),
    messages: z.array(message).max(maxMessages),
  })
  .superRefine(({ leafId, messages }, context) => {
    const before = new Set<string>();
    for (const [index, { id: own, parentId }] of messages.entries()) {
      const wrong =
        (before.has(own) && 'two messages have the same id') ||
        (parentId !== undefined && !before.has(parentId) && 'its parent does not come before it');
      if (wrong) {
        context.addIssue({ code: 'custom', path: ['messages', index], message: wrong });
        return;
      }
      before.add(own);
    }
    if (leafId !== undefined && !before.has(leafId)) {
      context.addIssue({ code: 'custom', path: ['leafId'], message: 'there is no such message' });
    }
  });

/** A message in a file. */
export interface FileMessage extends Pick<
  Message,
  'id' | 'role' | 'text' | 'thought' | 'createdAt' | 'parentId' | 'attachments'
> {
  readonly active: boolean;
  readonly state: Exclude<Message['state'], 'streaming'>;
  readonly figures?: AnswerFigures;
  readonly error?: AppError;
}

/** A chat in a file, with all branches in order of creation. */
export interface FileChat extends Omit<z.output<typeof chatSchema>, 'messages' | 'leafId' | 'contextPolicy'> {
  readonly contextPolicy?: (typeof contextPolicies)[number];
  readonly leafId?: string;
  readonly messages: readonly FileMessage[];
}

/** @throws Error with a sentence on what is wrong with the chat */
export function toFileChat(value: unknown): FileChat {
  const checked = chatSchema.safeParse(value);
  if (checked.success) {
    // The schema types optional fields as possibly undefined. JSON has no undefined, so the value has the exact type.
    const chat = checked.data as FileChat;
    return { ...chat, messages: chat.messages.map(withThoughtApart) };
  }
  const [issue] = checked.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new Error(`${where === '' ? 'its content' : `“${where}”`} is wrong: ${issue?.message ?? 'unknown'}.`);
}

/** In files of earlier versions and of other programs, an answer's text may begin with its thought. */
function withThoughtApart(message: FileMessage): FileMessage {
  if (message.role !== 'assistant' || message.thought !== undefined) return message;
  const { thought, answer } = splitThought(message.text);
  if (thought === undefined) return message;
  return { ...message, text: answer, ...(thought === '' ? {} : { thought: { text: thought } }) };
}
