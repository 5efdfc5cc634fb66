/** Starts everything that the window knows and keeps: no element of the page, so that a simulation starts the same. */
import { keepDrafts } from './chat/drafts.ts';
import { listenToChat } from './chat/store.ts';
import { loadConversations } from './conversations/store.ts';
import { listenToClosing } from './conversations/temporary.ts';
import { watchData } from './data/store.ts';
import { listenToChatImport } from './exchange/import-store.ts';
import { listenToBenchmarks } from './models/benchmark-store.ts';
import { loadImport } from './models/import-store.ts';
import { loadModels } from './models/store.ts';
import { loadPrompts } from './prompts/store.ts';
import { watchServer } from './server/store.ts';
import { loadSettings } from './settings/store.ts';

export function startState(): void {
  // Listeners first, so that no event is missed while the lists are read.
  listenToChat();
  listenToClosing();
  keepDrafts();
  listenToBenchmarks();
  listenToChatImport();
  void loadSettings();
  void watchData();
  void watchServer();
  void loadModels();
  void loadImport();
  void loadConversations();
  void loadPrompts();
}
