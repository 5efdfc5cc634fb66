/**
 * Everything the window can ask of the system, and everything the system tells the window. Two maps: `calls` (name →
 * input schema and, by type, output) and `events` (name → payload). The preload exposes these names
 * (`names.ts`) and no others.
 */
import { z } from 'zod';
import {
  contextPolicies,
  idleUnloads,
  languages,
  longestStopString,
  mostStopStrings,
  motions,
  performanceModes,
  profileLevels,
  textSizes,
  themes,
} from './contract-values.ts';
import { exportForms } from './contract-exchange.ts';
import type { ChatImportProgress, ChatImportReport, ImportedPresets, SavedChats } from './contract-exchange.ts';
import { modelParts } from './contract-imports.ts';
import type { HashProgress, ImportState } from './contract-imports.ts';
import { sampleMessages, templateChoice } from './contract-templates.ts';
import type { TemplateChoice, TemplateInfo, TemplatePreview } from './contract-templates.ts';
import type { BenchmarkProgress, ModelBenchmark, ModelDetails, ModelEntry, ModelState } from './contract-models.ts';
import type { LiveToken, Run, RunPercentiles, RunPrefill } from './contract-runs.ts';

export type { ExportForm } from './contract-exchange.ts';
export { templateChoice } from './contract-templates.ts';
export type { TemplateChoice, TemplateFamily, TemplateInfo, TemplatePreview } from './contract-templates.ts';
export type { HashProgress, ImportState, ModelFileState, ModelPart } from './contract-imports.ts';
export type { LiveToken, Run, RunPercentiles, RunPlace, RunPrefill } from './contract-runs.ts';
export { benchmarkFigures } from './contract-models.ts';
export type { BenchmarkProgress, ModelBenchmark } from './contract-models.ts';
export type { ModelDetails, ModelEntry, ModelMethod, ModelState, NpuState } from './contract-models.ts';

const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);
const title = z.string().trim().min(1).max(200);
/** Longest message accepted; far beyond any context, so that the limit a person meets is the model's. */
const maxMessageCharacters = 2_000_000;
const maxPictureCharacters = 4_000_000;
const path = z.string().min(1).max(32_768);

/** How answers are made: a person's defaults, and what a conversation or a preset sets otherwise. */
const generation = z.object({
  systemPrompt: z.string().max(100_000),
  temperature: z.number().min(0).max(5),
  topK: z.number().int().min(0).max(1_000_000),
  topP: z.number().gt(0).max(1),
  minP: z.number().min(0).lt(1),
  repetitionPenalty: z.number().gt(0).max(10),
  /** 0: until the model stops or the context ends. */
  maxTokens: z.number().int().min(0).max(1_000_000),
  /** null: another one for each answer. */
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable(),
  /** Each ends an answer; it is not part of it. */
  stopStrings: z.array(z.string().min(1).max(longestStopString)).max(mostStopStrings),
});
export type GenerationSettings = z.infer<typeof generation>;
/** What differs from the person's settings; absent: as those are. */
export const generationOverrides = generation.partial();
export type GenerationOverrides = z.infer<typeof generationOverrides>;

const settings = generation.extend({
  theme: z.enum(themes),
  language: z.enum(languages),
  textSize: z.enum(textSizes),
  motion: z.enum(motions),
  /** The model names a chat after its first answer. */
  automaticTitles: z.boolean(),
  /** 0: chosen by the engine. */
  threads: z.number().int().min(0).max(256),
  /** Minutes without use until the model is unloaded. */
  idleUnload: z.enum(idleUnloads),
  /** Takes effect on the next load, as the two below. */
  performanceMode: z.enum(performanceModes),
  profileLevel: z.enum(profileLevels),
  /** Folder of Qualcomm's libraries; empty: looked for. */
  qnnFolder: z.string().max(32_768),
});
export type Settings = z.infer<typeof settings>;

const attachments = z
  .array(z.object({ name: z.string().min(1).max(300), text: z.string().min(1).max(maxMessageCharacters) }))
  .max(20);
const ids = z.array(id).min(1).max(10_000);
const messageText = z.string().max(maxMessageCharacters);
export type ContextPolicy = (typeof contextPolicies)[number];
/** Chats of one page of the list. */
const pageSize = z.number().int().min(1).max(1000);

export const callInputs = {
  'app.info': z.object({}),
  /** The chats last changed first; all pinned ones come with the first page. */
  'conversations.list': z.object({
    /** The last chat of the page before. */
    after: z.object({ updatedAt: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER), id }).optional(),
    limit: pageSize,
  }),
  'conversations.open': z.object({ id }),
  /** Messages before the ones that are known, as many as a page, or all from `through` on. */
  'conversations.earlier': z.object({ id, before: id, through: id.optional() }),
  'conversations.create': z.object({ id, settings: generationOverrides.optional() }),
  'conversations.rename': z.object({ id, title }),
  'conversations.pin': z.object({ ids, pinned: z.boolean() }),
  /** All branches, under a new name. */
  'conversations.duplicate': z.object({ id, newId: id, title }),
  'conversations.delete': z.object({ ids }),
  'conversations.restore': z.object({ ids }),
  /** Replaces what this chat sets otherwise. */
  'conversations.configure': z.object({ id, settings: generationOverrides }),
  'conversations.setContextPolicy': z.object({ id, policy: z.enum(contextPolicies) }),
  'conversations.search': z.object({ text: z.string().min(1).max(500), limit: pageSize }),
  /**
   * Asks for a name with the system's dialog and writes chats there; undefined if cancelled.
   * @param ids Absent: all of them.
   */
  'chats.export': z.object({ ids: ids.optional(), form: z.enum(exportForms) }),
  /** Which of some dropped files, folders or archives hold chats that can be imported. */
  'chats.recognise': z.object({ paths: z.array(path).min(1).max(1000) }),
  /** Adds the chats in them; `chats.importing` tells how far it is. */
  'chats.import': z.object({ paths: z.array(path).min(1).max(1000) }),
  /** Asks for files, or a folder, with the system's dialog, then behaves as `chats.import`; undefined if cancelled. */
  'chats.chooseImport': z.object({ folder: z.boolean() }),
  /** What has come in stays. */
  'chats.cancelImport': z.object({}),
  /** @param conversationId Absent: the chat that is not stored yet. */
  'drafts.get': z.object({ conversationId: id.optional() }),
  'drafts.set': z.object({ conversationId: id.optional(), text: messageText, attachments }),
  'presets.list': z.object({}),
  'presets.save': z.object({ id, name: title, settings: generationOverrides }),
  /** A name that another preset has gets a number. */
  'presets.rename': z.object({ id, name: title }),
  'presets.delete': z.object({ id }),
  /**
   * Asks for a name with the system's dialog and writes presets there; undefined if cancelled.
   * @param id Absent: all of them.
   */
  'presets.export': z.object({ id: id.optional() }),
  /** Asks for a file of presets with the system's dialog and adds them; undefined if cancelled. */
  'presets.import': z.object({}),
  /** The window makes both ids, so that no delta can precede its message. */
  'chat.send': z.object({ conversationId: id, userMessageId: id, answerId: id, text: messageText, attachments }),
  /** Asks otherwise beside `messageId`, which stays as another branch. */
  'chat.edit': z.object({
    conversationId: id,
    messageId: id,
    userMessageId: id,
    answerId: id,
    text: messageText,
    attachments,
  }),
  /** Answers again beside `messageId`, by another model if one is named. An answer that never began is replaced. */
  'chat.regenerate': z.object({ conversationId: id, messageId: id, answerId: id, modelId: id.optional() }),
  /** Goes on writing the last answer where it ended. */
  'chat.continue': z.object({ conversationId: id, messageId: id }),
  /** With all that follows it, in all its branches. */
  'chat.delete': z.object({ conversationId: id, messageId: id }),
  'chat.restore': z.object({ conversationId: id, messageId: id }),
  /** Shows the branch that this message is in. */
  'chat.show': z.object({ conversationId: id, messageId: id }),
  'chat.stop': z.object({ answerId: id }),
  /** The times of an answer, also while it is being written; undefined where none were kept. */
  'runs.get': z.object({ messageId: id }),
  /** Asks for a name with the system's dialog and writes the times as CSV; undefined if cancelled. */
  'runs.saveTable': z.object({ messageId: id }),
  /** The same with a picture that the window drew: a PNG in base 64. */
  'runs.savePicture': z.object({
    messageId: id,
    png: z
      .string()
      .min(1)
      .max(maxPictureCharacters)
      .regex(/^[A-Za-z0-9+/]+={0,2}$/),
  }),
  'models.list': z.object({}),
  /**
   * Looks at dropped files, folders or a zip, finds what belongs together, adds it to the library and loads it. What is
   * unclear or missing is asked for, and then this is undefined: `imports.changed` tells.
   */
  'models.open': z.object({ paths: z.array(path).min(1).max(1000) }),
  /**
   * @param anyway Though memory seems short, its files changed, or the engine died over it twice; of the last two for this
   * one time.
   */
  'models.load': z.object({ id, anyway: z.boolean().optional() }),
  /** Also ends a load that is under way. */
  'models.unload': z.object({}),
  /** Forgets the model. `files`: deletes them too, if they are the library's own. */
  'models.remove': z.object({ id, files: z.boolean().optional() }),
  'models.details': z.object({ id }),
  /** Measures the loaded model; undefined if it was stopped. */
  'models.benchmark': z.object({}),
  'models.stopBenchmark': z.object({}),
  /** Shows the program in the system's file manager. */
  'models.reveal': z.object({ id }),
  /** Asks for a file or folder with the system's dialog, then behaves as `models.open`; undefined if cancelled. */
  'models.choose': z.object({}),
  /** Copies the model's files into the library's own folder; `imports.changed` tells how far it is. */
  'models.copy': z.object({ id }),
  /** Asks where the files of the model are now, and uses them there if they are the same; undefined if cancelled. */
  'models.locate': z.object({ id }),
  'imports.get': z.object({}),
  /** Answers a question with one of its files. */
  'imports.choose': z.object({ id, part: z.enum(modelParts), path }),
  /** Asks for a missing file with the system's dialog. */
  'imports.locate': z.object({ id, part: z.enum(modelParts) }),
  /** Opens the model, in place or as a copy in the library's folder, once nothing is missing. */
  'imports.finish': z.object({ id, copy: z.boolean() }),
  'imports.cancel': z.object({ id }),
  /** The chat template that was chosen for a model. */
  'models.template': z.object({ id }),
  /** What a template would make of some messages; the model has to be loaded. */
  'models.previewTemplate': z.object({ id, choice: templateChoice, messages: sampleMessages }),
  /** Keeps the choice and uses it from the next answer on; the model has to be loaded. */
  'models.setTemplate': z.object({ id, choice: templateChoice }),
  /** How many tokens the loaded model makes of a text. */
  'tokens.count': z.object({ text: messageText }),
  /** What helps to find out what is wrong: no chats, no names. */
  'diagnostics.get': z.object({}),
  /** Asks where with the system's dialog; undefined if cancelled. */
  'diagnostics.save': z.object({ form: z.enum(['md', 'json']) }),
  'settings.get': z.object({}),
  'settings.set': settings.partial(),
  /** Where chats are kept, how much there is, and the copies of it. */
  'data.get': z.object({}),
  'data.backUp': z.object({}),
  /** Puts a backup in the place of all chats and settings; what was there becomes a backup. The window loads again after it. */
  'data.restore': z.object({ id }),
  /** Opens a web page in the browser after the person has seen its address. https, http and mailto only. */
  'links.open': z.object({ url: z.string().min(1).max(8192) }),
} as const satisfies Record<string, z.ZodType>;

export type CallName = keyof typeof callInputs;
export type CallInput<N extends CallName> = z.input<(typeof callInputs)[N]>;

export interface Conversation {
  readonly id: string;
  readonly title: string;
  /** Unix time, ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly pinned: boolean;
  /** Absent until the person has chosen; the context then only stops. */
  readonly contextPolicy?: ContextPolicy;
}

/** A text file, or a long text that was pasted, that goes with a message. */
export interface Attachment {
  readonly name: string;
  readonly text: string;
}

export interface Draft {
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

export interface Preset {
  readonly id: string;
  readonly name: string;
  readonly settings: GenerationOverrides;
}

export type MessageState = 'streaming' | 'complete' | 'stopped' | 'failed' | 'interrupted';

export interface AnswerFigures {
  readonly model: string;
  readonly backend: string;
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly generatedTokens: number;
  readonly timeToFirstTokenUs: number;
  readonly prefillRate?: number;
  readonly decodeRate?: number;
  /** Percentiles of the time of a token after the first, µs. */
  readonly stepUs?: RunPercentiles;
  readonly hvxThreads?: number;
  /** Of the engine process, at the end of the answer. */
  readonly residentBytes?: number;
  readonly contextUsed: number;
  readonly contextLength: number;
  readonly reason: 'stop' | 'length' | 'context' | 'cancelled';
  /** Oldest messages that were left out of the prompt, because the conversation no longer fits. */
  readonly droppedMessages?: number;
}

export interface Message {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly state: MessageState;
  readonly createdAt: number;
  readonly figures?: AnswerFigures;
  readonly error?: AppError;
  /** Absent at the beginning of the conversation. */
  readonly parentId?: string;
  readonly attachments?: readonly Attachment[];
  /** Ids of all versions with the same parent, oldest first, this one among them; absent if it is the only one. */
  readonly versions?: readonly string[];
}

/** The end of the path that is shown, its oldest message first. */
export interface Page {
  readonly messages: readonly Message[];
  /** How many messages come before these. */
  readonly earlier: number;
}

/** A part of a text; `hit` where it is what was searched for. */
export interface Segment {
  readonly text: string;
  readonly hit: boolean;
}

export interface SearchHit {
  readonly conversationId: string;
  readonly title: readonly Segment[];
  /** Where in the conversation; absent if only its title was found. */
  readonly message?: { readonly id: string; readonly role: Message['role']; readonly snippet: readonly Segment[] };
}

/** Closed: each has its sentence where it is made and its title in the window's catalogue. */
export type ErrorCode =
  | 'wrong-build'
  | 'addon-missing'
  | 'addon-incomplete'
  | 'bundle-incomplete'
  | 'model-not-found'
  | 'model-unreadable'
  | 'model-invalid'
  | 'model-unsupported'
  | 'model-for-other-chip'
  | 'genie-unsupported'
  | 'operator-missing'
  | 'backend-missing'
  | 'npu-library-missing'
  | 'npu-library-mismatch'
  | 'npu-skel-missing'
  | 'npu-other-chip'
  | 'npu-device-file'
  | 'npu-incompatible'
  | 'npu-memory'
  | 'npu-crashed'
  | 'npu-lost'
  | 'npu-failed'
  | 'weights-missing'
  | 'tokenizer-invalid'
  | 'tokenizer-mismatch'
  | 'template-invalid'
  | 'prompt-empty'
  | 'prompt-too-long'
  | 'prompt-invalid'
  | 'option-invalid'
  | 'busy'
  | 'not-loaded'
  | 'out-of-memory'
  | 'execution-failed'
  | 'engine-lost'
  | 'internal'
  | 'model-not-loaded'
  | 'memory-short'
  | 'files-not-deleted'
  | 'model-not-recognised'
  | 'model-moved'
  | 'model-changed'
  | 'model-quarantined'
  | 'files-differ'
  | 'archive-invalid'
  | 'archive-unsafe'
  | 'archive-unsupported'
  | 'disk-full'
  | 'copy-failed'
  | 'import-running'
  | 'files-not-found'
  | 'conversation-not-found'
  | 'message-not-found'
  | 'answer-running'
  | 'store-failed'
  | 'store-too-new'
  | 'message-damaged'
  | 'backup-not-found'
  | 'backup-damaged'
  | 'file-not-written'
  | 'chats-not-recognised'
  | 'chats-invalid'
  | 'chats-too-large'
  | 'chats-too-new'
  | 'chats-import-running'
  | 'preset-not-found'
  | 'presets-unreadable'
  | 'link-refused'
  | 'engine-crashed'
  | 'engine-unresponsive';

export interface AppError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

export interface AppInfo {
  readonly version: string;
  /** `electron` or `chromium-host`. */
  readonly shell: 'electron' | 'chromium-host';
  readonly executorch?: string;
  readonly platform: string;
}

/** `daily`: made by the app each day; `migration`, `restore`: before one; `person`: asked for. */
export type BackupReason = 'daily' | 'migration' | 'restore' | 'person';

export interface Backup {
  readonly id: string;
  /** Unix time, ms. */
  readonly createdAt: number;
  readonly bytes: number;
  readonly reason: BackupReason;
  /** How many chats it has; absent if it cannot be read. */
  readonly conversations?: number;
}

/** What became of a file of chats that was damaged. */
export interface Salvage {
  /** Where the damaged file is kept as it was. */
  readonly original: string;
  readonly conversations: number;
  readonly messages: number;
  /** Rows that are known to have been there and could not be read. */
  readonly lost: number;
}

export interface DataFacts {
  readonly folder: string;
  /** Of all chats and settings. */
  readonly bytes: number;
  /** The latest first. */
  readonly backups: readonly Backup[];
  /** Absent if no damage was met since the app started. */
  readonly salvage?: Salvage;
}

export interface CallOutputs {
  'app.info': AppInfo;
  'conversations.list': { readonly conversations: readonly Conversation[]; readonly more: boolean };
  'conversations.open': Page & {
    readonly conversation: Conversation;
    readonly settings: GenerationOverrides;
    readonly draft: Draft;
  };
  'conversations.earlier': Page;
  'conversations.create': Conversation;
  'conversations.rename': Conversation;
  'conversations.pin': undefined;
  'conversations.duplicate': Conversation;
  'conversations.delete': undefined;
  'conversations.restore': readonly Conversation[];
  'conversations.configure': undefined;
  'conversations.setContextPolicy': Conversation;
  'conversations.search': readonly SearchHit[];
  'chats.export': SavedChats | undefined;
  'chats.recognise': { readonly paths: readonly string[] };
  'chats.import': ChatImportReport;
  'chats.chooseImport': ChatImportReport | undefined;
  'chats.cancelImport': undefined;
  'drafts.get': Draft;
  'drafts.set': undefined;
  'presets.list': readonly Preset[];
  'presets.save': readonly Preset[];
  'presets.rename': { readonly presets: readonly Preset[]; readonly name: string };
  'presets.delete': readonly Preset[];
  'presets.export': { readonly path: string; readonly presets: number } | undefined;
  'presets.import': ImportedPresets | undefined;
  'chat.send': { readonly user: Message; readonly answer: Message; readonly conversation: Conversation };
  'chat.edit': Page;
  'chat.regenerate': Page;
  'chat.continue': Page;
  'chat.delete': Page;
  'chat.restore': Page;
  'chat.show': Page;
  'chat.stop': undefined;
  'runs.get': Run | undefined;
  'runs.saveTable': { readonly path: string } | undefined;
  'runs.savePicture': { readonly path: string } | undefined;
  'models.list': { readonly models: readonly ModelEntry[]; readonly state: ModelState };
  'models.open': { readonly modelId: string } | undefined;
  'models.load': undefined;
  'models.unload': undefined;
  'models.remove': undefined;
  'models.details': ModelDetails;
  'models.benchmark': ModelBenchmark | undefined;
  'models.stopBenchmark': undefined;
  'models.reveal': undefined;
  'models.choose': { readonly modelId: string } | undefined;
  /** Not if the person cancelled. */
  'models.copy': { readonly copied: boolean };
  'models.locate': { readonly modelId: string } | undefined;
  'imports.get': ImportState | undefined;
  'imports.choose': undefined;
  'imports.locate': undefined;
  'imports.finish': { readonly modelId: string } | undefined;
  'imports.cancel': undefined;
  'models.template': { readonly choice: TemplateChoice };
  'models.previewTemplate': TemplatePreview;
  'models.setTemplate': TemplateInfo;
  'tokens.count': { readonly tokens: number };
  'diagnostics.get': { readonly markdown: string };
  'diagnostics.save': { readonly path: string } | undefined;
  'settings.get': Settings;
  'settings.set': Settings;
  'data.get': DataFacts;
  'data.backUp': DataFacts;
  'data.restore': undefined;
  'links.open': undefined;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AppError };

export interface Events {
  /** Joined per animation frame. */
  'chat.tokens': {
    readonly answerId: string;
    readonly conversationId: string;
    /** Length of the answer before this text, in UTF-16 units: what a window that opened the chat meanwhile already has is told apart. */
    readonly offset: number;
    readonly text: string;
    /** Place of the first of `tokens` in the answer's run, from 0. */
    readonly firstToken: number;
    readonly tokens: readonly LiveToken[];
  };
  'chat.prefilled': {
    readonly answerId: string;
    readonly conversationId: string;
  } & RunPrefill;
  /** The message as stored, final. */
  'chat.finished': { readonly conversationId: string; readonly message: Message };
  'conversations.changed': { readonly conversation: Conversation };
  'models.state': ModelState;
  'models.measuring': BenchmarkProgress;
  'models.changed': readonly ModelEntry[];
  'models.hashing': HashProgress;
  /** Undefined: nothing is being brought in. */
  'imports.changed': ImportState | undefined;
  /** Undefined: no chats are being imported. */
  'chats.importing': ChatImportProgress | undefined;
  /** The file of chats was damaged; what could be read of it is there. */
  'data.salvaged': Salvage;
}

export type EventName = keyof Events;
/** Sends one event to the window. */
export type Emit = <N extends EventName>(name: N, payload: Events[N]) => void;

export interface Bridge {
  /** Never rejects for an expected failure: those are values. */
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<Result<CallOutputs[N]>>;
  on<N extends EventName>(name: N, listener: (payload: Events[N]) => void): () => void;
  /** Absolute path of a dropped file; empty for a file that has none. */
  pathOf(file: File): string;
}
