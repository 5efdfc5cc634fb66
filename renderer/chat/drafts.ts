/** Unsent text and attachments: one draft per chat, saved in the store. The temporary chat's stays in memory. */
import { create } from 'zustand';
import type { AppError, Draft } from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { useConversations } from '../conversations/store.ts';
import { lasting } from '../ui/memory.ts';
import { without } from '../ui/without.ts';

interface Drafts {
  readonly drafts: Readonly<Record<string, Draft>>;
  /** @param conversationId undefined: the chat that is not stored yet */
  readonly write: (conversationId: string | undefined, draft: Draft) => void;
}

const unsaved = 'new';
const empty: Draft = { text: '', attachments: [] };
const saveAfterMs = 300;
/** After a save that the disk did not take. */
const saveAgainAfterMs = 5000;
const unwritten = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

export const useDrafts = create<Drafts>((set) => ({
  drafts: {},
  write: (conversationId = unsaved, draft) => {
    set(({ drafts }) => ({ drafts: { ...drafts, [conversationId]: draft } }));
    unwritten.add(conversationId);
    clearTimeout(timer);
    timer = setTimeout(save, saveAfterMs);
  },
}));

export function draftOf(conversationId: string | undefined): Draft {
  return useDrafts.getState().drafts[conversationId ?? unsaved] ?? empty;
}

export function useDraft(conversationId: string | undefined): Draft {
  return useDrafts(({ drafts }) => drafts[conversationId ?? unsaved] ?? empty);
}

/** Takes a stored draft. Text typed in the meantime is newer and wins. */
export function takeDraft(conversationId: string | undefined, draft: Draft): void {
  useDrafts.setState(({ drafts }) => ({ drafts: { [conversationId ?? unsaved]: draft, ...drafts } }));
}

/** The chat no longer exists. */
export function forgetDraft(conversationId: string): void {
  unwritten.delete(conversationId);
  useDrafts.setState(({ drafts }) => ({ drafts: without(drafts, conversationId) }));
}

/**
 * Drafts are saved shortly after the last key press. A window that closes before that keeps them in local storage,
 * because a call may no longer reach main; the next window saves them.
 */
export function keepDrafts(): void {
  const left = parse(lasting.read('drafts'));
  lasting.write('drafts', undefined);
  for (const [id, draft] of Object.entries(left)) {
    useDrafts.getState().write(id === unsaved ? undefined : id, draft);
  }
  addEventListener('pagehide', () => {
    const { drafts } = useDrafts.getState();
    const { temporary } = useConversations.getState();
    const stored = [...unwritten].filter((id) => id !== temporary?.id);
    const rest = stored.map((id): [string, Draft] => [id, drafts[id] ?? empty]);
    if (rest.length > 0) lasting.write('drafts', JSON.stringify(Object.fromEntries(rest)));
  });
  void call('drafts.get', {}).then((stored) => {
    if (stored.ok) takeDraft(undefined, stored.value);
  });
}

function save(): void {
  const { drafts } = useDrafts.getState();
  for (const id of unwritten) {
    const { text, attachments } = drafts[id] ?? empty;
    const place = id === unsaved ? {} : { conversationId: id };
    void call('drafts.set', { ...place, text, attachments: [...attachments] }).then((result) => {
      if (!result.ok && isForNow(result.error)) saveAgain(id);
    });
  }
  unwritten.clear();
}

function isForNow({ code }: AppError): boolean {
  return code === 'disk-full' || code === 'store-failed';
}

function saveAgain(id: string): void {
  if (unwritten.size === 0) timer = setTimeout(save, saveAgainAfterMs);
  unwritten.add(id);
}

/** Drafts that the previous window left in local storage. */
function parse(json: string | undefined): Readonly<Record<string, Draft>> {
  try {
    return JSON.parse(json ?? '{}') as Readonly<Record<string, Draft>>;
  } catch {
    return {};
  }
}
