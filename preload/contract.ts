/**
 * Everything the window can ask of the system, and everything the system tells the window. Two maps: `calls` (name →
 * input schema and, by type, output) and `events` (name → payload). The preload exposes these names
 * (`names.ts`) and no others.
 */
import { z } from 'zod';

const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);
const title = z.string().trim().min(1).max(200);
/** Longest message accepted; far beyond any context, so that the limit a person meets is the model's. */
const maxMessageCharacters = 2_000_000;
const path = z.string().min(1).max(32_768);

export const themes = ['system', 'light', 'dark'] as const;

/** Clock and power asked of the NPU, most first; `default` is what the program was compiled with. */
export const performanceModes = [
  'default',
  'burst',
  'sustained-high',
  'high',
  'balanced',
  'low-balanced',
  'high-power-saver',
  'power-saver',
  'low-power-saver',
] as const;

/** What the NPU reports of each token: nothing, times, or cycles of single operators too. */
export const profileLevels = ['off', 'basic', 'detailed'] as const;

const settings = z.object({
  theme: z.enum(themes),
  temperature: z.number().min(0).max(5),
  topK: z.number().int().min(0).max(1_000_000),
  topP: z.number().gt(0).max(1),
  minP: z.number().min(0).lt(1),
  repetitionPenalty: z.number().gt(0).max(10),
  /** 0: until the model stops or the context ends. */
  maxTokens: z.number().int().min(0).max(1_000_000),
  systemPrompt: z.string().max(100_000),
  /** 0: chosen by the engine. */
  threads: z.number().int().min(0).max(256),
  /** Takes effect on the next load, as the two below. */
  performanceMode: z.enum(performanceModes),
  profileLevel: z.enum(profileLevels),
  /** Folder of Qualcomm's libraries; empty: looked for. */
  qnnFolder: z.string().max(32_768),
});
export type Settings = z.infer<typeof settings>;

export const callInputs = {
  'app.info': z.object({}),
  'conversations.list': z.object({}),
  'conversations.open': z.object({ id }),
  'conversations.create': z.object({ id }),
  'conversations.rename': z.object({ id, title }),
  'conversations.delete': z.object({ id }),
  'conversations.restore': z.object({ id }),
  /** The window makes both ids, so that no delta can precede its message. */
  'chat.send': z.object({
    conversationId: id,
    userMessageId: id,
    answerId: id,
    text: z.string().min(1).max(maxMessageCharacters),
  }),
  /** Answers the last user message again; the old answer is replaced. */
  'chat.retry': z.object({ conversationId: id, answerId: id }),
  'chat.stop': z.object({ answerId: id }),
  'models.list': z.object({}),
  /** Looks at dropped files and folders, finds the bundle they belong to, adds it to the library and loads it. */
  'models.open': z.object({ paths: z.array(path).min(1).max(1000) }),
  'models.load': z.object({ id }),
  'models.unload': z.object({}),
  'models.remove': z.object({ id }),
  /** Asks for a file or folder with the system's dialog, then behaves as `models.open`; undefined if cancelled. */
  'models.choose': z.object({}),
  'settings.get': z.object({}),
  'settings.set': settings.partial(),
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
  readonly contextUsed: number;
  readonly contextLength: number;
  readonly reason: 'stop' | 'length' | 'context' | 'cancelled';
}

export interface Message {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly state: MessageState;
  readonly createdAt: number;
  readonly figures?: AnswerFigures;
  readonly error?: AppError;
}

/** Closed: each has its sentence where it is made and its title in the window's catalogue. */
export type ErrorCode =
  | 'addon-missing'
  | 'bundle-incomplete'
  | 'model-not-found'
  | 'model-unreadable'
  | 'model-invalid'
  | 'model-unsupported'
  | 'model-for-other-chip'
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
  | 'model-not-recognised'
  | 'files-not-found'
  | 'conversation-not-found'
  | 'message-not-found'
  | 'answer-running'
  | 'store-failed'
  | 'link-refused'
  | 'engine-crashed'
  | 'engine-unresponsive';

export interface AppError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

export interface ModelEntry {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly bytes: number;
  readonly license?: string;
  readonly bundled: boolean;
  /** False when its files moved or changed since it was added. */
  readonly available: boolean;
  /** The chip it was compiled for, e.g. `Snapdragon 8 Elite (V79)`; absent for models of the CPU. */
  readonly target?: string;
}

/** Qualcomm's libraries in use. */
export interface NpuState {
  /** Release, e.g. `2.49.40`; absent if the libraries do not tell. */
  readonly release?: string;
  readonly folder: string;
  readonly profileLevel: Settings['profileLevel'];
  readonly performanceMode: Settings['performanceMode'];
}

export type ModelState =
  | { readonly status: 'none' }
  | {
      readonly status: 'loading';
      readonly modelId: string;
      readonly name: string;
      readonly stage: string;
      readonly fraction: number;
    }
  | {
      readonly status: 'ready';
      readonly modelId: string;
      readonly name: string;
      /** What a person should read, e.g. `CPU (XNNPACK)`, `HTP (emulator)`, `HTP (device)`. */
      readonly backend: string;
      readonly contextLength: number;
      readonly vocabSize: number;
      readonly chatTemplate: boolean;
      readonly residentBytes: number;
      readonly npu?: NpuState;
    }
  | { readonly status: 'failed'; readonly modelId?: string; readonly name?: string; readonly error: AppError };

export interface AppInfo {
  readonly version: string;
  /** `electron` or `chromium-host`. */
  readonly shell: 'electron' | 'chromium-host';
  readonly executorch?: string;
  readonly platform: string;
}

export interface CallOutputs {
  'app.info': AppInfo;
  'conversations.list': readonly Conversation[];
  'conversations.open': { readonly conversation: Conversation; readonly messages: readonly Message[] };
  'conversations.create': Conversation;
  'conversations.rename': Conversation;
  'conversations.delete': undefined;
  'conversations.restore': Conversation;
  'chat.send': { readonly user: Message; readonly answer: Message; readonly conversation: Conversation };
  'chat.retry': { readonly replacedId: string; readonly answer: Message };
  'chat.stop': undefined;
  'models.list': { readonly models: readonly ModelEntry[]; readonly state: ModelState };
  'models.open': { readonly modelId: string } | undefined;
  'models.load': undefined;
  'models.unload': undefined;
  'models.remove': undefined;
  'models.choose': { readonly modelId: string } | undefined;
  'settings.get': Settings;
  'settings.set': Settings;
  'links.open': undefined;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AppError };

/** Of one step, from the NPU's detailed profile; absent where it is not reported. */
interface LiveHtp {
  readonly vtcmAcquireUs?: number;
  readonly powerOnUs?: number;
  readonly rpcUs?: number;
  readonly cycles?: number;
  readonly slowestOperators: readonly { readonly name: string; readonly cycles: number }[];
}

/** One token as the window sees it; times in µs, absent where the backend does not report them. */
export interface LiveToken {
  readonly text: string;
  readonly stepUs: number;
  readonly acceleratorUs?: number;
  readonly backendUs?: number;
  readonly samplingUs: number;
  readonly hvxThreads?: number;
  readonly htp?: LiveHtp;
}

export interface Events {
  /** Joined per animation frame. */
  'chat.tokens': {
    readonly answerId: string;
    readonly conversationId: string;
    /** Length of the answer before this text, in UTF-16 units: what a window that opened the chat meanwhile already has is told apart. */
    readonly offset: number;
    readonly text: string;
    readonly tokens: readonly LiveToken[];
  };
  'chat.prefilled': {
    readonly answerId: string;
    readonly conversationId: string;
    readonly promptTokens: number;
    readonly reusedTokens: number;
    readonly prefillUs: number;
  };
  /** The message as stored, final. */
  'chat.finished': { readonly conversationId: string; readonly message: Message };
  'conversations.changed': { readonly conversation: Conversation };
  'models.state': ModelState;
  'models.changed': readonly ModelEntry[];
}

export type EventName = keyof Events;
export interface Bridge {
  /** Never rejects for an expected failure: those are values. */
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<Result<CallOutputs[N]>>;
  on<N extends EventName>(name: N, listener: (payload: Events[N]) => void): () => void;
  /** Absolute path of a dropped file; empty for a file that has none. */
  pathOf(file: File): string;
}
