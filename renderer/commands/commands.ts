/**
 * What the person can do from anywhere in the window: one list, from which come the shortcuts, the palette and the list of
 * shortcuts.
 */
import { languages, themes } from '../../preload/contract-values.ts';
import { showChatSettings } from '../chat-settings/store.ts';
import { focusComposer } from '../chat/focus.ts';
import { stop, useChat } from '../chat/store.ts';
import { openConversation } from '../conversations/store.ts';
import { chooseChats } from '../exchange/import-store.ts';
import { askToExportAll } from '../exchange/store.ts';
import { chooseModel, loadModel, showTemplate, unloadModel, useModels } from '../models/store.ts';
import { changeSettings, showSettings, useSettings } from '../settings/store.ts';
import { nameOfLanguage, strings } from '../strings/index.ts';
import { useLayout } from '../ui/layout.ts';
import { showChat, stepBack, toggleModels } from '../ui/screen.ts';
import { showPalette, showShortcuts } from './store.ts';

export interface Command {
  readonly id: string;
  /** In the language of the moment. */
  readonly title: () => string;
  /** As `useShortcuts` names them. */
  readonly keys?: string;
  readonly run: () => void;
  /** Absent: always. */
  readonly available?: () => boolean;
}

const layout = useLayout.getState;

/** Those that are the same at any time; in the palette's order. */
export const commands: readonly Command[] = [
  {
    id: 'new-chat',
    title: () => strings.sidebar.newChat,
    keys: 'Ctrl+N',
    run: newChat,
  },
  { id: 'composer', title: () => strings.commands.composer, keys: 'Ctrl+L', run: goToComposer },
  {
    id: 'stop',
    title: () => strings.commands.stop,
    keys: 'Escape',
    run: stopOrStepBack,
    available: () => useChat.getState().running !== undefined,
  },
  { id: 'search', title: () => strings.commands.search, keys: 'Ctrl+Shift+F', run: searchChats },
  { id: 'chat-settings', title: () => strings.chatSettings.title, run: () => showChatSettings(true) },
  { id: 'import-chats', title: () => strings.chatImport.choose, run: () => void chooseChats(false) },
  { id: 'import-chat-folder', title: () => strings.chatImport.chooseFolder, run: () => void chooseChats(true) },
  { id: 'export-all', title: () => strings.exchange.exportAll, run: askToExportAll },
  { id: 'choose-model', title: () => strings.commands.chooseModel, run: () => void chooseModel() },
  {
    id: 'unload',
    title: () => strings.commands.unload,
    run: () => void unloadModel(),
    available: () => useModels.getState().state.status === 'ready',
  },
  {
    id: 'template',
    title: () => strings.template.open,
    run: () => showTemplate(true),
    available: () => useModels.getState().state.status === 'ready',
  },
  { id: 'sidebar', title: () => strings.commands.sidebar, keys: 'Ctrl+B', run: () => layout().toggleSidebar() },
  { id: 'latency', title: () => strings.commands.latency, keys: 'Ctrl+Shift+L', run: () => layout().toggleLatency() },
  { id: 'models', title: () => strings.commands.models, keys: 'Ctrl+Shift+M', run: toggleModels },
  { id: 'settings', title: () => strings.settings.title, keys: 'Ctrl+,', run: () => showSettings(true) },
  ...themes.map((theme) => ({
    id: `theme-${theme}`,
    title: () => strings.commands.theme(strings.settings.themes[theme]),
    run: () => void changeSettings({ theme }),
    available: () => useSettings.getState().settings?.theme !== theme,
  })),
  ...languages.map((language) => ({
    id: `language-${language}`,
    title: () => strings.commands.language(nameOfLanguage(language)),
    run: () => void changeSettings({ language }),
    available: () => useSettings.getState().settings?.language !== language,
  })),
  { id: 'shortcuts', title: () => strings.commands.shortcuts, keys: 'Ctrl+/', run: showShortcuts },
];

/** Opens the palette; it does not list itself. */
export const paletteCommand: Command = {
  id: 'palette',
  title: () => strings.commands.palette,
  keys: 'Ctrl+K',
  run: showPalette,
};

/** What can be done now, with the models that may be loaded. */
export function commandsNow(): readonly Command[] {
  const { models, state } = useModels.getState();
  const loaded = 'modelId' in state ? state.modelId : undefined;
  return [
    ...commands.filter(({ available }) => available?.() ?? true),
    ...models
      .filter(({ id, available }) => available && id !== loaded)
      .map(({ id, name }) => ({
        id: `load-${id}`,
        title: () => strings.commands.load(name),
        run: () => void loadModel(id),
      })),
  ];
}

function newChat(): void {
  openConversation(undefined);
  focusComposer();
}

function goToComposer(): void {
  showChat();
  // Where another screen was shown the composer takes the focus by itself once it is drawn.
  focusComposer();
}

/** Escape belongs to what is shown: a screen over the chat is left first. */
function stopOrStepBack(): void {
  if (!stepBack()) void stop();
}

function searchChats(): void {
  if (!layout().sidebar) layout().toggleSidebar();
  // A sidebar that was hidden is drawn in the next frame.
  requestAnimationFrame(() => document.getElementById('search')?.focus());
}
