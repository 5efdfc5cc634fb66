/** The person's settings; undefined until read. The document shows their appearance as soon as it is known. */
import { create } from 'zustand';
import type { AppInfo, Settings } from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { showError } from '../ui/toasts-store.ts';
import { applyAppearance, keepAppearance, lastAppearance } from './appearance.ts';

interface SettingsState {
  readonly settings: Settings | undefined;
  readonly info: AppInfo | undefined;
  readonly dialogOpen: boolean;
  /** Title of the section that the dialog opens at. */
  readonly section: string | undefined;
}

export const useSettings = create<SettingsState>(() => ({
  settings: undefined,
  info: undefined,
  dialogOpen: false,
  section: undefined,
}));

/** @param section title of the section to open at; absent: the first */
export function showSettings(dialogOpen: boolean, section?: string): void {
  useSettings.setState({ dialogOpen, section });
}

export async function loadSettings(): Promise<void> {
  // Uses the last appearance first, so that the window does not flash while settings load.
  applyAppearance(lastAppearance());
  const [settings, info] = await Promise.all([call('settings.get', {}), call('app.info', {})]);
  if (settings.ok) take(settings.value);
  else showError(settings.error);
  if (info.ok) useSettings.setState({ info: info.value });
}

/** Stores a change, then shows the settings that main stored. */
export async function changeSettings(change: Partial<Settings>): Promise<void> {
  const result = await call('settings.set', change);
  if (result.ok) take(result.value);
  else showError(result.error);
}

function take(settings: Settings): void {
  useSettings.setState({ settings });
  keepAppearance(settings);
  applyAppearance(settings);
}
