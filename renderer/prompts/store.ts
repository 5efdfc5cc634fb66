/** The prompt library, and the prompt whose variables are being asked. */
import { create } from 'zustand';
import type { AppError, Prompt } from '../../preload/contract.ts';
import { maxMessageCharacters } from '../../preload/contract/values.ts';
import { call } from '../bridge.ts';
import { composerSelection, focusComposerAt } from '../chat/focus.ts';
import { draftOf, useDrafts } from '../chat/drafts.ts';
import { useConversations } from '../conversations/store.ts';
import { strings, useLanguage } from '../strings/index.ts';
import { showChat } from '../ui/screen.ts';
import { showError, showToast } from '../ui/toasts-store.ts';
import { selectedText } from './selection.ts';
import { fill, ownVariables, type Part, partsOf, variablesOf } from './template.ts';

/** Where the text of a prompt goes: instead of the slash command, or at the caret. */
export type PromptPlace = 'whole' | 'caret';

export interface Asking {
  readonly prompt: Prompt;
  readonly parts: readonly Part[];
  /** Known values. */
  readonly values: ReadonlyMap<string, string>;
  /** Variables that the form asks for. */
  readonly asked: readonly string[];
  readonly place: PromptPlace;
}

interface PromptsState {
  readonly prompts: readonly Prompt[];
  /** The dialog with all prompts. */
  readonly open: boolean;
  readonly asking: Asking | undefined;
}

export const usePrompts = create<PromptsState>(() => ({ prompts: [], open: false, asking: undefined }));

export function showPrompts(open: boolean): void {
  usePrompts.setState({ open });
}

/** Reads the library now, and again after a change of the language: the starter prompts follow it. */
export async function loadPrompts(): Promise<void> {
  useLanguage.subscribe(() => void readPrompts());
  await readPrompts();
}

async function readPrompts(): Promise<void> {
  const result = await call('prompts.list', {});
  if (result.ok) usePrompts.setState({ prompts: result.value });
}

/** Inserts a prompt into the message box. Asks first for variables without a value. */
export async function applyPrompt(prompt: Prompt, place: PromptPlace): Promise<void> {
  const parts = partsOf(prompt.text);
  const names = variablesOf(parts);
  const values = new Map<string, string>();
  if (names.includes('date')) values.set('date', strings.formats.day(Date.now()));
  if (names.includes('selection')) values.set('selection', selection());
  if (names.includes('clipboard')) {
    const result = await call('clipboard.read', {});
    if (result.ok) values.set('clipboard', result.value.text);
    else showError(result.error);
  }
  const asked = names.filter((name) => !values.get(name));
  showPrompts(false);
  if (asked.length > 0) usePrompts.setState({ asking: { prompt, parts, values, asked, place } });
  else insert(parts, values, place);
}

/** The form was answered; undefined: cancelled. */
export function answerVariables(answers: ReadonlyMap<string, string> | undefined): void {
  const { asking } = usePrompts.getState();
  usePrompts.setState({ asking: undefined });
  if (asking && answers) insert(asking.parts, new Map([...asking.values, ...answers]), asking.place);
}

/** A label for the form. */
export function variableLabel(name: string): string {
  const own = ownVariables.find((one) => one === name);
  return own ? strings.prompts.variables[own] : name;
}

/** The selected part of the message, else of the chat's messages. */
function selection(): string {
  const { activeId } = useConversations.getState();
  const { start, end } = composerSelection();
  const inBox = draftOf(activeId).text.slice(start, end);
  return inBox === '' ? selectedText(activeId) : inBox;
}

function insert(parts: readonly Part[], values: ReadonlyMap<string, string>, place: PromptPlace): void {
  const { activeId } = useConversations.getState();
  const draft = draftOf(activeId);
  const { start, end } = place === 'whole' ? { start: 0, end: draft.text.length } : composerSelection();
  const [before, after] = [draft.text.slice(0, start), draft.text.slice(end)];
  const text = fill(parts, values, maxMessageCharacters - before.length - after.length);
  if (text === undefined) {
    showToast({ tone: 'danger', title: strings.prompts.tooLong });
    return;
  }
  showChat();
  useDrafts.getState().write(activeId, { ...draft, text: before + text + after });
  focusComposerAt(before.length + text.length);
}

/** @returns the message to show; undefined if there is none */
export async function savePrompt(prompt: Prompt & { readonly at?: number }): Promise<string | undefined> {
  const result = await call('prompts.save', prompt);
  if (!result.ok) return sayError(result.error);
  usePrompts.setState({ prompts: result.value });
  const name = result.value.find(({ id }) => id === prompt.id)?.name ?? prompt.name;
  return name === prompt.name ? undefined : strings.prompts.nameTaken(prompt.name, name);
}

export async function movePrompt({ id, name }: Prompt, at: number): Promise<string | undefined> {
  const result = await call('prompts.move', { id, at });
  if (!result.ok) return sayError(result.error);
  usePrompts.setState({ prompts: result.value });
  return strings.prompts.moved(name, at + 1, result.value.length);
}

export async function deletePrompt(id: string): Promise<string | undefined> {
  const result = await call('prompts.delete', { id });
  if (!result.ok) return sayError(result.error);
  usePrompts.setState({ prompts: result.value });
  return undefined;
}

export async function addStarters(): Promise<string | undefined> {
  const before = usePrompts.getState().prompts.length;
  const result = await call('prompts.addStarters', {});
  if (!result.ok) return sayError(result.error);
  usePrompts.setState({ prompts: result.value });
  return strings.prompts.imported(result.value.length - before, 0);
}

/** @returns the message to show; undefined if the person cancelled */
export async function exportPrompts(): Promise<string | undefined> {
  const result = await call('prompts.export', {});
  if (!result.ok) return sayError(result.error);
  return result.value && `${strings.prompts.exported(result.value.prompts)}: ${result.value.path}`;
}

/** @returns the message to show; undefined if the person cancelled */
export async function importPrompts(): Promise<string | undefined> {
  const result = await call('prompts.import', {});
  if (!result.ok) return sayError(result.error);
  if (!result.value) return undefined;
  const { prompts, added, known, renamed } = result.value;
  usePrompts.setState({ prompts });
  return [
    strings.prompts.imported(added, known),
    ...renamed.map(({ from, to }) => strings.prompts.nameTaken(from, to)),
  ].join('\n');
}

/** Shown in the dialog, because the dialog covers notifications. */
function sayError({ message, hint = '' }: AppError): string {
  return `${message} ${hint}`.trim();
}
