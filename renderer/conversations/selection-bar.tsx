import { Download, Pin, PinOff, Trash2, X } from 'lucide-react';
import { Toolbar } from 'radix-ui';
import type { ReactNode } from 'react';
import { askToExport } from '../exchange/store.ts';
import { strings } from '../strings/index.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { clearSelection, useSelection } from './selection.ts';
import { deleteConversations, pinConversations, useConversations } from './store.ts';

/** Actions on the selected chats; visible while there are any. */
export function SelectionBar(): ReactNode {
  const ids = useSelection((selection) => selection.ids);
  const list = useConversations((state) => state.list);
  const chosen = (list ?? []).filter(({ id }) => ids.has(id));
  if (chosen.length === 0) return null;
  const allPinned = chosen.every(({ pinned }) => pinned);
  return (
    <Toolbar.Root
      aria-label={strings.sidebar.selection}
      className="mx-3 mb-1 flex h-9 items-center gap-0.5 rounded-lg bg-accent-soft pr-1 pl-3 text-sm"
    >
      <span role="status" className="flex-1 truncate">
        {strings.sidebar.selected(chosen.length)}
      </span>
      <Toolbar.Button asChild>
        <IconButton
          name={allPinned ? strings.sidebar.unpin : strings.sidebar.pin}
          size="small"
          onClick={() => {
            void pinConversations([...ids], !allPinned);
            clearSelection();
          }}
        >
          {allPinned ? <PinOff /> : <Pin />}
        </IconButton>
      </Toolbar.Button>
      <Toolbar.Button asChild>
        <IconButton
          name={strings.exchange.exportItem}
          size="small"
          onClick={() => askToExport({ ids: [...ids], title: strings.exchange.exportSomeTitle(chosen.length) })}
        >
          <Download />
        </IconButton>
      </Toolbar.Button>
      <Toolbar.Button asChild>
        <IconButton
          name={strings.sidebar.delete}
          size="small"
          onClick={() => {
            clearSelection();
            void deleteConversations(chosen);
          }}
        >
          <Trash2 />
        </IconButton>
      </Toolbar.Button>
      <Toolbar.Button asChild>
        <IconButton name={strings.sidebar.clearSelection} keys="Esc" size="small" onClick={clearSelection}>
          <X />
        </IconButton>
      </Toolbar.Button>
    </Toolbar.Root>
  );
}
