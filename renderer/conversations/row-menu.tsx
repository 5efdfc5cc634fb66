import { Copy, Download, Ellipsis, type LucideIcon, Pencil, Pin, PinOff, SquareCheck, Trash2 } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import type { Conversation } from '../../preload/contract.ts';
import { askToExport } from '../exchange/store.ts';
import { strings } from '../strings/index.ts';
import { toggleSelected } from './selection.ts';
import { deleteConversations, duplicateConversation, pinConversations } from './store.ts';

interface Action {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly run: () => void;
}

/** The menu of one chat in the sidebar. */
export function RowMenu({
  conversation,
  title,
  onRename,
}: {
  readonly conversation: Conversation;
  readonly title: string;
  readonly onRename: () => void;
}): ReactNode {
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
          {actionsOf(conversation, title, onRename).map(({ label, icon: Icon, run }) => (
            <DropdownMenu.Item
              key={label}
              className="flex h-8 cursor-pointer items-center gap-2.5 rounded-md px-2 text-sm outline-none select-none data-highlighted:bg-hover [&_svg]:size-4 [&_svg]:text-muted"
              onSelect={run}
            >
              <Icon aria-hidden="true" />
              {label}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function actionsOf(conversation: Conversation, title: string, onRename: () => void): readonly Action[] {
  const { id, pinned } = conversation;
  const words = strings.sidebar;
  return [
    { label: words.rename, icon: Pencil, run: onRename },
    {
      label: pinned ? words.unpin : words.pin,
      icon: pinned ? PinOff : Pin,
      run: () => void pinConversations([id], !pinned),
    },
    { label: words.selectThis, icon: SquareCheck, run: () => toggleSelected(id) },
    { label: words.duplicate, icon: Copy, run: () => void duplicateConversation(conversation) },
    {
      label: strings.exchange.exportItem,
      icon: Download,
      run: () => askToExport({ ids: [id], title: strings.exchange.exportOneTitle(title) }),
    },
    { label: words.delete, icon: Trash2, run: () => void deleteConversations([conversation]) },
  ];
}
