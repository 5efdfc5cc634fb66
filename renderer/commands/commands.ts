/** The commands of the window. Shortcuts, the palette and the list of shortcuts all use this list. */
import { languages, themes } from '../../preload/contract/values.ts';
import { showChatSettings } from '../chat-settings/store.ts';
import { switchThinkingOfOpenChat, thinkingOfOpenChat } from '../chat-settings/thinking.ts';
import { focusComposer } from '../chat/focus.ts';
import { stop, useChat } from '../chat/store.ts';
import { goTo, useConversations } from '../conversations/store.ts';
import { keepOpenChat, newTemporaryChat } from '../conversations/temporary-part.tsx';
import { chooseChats } from '../exchange/import-store.ts';
import { askToExportAll } from '../exchange/store.ts';
import { chooseModel, loadModel, showTemplate, unloadModel, useModels } from '../models/store.ts';
import { showPrompts } from '../prompts/store.ts';
import { changeSettings, showSettings, useSettings } from '../settings/store.ts';
import { nameOfLanguage, strings } from '../strings/index.ts';
import { useLayout } from '../ui/layout.ts';
import { showChat, showGetModels, stepBack, toggleModels } from '../ui/screen.ts';
import { showPalette, showShortcuts } from './store.ts';

export interface Command {
  readonly id: string;
  /** In the current language. */
  readonly title: () => string;
  /** Key names as in `useShortcuts`. */
  readonly keys?: string;
  readonly run: () => void;
  /** Absent: always available. */
  readonly available?: () => boolean;
}

const layout = useLayout.getState;

/** Commands that are always the same, in the palette's order. */
export const commands: readonly Command[] = [
  {
    id: 'new-chat',
    title: () => strings.sidebar.newChat,
    keys: 'Ctrl+N',
    run: newChat,
  },
  {
    id: 'temporary-chat',
    title: () => strings.temporary.begin,
    keys: 'Ctrl+Shift+N',
    run: () => void newTemporaryChat(),
  },
  {
    id: 'keep-chat',
    title: () => strings.temporary.keep,
    run: () => void keepOpenChat(),
    available: () => useConversations.getState().temporary !== undefined,
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
  {
    id: 'thinking',
    title: () => (thinkingOfOpenChat() === true ? strings.commands.thinkingOff : strings.commands.thinkingOn),
    run: () => void switchThinkingOfOpenChat(),
    available: () => thinkingOfOpenChat() !== undefined,
  },
  { id: 'prompts', title: () => strings.prompts.manage, run: () => showPrompts(true) },
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
  { id: 'get-models', title: () => strings.getModels.title, run: showGetModels },
  { id: 'settings', title: () => strings.settings.title, keys: 'Ctrl+,', run: () => showSettings(true) },
  { id: 'server', title: () => strings.server.title, run: () => showSettings(true, strings.server.title) },
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

/** Opens the palette, so the palette does not list it. */
export const paletteCommand: Command = {
  id: 'palette',
  title: () => strings.commands.palette,
  keys: 'Ctrl+K',
  run: showPalette,
};

/** Commands available now, including one for each model that can be loaded. */
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
  void goTo(undefined).then(focusComposer);
}

function goToComposer(): void {
  showChat();
  // If another screen was open, the composer takes the focus itself when it is drawn.
  focusComposer();
}

/** Escape closes a screen over the chat first. */
function stopOrStepBack(): void {
  if (!stepBack()) void stop();
}

function searchChats(): void {
  if (!layout().sidebar) layout().toggleSidebar();
  // A hidden sidebar is drawn in the next frame.
  requestAnimationFrame(() => document.getElementById('search')?.focus());
}
