import { app, dialog } from 'electron';
import type { BrowserWindow } from 'electron';
import { join } from 'node:path';
import type { WantedFile } from './imports.ts';
import type { SaveQuestion } from './exchange/exchange.ts';
import type { FileKind } from './runs.ts';

interface Question {
  readonly title: string;
  readonly kind: string;
  readonly extensions: readonly string[];
  readonly several?: boolean;
  /** A folder is asked for. */
  readonly folder?: boolean;
}

/** What is asked for: parts of models, chats, or presets. */
export type WantedPaths = WantedFile | 'chats' | 'chatFolder' | 'presets';

const questions: Readonly<Record<WantedPaths, Question>> = {
  model: {
    title: 'Open a model',
    kind: 'Models',
    extensions: ['pte', 'zip', 'ptd', 'json', 'model', 'jinja'],
    several: true,
  },
  moved: { title: 'Where are the model’s files now?', kind: 'Files of models', extensions: ['*'], several: true },
  program: { title: 'Choose the program', kind: 'ExecuTorch programs', extensions: ['pte'] },
  data: { title: 'Choose the weights', kind: 'ExecuTorch weights', extensions: ['ptd'] },
  tokenizer: { title: 'Choose the tokenizer', kind: 'Tokenizers', extensions: ['json', 'model', 'tiktoken'] },
  tokenizerConfig: { title: 'Choose tokenizer_config.json', kind: 'JSON', extensions: ['json'] },
  generationConfig: { title: 'Choose generation_config.json', kind: 'JSON', extensions: ['json'] },
  chatTemplate: { title: 'Choose the chat template', kind: 'Chat templates', extensions: ['jinja'] },
  manifest: { title: 'Choose wyvern.json', kind: 'JSON', extensions: ['json'] },
  chats: { title: 'Import chats', kind: 'Chats', extensions: ['json', 'jsonl', 'zip'], several: true },
  chatFolder: { title: 'Import a folder of chats', kind: 'Chats', extensions: ['*'], folder: true },
  presets: { title: 'Import presets', kind: 'JSON', extensions: ['json'] },
};

/** Asks with the system's dialog; empty if the person cancels. Folders can be chosen where the system can mix both. */
export async function choosePaths(window: BrowserWindow, wanted: WantedPaths): Promise<readonly string[]> {
  const { title, kind, extensions, several = false, folder = false } = questions[wanted];
  const { filePaths } = await dialog.showOpenDialog(window, {
    title,
    buttonLabel: wanted === 'chats' || wanted === 'chatFolder' || wanted === 'presets' ? 'Import' : 'Open',
    filters: [
      { name: kind, extensions: [...extensions] },
      { name: 'All files', extensions: ['*'] },
    ],
    properties: [
      folder ? 'openDirectory' : 'openFile',
      ...(several ? (['multiSelections'] as const) : []),
      ...(several && process.platform === 'darwin' ? (['openDirectory'] as const) : []),
    ],
  });
  return filePaths;
}

/** What is saved: figures of a run, chats, or presets. */
export type SaveKind = FileKind | SaveQuestion;

const formNames: Readonly<Record<SaveKind['extension'], string>> = {
  csv: 'CSV',
  png: 'PNG',
  json: 'JSON',
  md: 'Markdown',
};

/** Asks where to save a file; undefined if the person cancels. */
export async function chooseSaveFile(
  window: BrowserWindow,
  { title, name, extension }: SaveKind,
): Promise<string | undefined> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title,
    defaultPath: join(app.getPath('downloads'), name),
    filters: [{ name: formNames[extension], extensions: [extension] }],
  });
  return canceled ? undefined : filePath;
}
