import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { keepDrafts } from './chat/drafts.ts';
import { listenToChat } from './chat/store.ts';
import { loadConversations } from './conversations/store.ts';
import { listenToClosing } from './conversations/temporary.ts';
import { listenToChatImport } from './exchange/import-store.ts';
import { loadImport } from './models/import-store.ts';
import { watchData } from './data/store.ts';
import { listenToBenchmarks } from './models/benchmark-store.ts';
import { loadModels } from './models/store.ts';
import { loadSettings } from './settings/store.ts';
import { keepFocus } from './ui/kept-focus.ts';
import { loadWhatIsLater } from './ui/later.tsx';
import './styles/index.css';

// Listeners first, so that no event is missed while the lists are read.
listenToChat();
listenToClosing();
keepDrafts();
keepFocus();
listenToBenchmarks();
listenToChatImport();
void loadSettings();
void watchData();
void loadModels();
void loadImport();
void loadConversations();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
loadWhatIsLater();
