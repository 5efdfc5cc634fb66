import clsx from 'clsx';
import { Copy, Download, Ellipsis, Pencil, Pin, PinOff, SquareCheck, Trash2 } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type KeyboardEvent, type ReactNode, memo, useState } from 'react';
import type { Conversation } from '../../preload/contract.ts';
import { askToExport } from '../exchange/store.ts';
import { strings, useLanguage } from '../strings/index.ts';
import { NameField } from '../ui/name-field.tsx';
import { clearSelection, selectAll, selectThrough, toggleSelected, useSelection } from './selection.ts';
import {
  deleteConversations,
  duplicateConversation,
  openConversation,
  pinConversations,
  renameConversation,
  useConversations,
} from './store.ts';

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
          if (!selecting) setRenaming(true);
        }}
        onKeyDown={(event) => {
          if (keys(event, conversation)) event.preventDefault();
          if (event.key === 'F2') setRenaming(true);
        }}
      >
        {title}
      </button>
      <RowMenu conversation={conversation} title={title} onRename={() => setRenaming(true)} />
    </li>
  );
});

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

function RowMenu({
  conversation,
  title,
  onRename,
}: {
  readonly conversation: Conversation;
  readonly title: string;
  readonly onRename: () => void;
}): ReactNode {
  const item =
    'flex h-8 cursor-pointer items-center gap-2.5 rounded-md px-2 text-sm outline-none select-none data-highlighted:bg-hover [&_svg]:size-4 [&_svg]:text-muted';
  return (
    // Not modal: a modal menu writes a style element, which the content security policy forbids.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label={strings.sidebar.actions(title)}
        className="absolute right-1 inline-flex size-6 items-center justify-center rounded-md text-muted opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 hover:text-ink data-[state=open]:opacity-100"
      >
        <Ellipsis aria-hidden="true" className="size-4" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={4}
          className="enter z-40 min-w-36 rounded-xl border border-line bg-raised p-1 shadow-high"
        >
          <DropdownMenu.Item className={item} onSelect={onRename}>
            <Pencil aria-hidden="true" />
            {strings.sidebar.rename}
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className={item}
            onSelect={() => void pinConversations([conversation.id], !conversation.pinned)}
          >
            {conversation.pinned ? <PinOff aria-hidden="true" /> : <Pin aria-hidden="true" />}
            {conversation.pinned ? strings.sidebar.unpin : strings.sidebar.pin}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={() => toggleSelected(conversation.id)}>
            <SquareCheck aria-hidden="true" />
            {strings.sidebar.selectThis}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={() => void duplicateConversation(conversation)}>
            <Copy aria-hidden="true" />
            {strings.sidebar.duplicate}
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className={item}
            onSelect={() => askToExport({ ids: [conversation.id], title: strings.exchange.exportOneTitle(title) })}
          >
            <Download aria-hidden="true" />
            {strings.exchange.exportItem}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={() => void deleteConversations([conversation])}>
            <Trash2 aria-hidden="true" />
            {strings.sidebar.delete}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
