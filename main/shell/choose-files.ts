/** The system's dialogs for files. */
import { app, dialog } from 'electron';
import type { BrowserWindow } from 'electron';
import { join } from 'node:path';
import type { SaveQuestion } from '../strings/save-question.ts';
import type { Strings } from '../strings/index.ts';

interface Question {
  readonly kind: keyof Strings['kinds'];
  readonly extensions: readonly string[];
  readonly several?: boolean;
  /** Asks for a folder instead of files. */
  readonly folder?: boolean;
  /** Text of the button; default: `open`. */
  readonly button?: keyof Strings['buttons'];
}

const json = { kind: 'json', extensions: ['json'] } as const;

/** The kind of file: parts of models, chats, presets, or prompts. */
const questions = {
  model: { kind: 'models', extensions: ['pte', 'gguf', 'zip', 'ptd', 'json', 'model', 'jinja'], several: true },
  moved: { kind: 'modelFiles', extensions: ['*'], several: true },
  partFolder: { kind: 'modelFiles', extensions: ['*'], folder: true },
  program: { kind: 'programs', extensions: ['pte', 'json'] },
  data: { kind: 'weights', extensions: ['ptd', 'bin', 'raw'] },
  tokenizer: { kind: 'tokenizers', extensions: ['json', 'model', 'tiktoken'] },
  tokenizerConfig: json,
  specialTokensMap: json,
  addedTokens: json,
  processorTemplate: json,
  generationConfig: json,
  config: json,
  htpSettings: json,
  chatTemplate: { kind: 'templates', extensions: ['jinja'] },
  additionalTemplates: { kind: 'templates', extensions: ['jinja'] },
  manifest: json,
  chats: { kind: 'chats', extensions: ['json', 'jsonl', 'zip'], several: true, button: 'import' },
  chatFolder: { kind: 'chats', extensions: ['*'], folder: true, button: 'import' },
  presets: { ...json, button: 'import' },
  prompts: { ...json, button: 'import' },
} as const satisfies Readonly<Record<keyof Strings['open'], Question>>;
export type WantedPaths = keyof typeof questions;

/** Opens the system's dialog; empty if the person cancels. Offers folders too if the system can mix both. */
export async function choosePaths(
  window: BrowserWindow,
  wanted: WantedPaths,
  words: Strings,
): Promise<readonly string[]> {
  const { kind, extensions, several = false, folder = false, button = 'open' }: Question = questions[wanted];
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: words.open[wanted],
    buttonLabel: words.buttons[button],
    filters: [
      { name: words.kinds[kind], extensions: [...extensions] },
      { name: words.kinds.all, extensions: ['*'] },
    ],
    properties: [
      folder ? 'openDirectory' : 'openFile',
      ...(several ? (['multiSelections'] as const) : []),
      ...(several && process.platform === 'darwin' ? (['openDirectory'] as const) : []),
    ],
  });
  return filePaths;
}

const formNames: Readonly<Record<SaveQuestion['extension'], string>> = {
  csv: 'CSV',
  png: 'PNG',
  json: 'JSON',
  md: 'Markdown',
};

/** Asks where to save a file; undefined if the person cancels. */
export async function chooseSaveFile(
  window: BrowserWindow,
  { what, name, extension }: SaveQuestion,
  words: Strings,
): Promise<string | undefined> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: words.save[what],
    defaultPath: join(app.getPath('downloads'), name),
    filters: [{ name: formNames[extension], extensions: [extension] }],
  });
  return canceled ? undefined : filePath;
}
