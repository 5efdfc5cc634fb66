/** Every expected failure has a code of this list. The engine, the window and its catalogues use the same list. */

/** Failures of the engine process. `main/engine/errors.ts` has their sentences. */
export type EngineErrorCode =
  | 'addon-missing'
  | 'addon-incomplete'
  | 'bundle-incomplete'
  | 'model-not-found'
  | 'model-unreadable'
  | 'model-invalid'
  | 'model-unsupported'
  | 'model-for-other-chip'
  | 'gguf-unsupported'
  | 'gguf-incomplete'
  | 'operator-missing'
  | 'backend-missing'
  | 'npu-emulator-missing'
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
  | 'internal';

/** Failures of the main process. */
type AppErrorCode =
  | 'wrong-build'
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
  | 'addition-running'
  | 'files-not-found'
  | 'files-unusable'
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
  | 'document-unreadable'
  | 'document-protected'
  | 'document-without-text'
  | 'document-too-large'
  | 'document-too-slow'
  | 'preset-not-found'
  | 'presets-unreadable'
  | 'prompt-not-found'
  | 'prompts-full'
  | 'prompts-unreadable'
  | 'clipboard-too-long'
  | 'link-refused'
  | 'server-port-taken'
  | 'server-failed'
  | 'engine-crashed'
  | 'engine-unresponsive';
export type ErrorCode = EngineErrorCode | AppErrorCode;

/** What happened, why, and what the person can do next. */
export interface AppError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** The answer of a call: expected failures are values. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AppError };
