import { Command as Menu, defaultFilter } from 'cmdk';
import { MessageSquare } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { SearchHit } from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { jumpTo } from '../chat/store.ts';
import { openConversation, useConversations } from '../conversations/store.ts';
import { strings } from '../strings/index.ts';
import { Keys } from '../ui/keys.tsx';
import { Modal } from '../ui/modal.tsx';
import { commandsNow } from './commands.ts';
import { closeCommands, useCommandsState } from './store.ts';

const recentChats = 6;
const mostHits = 20;
const afterMs = 80;

/** Finds commands and chats by a few letters. Arrow keys select, Enter runs, Escape closes. */
export function Palette(): ReactNode {
  const open = useCommandsState((state) => state.open === 'palette');
  return open && <OpenPalette />;
}

interface Chat {
  readonly id: string;
  readonly title: string;
  readonly detail?: string;
  readonly go: () => void;
}

function OpenPalette(): ReactNode {
  const [text, setText] = useState('');
  const commands = useMemo(() => commandsNow(), []);
  const chats = useChats(text.trim());
  const item =
    'flex min-h-9 cursor-pointer items-center gap-3 rounded-lg px-3 py-1.5 text-sm data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted';
  const then = (run: () => void) => () => {
    closeCommands();
    // The dialog gives the focus back first; the opened place takes it after that.
    requestAnimationFrame(run);
  };
  return (
    <Modal title={strings.commands.palette} bare width="w-[36rem]" place="top" onClose={closeCommands}>
      <Menu label={strings.commands.palette} filter={judge} loop className="flex max-h-[inherit] flex-col">
        <Menu.Input
          data-first-focus
          value={text}
          maxLength={500}
          placeholder={strings.commands.placeholder}
          className="h-13 w-full shrink-0 border-b border-line bg-transparent px-5 text-base outline-none placeholder:text-faint"
          onValueChange={setText}
        />
        <Menu.List label={strings.commands.results} className="min-h-0 flex-1 overflow-y-auto p-2">
          <Menu.Empty className="px-3 py-6 text-center text-sm text-faint">{strings.commands.nothing}</Menu.Empty>
          <Menu.Group heading={strings.commands.actions} className={group}>
            {commands.map(({ id, title, keys, run }) => (
              <Menu.Item key={id} value={`command ${id}`} keywords={[title()]} className={item} onSelect={then(run)}>
                <span className="flex-1 truncate">{title()}</span>
                {keys !== undefined && <Keys keys={keys} />}
              </Menu.Item>
            ))}
          </Menu.Group>
          {chats.length > 0 && (
            // The store found these by their full text, so cmdk must not filter them by title.
            <Menu.Group
              heading={text.trim() === '' ? strings.commands.recent : strings.commands.chats}
              forceMount
              className={group}
            >
              {chats.map(({ id, title, detail, go }) => (
                <Menu.Item key={id} value={`chat ${id}`} forceMount className={item} onSelect={then(go)}>
                  <MessageSquare aria-hidden="true" />
                  <span className="min-w-0 flex-1">
                    <span className="block truncate">{title}</span>
                    {detail !== undefined && <span className="block truncate text-xs text-muted">{detail}</span>}
                  </span>
                </Menu.Item>
              ))}
            </Menu.Group>
          )}
        </Menu.List>
      </Menu>
    </Modal>
  );
}

/** Below this score, the letters match only by chance. */
const leastScore = 0.05;

/** Matches commands by their label, not by their internal id. */
function judge(_value: string, text: string, words: readonly string[] = []): number {
  const score = defaultFilter(words.join(' '), text, []);
  return score >= leastScore ? score : 0;
}

const group =
  '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-faint';

/** Recent chats; once the person types, the chats that match. */
function useChats(text: string): readonly Chat[] {
  const list = useConversations((state) => state.list);
  const [found, setFound] = useState<{ readonly text: string; readonly hits: readonly SearchHit[] }>();
  useEffect(() => {
    if (text === '') return;
    let left = false;
    const timer = setTimeout(() => {
      void call('conversations.search', { text, limit: mostHits }).then((result) => {
        if (!left) setFound({ text, hits: result.ok ? result.value : [] });
      });
    }, afterMs);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [text]);
  if (text === '') {
    return (list ?? []).slice(0, recentChats).map(({ id, title }) => ({
      id,
      title: title || strings.untitled,
      go: () => openConversation(id),
    }));
  }
  return (found?.hits ?? []).map(({ conversationId, title, message }) => ({
    id: `${conversationId} ${message?.id ?? ''}`,
    title: plain(title) || strings.untitled,
    ...(message && { detail: plain(message.snippet) }),
    go: () => (message ? void jumpTo(conversationId, message.id) : openConversation(conversationId)),
  }));
}

function plain(segments: SearchHit['title']): string {
  return segments.map(({ text }) => text).join('');
}
