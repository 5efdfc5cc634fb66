import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { useConversations } from './conversations/store.ts';
import { watchSelection } from './prompts/selection.ts';
import { startState } from './state.ts';
import { keepFocus } from './ui/kept-focus.ts';
import { loadWhatIsLater } from './ui/later.tsx';
import './styles/index.css';

startState();
watchSelection(() => useConversations.getState().activeId);
keepFocus();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
loadWhatIsLater();
