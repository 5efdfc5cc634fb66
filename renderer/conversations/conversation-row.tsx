import clsx from 'clsx';
import { type KeyboardEvent, type ReactNode, memo, useState } from 'react';
import type { Conversation } from '../../preload/contract.ts';
import { strings, useLanguage } from '../strings/index.ts';
import { NameField } from '../ui/name-field.tsx';
import { RowMenu } from './row-menu.tsx';
import { clearSelection, selectAll, selectThrough, toggleSelected, useSelection } from './selection.ts';
import { deleteConversations, openConversation, renameConversation, useConversations } from './store.ts';

export const ConversationRow = memo(function ConversationRow({
  conversation,
  active,
}: {
  readonly conversation: Conversation;
  readonly active: boolean;
}): ReactNode {
  useLanguage();
  const [renaming, setRenaming] = useState(false);
  const selected = useSelection(({ ids }) => ids.has(conversation.id));
  const selecting = useSelection(({ ids }) => ids.size > 0);
  const title = conversation.title || strings.untitled;
  if (renaming) {
    return (
      <li>
        <NameField
          name={title}
          label={strings.sidebar.renameLabel}
          className="h-8 bg-raised px-2"
          onDone={(name) => {
            setRenaming(false);
            if (name !== undefined) void renameConversation(conversation.id, name);
          }}
        />
      </li>
    );
  }
  return (
    <li
      className={clsx(
        'group relative flex items-center rounded-lg transition-colors',
        selected && 'bg-accent-soft',
        !selected && (active ? 'bg-selected' : 'hover:bg-hover has-data-[state=open]:bg-hover'),
      )}
    >
      {selecting && (
        <input
          type="checkbox"
          checked={selected}
          aria-label={strings.sidebar.select(title)}
          className="ml-2 size-3.5 shrink-0 accent-accent"
          onChange={() => toggleSelected(conversation.id)}
        />
      )}
      <TitleButton
        conversation={conversation}
        title={title}
        active={active}
        selecting={selecting}
        onRename={() => setRenaming(true)}
      />
      <RowMenu conversation={conversation} title={title} onRename={() => setRenaming(true)} />
    </li>
  );
});

/** Opens the chat, or selects it while others are selected or a modifier key is held. */
function TitleButton({
  conversation,
  title,
  active,
  selecting,
  onRename,
}: {
  readonly conversation: Conversation;
  readonly title: string;
  readonly active: boolean;
  readonly selecting: boolean;
  readonly onRename: () => void;
}): ReactNode {
  return (
    <button
      type="button"
      data-chat={conversation.id}
      aria-current={active ? 'page' : undefined}
      title={title}
      className="h-8 min-w-0 flex-1 truncate rounded-lg px-2 text-left text-sm group-focus-within:pr-8 group-hover:pr-8"
      onClick={(event) => {
        if (event.shiftKey) selectThrough(conversation.id);
        else if (event.ctrlKey || event.metaKey || selecting) toggleSelected(conversation.id);
        else openConversation(conversation.id);
      }}
      onDoubleClick={() => {
        if (!selecting) onRename();
      }}
      onKeyDown={(event) => {
        if (keys(event, conversation)) event.preventDefault();
        if (event.key === 'F2') onRename();
      }}
    >
      {title}
    </button>
  );
}

/** @returns whether the key did something */
function keys(event: KeyboardEvent<HTMLElement>, conversation: Conversation): boolean {
  const held = event.ctrlKey || event.metaKey;
  const { ids } = useSelection.getState();
  switch (event.key) {
    case 'ArrowDown':
    case 'ArrowUp': {
      const rows = [...document.querySelectorAll<HTMLElement>('[data-chat]')];
      const next = rows[rows.indexOf(event.currentTarget) + (event.key === 'ArrowDown' ? 1 : -1)];
      next?.focus();
      if (event.shiftKey && ids.size === 0) toggleSelected(conversation.id);
      if (event.shiftKey && next) selectThrough(next.dataset['chat'] ?? '');
      return true;
    }
    case ' ':
      if (!held) return false;
      toggleSelected(conversation.id);
      return true;
    case 'a':
      if (!held) return false;
      selectAll();
      return true;
    case 'Escape':
      clearSelection();
      return false;
    case 'Delete': {
      const { list = [] } = useConversations.getState();
      const chosen = ids.size > 0 ? list.filter(({ id }) => ids.has(id)) : [conversation];
      clearSelection();
      void deleteConversations(chosen);
      return true;
    }
    default:
      return false;
  }
}
