/** Unsent text, one draft per chat; kept over restarts. */
import { create } from 'zustand';
import { lasting } from '../ui/memory.ts';

interface Drafts {
  readonly texts: Readonly<Record<string, string>>;
  /** @param conversationId undefined: the chat that is not stored yet. */
  readonly write: (conversationId: string | undefined, text: string) => void;
}

const unsaved = 'new';
const saveAfterMs = 300;
let timer: ReturnType<typeof setTimeout> | undefined;

export const useDrafts = create<Drafts>((set, get) => ({
  texts: parse(lasting.read('drafts')),
  write: (conversationId = unsaved, text) => {
    const others = Object.entries(get().texts).filter(([id]) => id !== conversationId);
    set({ texts: Object.fromEntries(text ? [...others, [conversationId, text]] : others) });
    clearTimeout(timer);
    timer = setTimeout(save, saveAfterMs);
  },
}));

export function useDraft(conversationId: string | undefined): string {
  return useDrafts(({ texts }) => texts[conversationId ?? unsaved] ?? '');
}

/** Drafts are written a moment after the last key; leaving the window does not wait for the moment. */
export function keepDrafts(): void {
  addEventListener('pagehide', save);
}

function save(): void {
  const { texts } = useDrafts.getState();
  lasting.write('drafts', Object.keys(texts).length > 0 ? JSON.stringify(texts) : undefined);
}

function parse(json: string | undefined): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(json ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}
