/** Settings of each chat that override the person's settings, and the named presets. */
import { create } from 'zustand';
import type { AppError, GenerationOverrides, Preset } from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { newId } from '../ui/id.ts';
import { showError } from '../ui/toasts-store.ts';
import { without } from '../ui/without.ts';

interface ChatSettings {
  /** By chat id; `new` is the chat that is not stored yet. */
  readonly own: Readonly<Record<string, GenerationOverrides>>;
  readonly presets: readonly Preset[];
  readonly open: boolean;
}

const unsaved = 'new';
const none: GenerationOverrides = {};

export const useChatSettings = create<ChatSettings>(() => ({ own: {}, presets: [], open: false }));

export function useOwnSettings(conversationId: string | undefined): GenerationOverrides {
  return useChatSettings(({ own }) => own[conversationId ?? unsaved] ?? none);
}

/** The same outside of a component. */
export function ownSettings(conversationId: string | undefined): GenerationOverrides {
  return useChatSettings.getState().own[conversationId ?? unsaved] ?? none;
}

export function showChatSettings(open: boolean): void {
  useChatSettings.setState({ open });
}

/** As stored. */
export function takeOwnSettings(conversationId: string, settings: GenerationOverrides): void {
  useChatSettings.setState(({ own }) => ({ own: { ...own, [conversationId]: settings } }));
}

/** Settings for the next new chat, which starts with them. */
export function takeUnsavedSettings(conversationId: string): GenerationOverrides {
  const { own } = useChatSettings.getState();
  const { [unsaved]: settings = none, ...others } = own;
  useChatSettings.setState({ own: { ...others, [conversationId]: settings } });
  return settings;
}

/** The chat no longer exists. */
export function forgetOwnSettings(conversationId: string): void {
  useChatSettings.setState(({ own }) => ({ own: without(own, conversationId) }));
}

/** Stores one change. `undefined` restores the value from Settings. */
export async function setOwn<N extends keyof GenerationOverrides>(
  conversationId: string | undefined,
  name: N,
  value: GenerationOverrides[N],
): Promise<void> {
  const before = ownSettings(conversationId);
  const others = Object.entries(before).filter(([key]) => key !== name);
  const settings = Object.fromEntries(value === undefined ? others : [...others, [name, value]]) as GenerationOverrides;
  await replaceOwn(conversationId, settings);
}

/** Stores all settings at once, as a preset does. */
export async function replaceOwn(conversationId: string | undefined, settings: GenerationOverrides): Promise<void> {
  takeOwnSettings(conversationId ?? unsaved, settings);
  if (conversationId === undefined) return;
  const result = await call('conversations.configure', { id: conversationId, settings });
  if (!result.ok) showError(result.error);
}

export async function loadPresets(): Promise<void> {
  const result = await call('presets.list', {});
  if (result.ok) useChatSettings.setState({ presets: result.value });
  else showError(result.error);
}

/** Replaces a preset of the same name. */
export async function savePreset(name: string, settings: GenerationOverrides): Promise<void> {
  const result = await call('presets.save', { id: newId(), name, settings });
  if (result.ok) useChatSettings.setState({ presets: result.value });
  else showError(result.error);
}

export async function deletePreset(id: string): Promise<void> {
  const result = await call('presets.delete', { id });
  if (result.ok) useChatSettings.setState({ presets: result.value });
  else showError(result.error);
}

/** @returns the message to show; undefined if there is none */
export async function renamePreset(id: string, name: string): Promise<string | undefined> {
  const result = await call('presets.rename', { id, name });
  if (!result.ok) return sayError(result.error);
  useChatSettings.setState({ presets: result.value.presets });
  const { name: given } = result.value;
  return given === name ? undefined : strings.chatSettings.nameTaken(name, given);
}

/** @param id Absent: all presets. @returns the message to show; undefined if the person cancelled */
export async function exportPresets(id: string | undefined): Promise<string | undefined> {
  const result = await call('presets.export', id === undefined ? {} : { id });
  if (!result.ok) return sayError(result.error);
  return result.value && `${strings.chatSettings.presetsExported(result.value.presets)}: ${result.value.path}`;
}

/** @returns the message to show; undefined if the person cancelled */
export async function importPresets(): Promise<string | undefined> {
  const result = await call('presets.import', {});
  if (!result.ok) return sayError(result.error);
  if (!result.value) return undefined;
  const { presets, added, known, renamed } = result.value;
  useChatSettings.setState({ presets });
  const lines = renamed.map(({ from, to }) => strings.chatSettings.nameTaken(from, to));
  return [strings.chatSettings.presetsImported(added, known), ...lines].join('\n');
}

/** Shown in the dialog, because the dialog covers notifications. */
function sayError({ message, hint = '' }: AppError): string {
  return `${message} ${hint}`.trim();
}
