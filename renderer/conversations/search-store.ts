/** The search over all chats and its results. */
import { create } from 'zustand';
import type { SearchHit } from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { showError } from '../ui/toasts-store.ts';

interface Search {
  readonly text: string;
  /** Undefined while there is no search. */
  readonly hits: readonly SearchHit[] | undefined;
}

const mostHits = 100;
const afterMs = 80;
let timer: ReturnType<typeof setTimeout> | undefined;

export const useSearch = create<Search>(() => ({ text: '', hits: undefined }));

/** Searches shortly after the last key press. Shows only the result of the last query. */
export function search(text: string): void {
  clearTimeout(timer);
  useSearch.setState({ text });
  if (text.trim() === '') {
    useSearch.setState({ hits: undefined });
    return;
  }
  timer = setTimeout(() => void ask(text), afterMs);
}

async function ask(text: string): Promise<void> {
  const result = await call('conversations.search', { text, limit: mostHits });
  if (useSearch.getState().text !== text) return;
  if (result.ok) useSearch.setState({ hits: result.value });
  else showError(result.error);
}
