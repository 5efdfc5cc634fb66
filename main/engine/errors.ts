/**
 * The sentences of every expected failure of the engine: what happened, why, and the next step. No other file turns codes,
 * native ones included, into text. Imports nothing that needs the engine's process, so that the main process can use it too.
 */
import type { NativeErrorCode } from '../../native/index.d.ts';
import { asReadError, UnreadableFileError } from '../files/reading.ts';
import { qnnFailure } from './qnn-failures.ts';
import type { EngineError, EngineErrorCode } from './protocol.ts';

interface Sentence {
  readonly message: string;
  readonly hint?: string;
}

const count = (value: number): string => value.toLocaleString('en-US');
const list = (parts: readonly string[]): string => parts.join(', ');

/** The arguments of each sentence. */
interface Details {
  'addon-missing': [details: { reason: string }];
  'addon-incomplete': [details: { reason: string }];
  'bundle-incomplete': [details: { folder: string; missing: readonly string[]; hint?: string }];
  'model-not-found': [details: { path: string; hint?: string }];
  'model-unreadable': [details: { path: string; reason: string; hint?: string }];
  'model-invalid': [details: { path: string; reason: string }];
  'model-unsupported': [details: { path: string; reason: string; hint?: string }];
  'model-for-other-chip': [details: { path: string; reason: string; hint: string }];
  'gguf-unsupported': [details: { path: string; reason: string }];
  'gguf-incomplete': [details: { path: string; reason: string; hint: string }];
  'operator-missing': [details: { path: string; reason: string }];
  'backend-missing': [details: { path: string; reason: string }];
  'npu-emulator-missing': [];
  'npu-library-missing': [details: { reason: string }];
  'npu-library-mismatch': [details: { reason: string }];
  'npu-skel-missing': [sentence: Sentence];
  'npu-other-chip': [sentence: Sentence];
  'npu-device-file': [sentence: Sentence];
  'npu-incompatible': [sentence: Sentence];
  'npu-memory': [sentence: Sentence];
  'npu-crashed': [sentence: Sentence];
  'npu-lost': [sentence: Sentence];
  'npu-failed': [sentence: Sentence];
  'weights-missing': [details: { path: string; reason: string }];
  'tokenizer-invalid': [details: { path: string; reason: string }];
  'tokenizer-mismatch': [details: { tokenizer: number; model: number }];
  'template-invalid': [details: { reason: string; hint?: string }];
  'prompt-empty': [];
  'prompt-too-long': [details: { tokens: number; contextLength: number }];
  'prompt-invalid': [details: { reason: string }];
  'option-invalid': [details: { reason: string; hint?: string }];
  busy: [details: { doing: string }];
  'not-loaded': [];
  'out-of-memory': [details: { reason: string }];
  'execution-failed': [details: { reason: string }];
  'engine-lost': [details: { reason: string }];
  internal: [details: { reason: string }];
}

/** Whether the file is the configuration of a model from Qualcomm's AI Hub; `genie/config.ts` needs the sentences here. */
const isGenieFile = (path: string): boolean => /(?:^|[\\/])genie_config\.json$/i.test(path);

/** `qnn-failures.ts` has the sentences for QNN's numbers and messages. */
const asTold = (sentence: Sentence): Sentence => sentence;

const sentences: { readonly [C in EngineErrorCode]: (...details: Details[C]) => Sentence } = {
  'addon-missing': ({ reason }) => ({
    message: `The native runtime (wyvern.node) cannot be loaded: ${reason}`,
    hint: 'Run `npm run setup` to build it.',
  }),
  'addon-incomplete': ({ reason }) => ({
    message: `The native runtime (wyvern.node) lacks parts that every model needs. ${reason}`,
    hint: 'Install Wyvern again. If the error stays, report it with the name of your processor.',
  }),
  'bundle-incomplete': ({ folder, missing, hint }) => ({
    message: `“${folder}” is not a complete model: it lacks ${list(missing)}.`,
    hint: hint ?? 'Put the missing files beside the others, then open the folder again.',
  }),
  'model-not-found': ({ path, hint }) => ({
    message: `There is no model at “${path}”.`,
    hint: hint ?? 'Check the path: a folder with a .pte and its tokenizer, or the .pte itself.',
  }),
  'model-unreadable': ({ path, reason, hint }) => ({
    message: `“${path}” cannot be read: ${reason}`,
    hint: hint ?? 'Check that the file is there and that you may read it.',
  }),
  'model-invalid': ({ path, reason }) => ({
    message: `“${path}” is damaged or is not what its name says: ${reason}`,
    hint: 'Copy or download the file again, and compare its size with the original.',
  }),
  'model-unsupported': ({ path, reason, hint }) => ({
    message: `“${path}” is a program that Wyvern cannot run: ${reason}`,
    hint:
      hint ??
      (isGenieFile(path)
        ? 'Get another release of the model from Qualcomm’s AI Hub, or another model.'
        : 'Export the model as a language model with a KV cache; export/README.md has the commands.'),
  }),
  'model-for-other-chip': ({ path, reason, hint }) => ({
    message: `“${path}” cannot run here: ${reason}`,
    hint,
  }),
  'gguf-unsupported': ({ path, reason }) => ({
    message: `Wyvern cannot run the GGUF file “${path}”: ${reason}`,
    hint: 'Get another GGUF of the model, or the model as an ExecuTorch program; docs/compatibility.md lists the kinds that run.',
  }),
  'gguf-incomplete': ({ path, reason, hint }) => ({
    message: `The GGUF file “${path}” is incomplete: ${reason}`,
    hint,
  }),
  'operator-missing': ({ path, reason }) => ({
    message: `“${path}” needs an operator that this build does not have: ${reason}`,
    hint: 'Export the model with the operators that `wyvern inspect` lists, or use a newer Wyvern.',
  }),
  'backend-missing': ({ path, reason }) => ({
    message: `“${path}” was compiled for a backend that does not start on this machine: ${reason}`,
    hint: 'Use a model compiled for this machine, for example one for the CPU (XNNPACK).',
  }),
  'npu-emulator-missing': () => ({
    message: 'This model is for the NPU. This machine can run it in Qualcomm’s emulator, which is not installed.',
    hint: 'Run `npm run setup -- --emulator` in the folder of Wyvern, then load the model again.',
  }),
  'npu-library-missing': ({ reason }) => ({
    message: `This model runs on the NPU, but Wyvern cannot use Qualcomm’s libraries: ${reason}`,
    hint: 'Choose their folder in Settings, or use a model for the CPU (XNNPACK).',
  }),
  'npu-library-mismatch': ({ reason }) => ({
    message: `Qualcomm’s libraries do not belong together: ${reason}`,
    hint: 'Put all of them from one release into one folder, or clear the folder in Settings to use Wyvern’s own.',
  }),
  'npu-skel-missing': asTold,
  'npu-other-chip': asTold,
  'npu-device-file': asTold,
  'npu-incompatible': asTold,
  'npu-memory': asTold,
  'npu-crashed': asTold,
  'npu-lost': asTold,
  'npu-failed': asTold,
  'weights-missing': ({ path, reason }) => ({
    message: `“${path}” keeps its weights in another file that is missing or does not fit: ${reason}`,
    hint: isGenieFile(path)
      ? 'Put all files that came with the model into one folder.'
      : 'Put the .ptd file that came with the .pte beside it.',
  }),
  'tokenizer-invalid': ({ path, reason }) => ({
    message: `The tokenizer “${path}” cannot be used: ${reason}`,
    hint: 'Use the tokenizer.json or tokenizer.model that came with the model.',
  }),
  'tokenizer-mismatch': ({ tokenizer, model }) => ({
    message: `The tokenizer has ${count(tokenizer)} tokens but the model ${count(model)}: they do not belong together.`,
    hint: 'Put the tokenizer that came with this model into its folder.',
  }),
  'template-invalid': ({ reason, hint }) => ({
    message: `The chat template cannot be used: ${reason}`,
    hint: hint ?? 'Put the chat_template.jinja or tokenizer_config.json that came with the model into its folder.',
  }),
  'prompt-empty': () => ({ message: 'The prompt is empty.', hint: 'Write something for the model to answer.' }),
  'prompt-too-long': ({ tokens, contextLength }) => ({
    message: `The prompt has ${count(tokens)} tokens, but the model holds ${count(contextLength)}, its answer included.`,
    hint: 'Shorten the prompt or start a new chat.',
  }),
  'prompt-invalid': ({ reason }) => ({
    message: `The prompt cannot be used: ${reason}`,
    hint: 'Correct the prompt and send it again.',
  }),
  'option-invalid': ({ reason, hint }) => ({
    message: reason,
    hint: hint ?? 'Correct the option and try again.',
  }),
  busy: ({ doing }) => ({
    message: `The engine is ${doing}.`,
    hint: 'Wait until it is done, or stop it first.',
  }),
  'not-loaded': () => ({ message: 'No model is loaded.', hint: 'Load a model first.' }),
  'out-of-memory': ({ reason }) => ({
    message: `There is not enough memory for this model: ${reason}`,
    hint: 'Close other programs, or use a smaller model or a shorter context.',
  }),
  'execution-failed': ({ reason }) => ({
    message: `The model failed while running: ${reason}`,
    hint: 'Try again. If it happens again, load the model again.',
  }),
  'engine-lost': ({ reason }) => ({
    message: `The engine process ended unexpectedly: ${reason}`,
    hint: 'Your chats are safe. Load the model again to continue.',
  }),
  internal: ({ reason }) => ({
    message: `Something went wrong inside Wyvern: ${reason}`,
    hint: 'Please report this with the log (set WYVERN_LOG=debug).',
  }),
};

/** An expected failure. Thrown inside the engine and the command line; sent as its {@link EngineError} value. */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  readonly code: EngineErrorCode;
  readonly hint: string | undefined;

  constructor(error: EngineError, options?: ErrorOptions) {
    super(error.message, options);
    this.code = error.code;
    this.hint = error.hint;
  }

  toError(): EngineError {
    return { code: this.code, message: this.message, ...(this.hint === undefined ? {} : { hint: this.hint }) };
  }
}

/** Makes the failure of a code with its sentences. */
export function failure<C extends EngineErrorCode>(code: C, ...details: Details[C]): EngineFailure {
  return new EngineFailure({ code, ...sentences[code](...details) });
}

const engineCodes = {
  'invalid-argument': 'internal',
  closed: 'not-loaded',
  busy: 'busy',
  'file-not-found': 'model-not-found',
  'file-unreadable': 'model-unreadable',
  'program-invalid': 'model-invalid',
  'program-unsupported': 'model-unsupported',
  'operator-missing': 'operator-missing',
  'backend-missing': 'backend-missing',
  'library-missing': 'npu-library-missing',
  'library-mismatch': 'npu-library-mismatch',
  'data-missing': 'weights-missing',
  'out-of-memory': 'out-of-memory',
  'context-full': 'prompt-too-long',
  'nothing-to-continue': 'internal',
  'execution-failed': 'execution-failed',
  'tokenizer-invalid': 'tokenizer-invalid',
  'runtime-incomplete': 'addon-incomplete',
} as const satisfies Record<NativeErrorCode, EngineErrorCode>;

/** Failures that the NPU may have caused. All others happen before the NPU is used. */
const mayBeNpu: ReadonlySet<NativeErrorCode> = new Set([
  'program-invalid',
  'program-unsupported',
  'out-of-memory',
  'execution-failed',
]);

function isNativeCode(code: unknown): code is NativeErrorCode {
  return typeof code === 'string' && Object.hasOwn(engineCodes, code);
}

/** Turns any thrown value into a failure with a code. `path` is the file in use. */
export function asFailure(thrown: unknown, path = 'the model'): EngineFailure {
  if (thrown instanceof EngineFailure) return thrown;
  const reason = sentenceOf(thrown instanceof Error ? thrown.message : String(thrown));
  if (!(thrown instanceof Error) || !('code' in thrown) || !isNativeCode(thrown.code)) {
    return failure('internal', { reason });
  }
  const ofNpu = qnnFailure(reason);
  if (ofNpu !== undefined && mayBeNpu.has(thrown.code)) return new EngineFailure(ofNpu);
  const code = engineCodes[thrown.code];
  switch (code) {
    case 'busy':
      return failure(code, { doing: 'working already' });
    case 'not-loaded':
      return failure(code);
    case 'prompt-too-long':
      // The engine checks the length before this. If the native check fails, the fault is ours.
      return failure('internal', { reason });
    case 'internal':
    case 'addon-incomplete':
    case 'npu-library-missing':
    case 'npu-library-mismatch':
    case 'out-of-memory':
    case 'execution-failed':
      return failure(code, { reason });
    case 'model-not-found':
      return failure(code, { path });
    case 'model-unreadable':
    case 'model-invalid':
    case 'model-unsupported':
    case 'operator-missing':
    case 'backend-missing':
    case 'weights-missing':
    case 'tokenizer-invalid':
      return failure(code, { path, reason });
  }
}

/** The failure of a file whose content cannot be read, for a reason that a person can change; undefined for other errors. */
export function unreadable(path: string, thrown: unknown): EngineFailure | undefined {
  const known = asReadError(thrown);
  if (!(known instanceof UnreadableFileError)) return undefined;
  return failure('model-unreadable', { path, reason: known.message, hint: known.hint });
}

/** The reason with exactly one full stop at its end. */
function sentenceOf(reason: string): string {
  return /[.!?]$/.test(reason.trim()) ? reason.trim() : `${reason.trim()}.`;
}
