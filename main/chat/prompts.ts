/** The prompt library and its files. */
import { randomUUID } from 'node:crypto';
import { type Language, longestPromptName, mostPrompts } from '../../preload/contract/values.ts';
import type { ImportedPrompts, Prompt } from '../../preload/contract.ts';
import { additionOf, foldedNames, freeName } from '../exchange/names.ts';
import { type FilePrompt, promptFile } from '../exchange/prompt-file.ts';
import { type ChooseSave, saveFile } from '../exchange/save-file.ts';
import { AppFailure } from '../failure.ts';
import type { PromptTable } from '../store/prompts.ts';
import type { SettingsTable } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import { starterKeys, starterOf } from './starter-prompts.ts';

export interface PromptDependencies {
  readonly table: PromptTable;
  /** Remembers that the starter prompts were added once. */
  readonly flags: SettingsTable;
  readonly transaction: Store['transaction'];
  /** The language of the window. */
  readonly language: () => Language;
  readonly chooseSave: ChooseSave;
  /** Asks for a file of prompts; undefined if the person cancels. */
  readonly chooseFile: () => Promise<string | undefined>;
  readonly readClipboard: () => Promise<string>;
}

const startersAdded = 'starterPromptsAdded';
/** More than any context holds. */
const longestClipboard = 1_000_000;

export class Prompts {
  readonly #with: PromptDependencies;

  constructor(dependencies: PromptDependencies) {
    this.#with = dependencies;
  }

  /** The prompts in the person's order. The first call of a new store adds the starter prompts. */
  list(): readonly Prompt[] {
    const { flags, transaction } = this.#with;
    if (flags.all()[startersAdded] !== true) {
      transaction(() => {
        this.#addStarters();
        flags.set(startersAdded, true);
      });
    }
    return this.#read();
  }

  /** A taken name gets a number. @throws AppFailure `prompts-full` */
  save({ at, ...prompt }: Prompt & { readonly at?: number | undefined }): readonly Prompt[] {
    const others = this.#read().filter(({ id }) => id !== prompt.id);
    if (others.length >= mostPrompts) throw full(0);
    const name = freeName(prompt.name, foldedNames(others), longestPromptName);
    this.#with.transaction(() => {
      this.#with.table.save({ ...prompt, name });
      if (at !== undefined) this.#place(prompt.id, at);
    });
    return this.#read();
  }

  /** @throws AppFailure `prompt-not-found` */
  move(id: string, at: number): readonly Prompt[] {
    if (!this.#read().some((prompt) => prompt.id === id))
      throw new AppFailure('prompt-not-found', 'This prompt no longer exists.', 'Choose another one.');
    this.#with.transaction(() => this.#place(id, at));
    return this.#read();
  }

  delete(id: string): readonly Prompt[] {
    this.#with.table.delete(id);
    return this.#read();
  }

  addStarters(): readonly Prompt[] {
    this.#with.transaction(() => this.#addStarters());
    return this.#read();
  }

  /**
   * Writes all prompts to a file that the person chooses.
   * @returns undefined if the person cancelled
   * @throws AppFailure `prompt-not-found`, `file-not-written`
   */
  async export(): Promise<{ readonly path: string; readonly prompts: number } | undefined> {
    const prompts = this.list();
    if (prompts.length === 0)
      throw new AppFailure('prompt-not-found', 'You have no prompts to export.', 'Save one first.');
    const question = { what: 'prompts', name: 'Wyvern prompts.json', extension: 'json' } as const;
    const path = await saveFile(this.#with.chooseSave, question, () => [promptFile.write(prompts.map(toFile))]);
    if (path === undefined) return undefined;
    return { path, prompts: prompts.length };
  }

  /**
   * Adds the prompts of a file that the person chooses, all or none. A prompt with the same name and text is skipped; a taken
   * name gets a number.
   * @returns undefined if the person cancelled
   * @throws AppFailure `prompts-unreadable`, `prompts-full`
   */
  async import(): Promise<ImportedPrompts | undefined> {
    const path = await this.#with.chooseFile();
    if (path === undefined) return undefined;
    const found = await promptFile.read(path);
    return this.#with.transaction(() => {
      const before = this.#read().map(toFile);
      const { added, ...rest } = additionOf(found, before, longestPromptName, ({ text }) => text);
      if (before.length + added.length > mostPrompts) throw full(mostPrompts - before.length);
      for (const prompt of added) this.#with.table.save({ id: randomUUID(), ...prompt });
      return { prompts: this.#read(), added: added.length, ...rest };
    });
  }

  /** @returns empty if the clipboard has no text. @throws AppFailure `clipboard-too-long` */
  async clipboard(): Promise<string> {
    const text = await this.#with.readClipboard();
    if (text.length <= longestClipboard) return text;
    throw new AppFailure(
      'clipboard-too-long',
      'The clipboard has more text than a message can hold.',
      'Copy a part of it, or attach it as a file.',
    );
  }

  #read(): readonly Prompt[] {
    const language = this.#with.language();
    return this.#with.table.list().flatMap((prompt): Prompt[] => {
      if (!('starter' in prompt)) return [prompt];
      // A later version may have another starter prompt.
      const words = starterOf(prompt.starter, language);
      return words ? [{ id: prompt.id, ...words }] : [];
    });
  }

  #addStarters(): void {
    const stored = this.#with.table.list();
    const present = new Set(stored.map((prompt) => ('starter' in prompt ? prompt.starter : undefined)));
    const missing = starterKeys.filter((key) => !present.has(key));
    for (const key of missing.slice(0, Math.max(0, mostPrompts - stored.length)))
      this.#with.table.save({ id: randomUUID(), starter: key });
  }

  #place(id: string, at: number): void {
    const others = this.#with.table.list().flatMap((prompt) => (prompt.id === id ? [] : [prompt.id]));
    this.#with.table.order(others.toSpliced(at, 0, id));
  }
}

function full(room: number): AppFailure {
  return new AppFailure(
    'prompts-full',
    `Wyvern keeps at most ${mostPrompts} prompts, and there is room for ${Math.max(0, room)} more. Nothing was changed.`,
    'Delete some prompts first.',
  );
}

function toFile({ name, text }: Prompt): FilePrompt {
  return { name, text };
}
