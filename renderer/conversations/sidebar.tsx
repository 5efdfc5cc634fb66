import {
  BookOpen,
  Boxes,
  type LucideIcon,
  MessageCircleDashed,
  PanelLeft,
  Search,
  Settings,
  SquarePen,
} from 'lucide-react';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { Virtualizer } from 'virtua';
import { showPrompts } from '../prompts/store.ts';
import { showSettings } from '../settings/store.ts';
import { strings } from '../strings/index.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { writtenKeys } from '../ui/keys.tsx';
import { useLayout } from '../ui/layout.ts';
import { Mark } from '../ui/mark.tsx';
import { toggleModels, useScreen } from '../ui/screen.ts';
import { DayPart } from './day-part.tsx';
import { inParts } from './by-day.ts';
import { search, useSearch } from './search-store.ts';
import { SearchResults } from './search-results.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { loadMore, openConversation, useConversations } from './store.ts';
import { newTemporaryChat } from './temporary-part.tsx';
import { useToday } from './today.ts';

export function Sidebar(): ReactNode {
  const toggleSidebar = useLayout((layout) => layout.toggleSidebar);
  const inLibrary = useScreen(({ name }) => name !== 'chat');
  return (
    <nav
      aria-label={strings.sidebar.label}
      className="flex w-64 shrink-0 flex-col border-r border-line bg-sidebar max-[960px]:w-56 max-[720px]:absolute max-[720px]:inset-y-0 max-[720px]:left-0 max-[720px]:z-30 max-[720px]:shadow-high"
    >
      <div className="flex h-14 shrink-0 items-center gap-2 pr-3 pl-5">
        <Mark className="size-5 text-accent" />
        <span className="flex-1 font-display text-sm font-semibold tracking-tight">{strings.appName}</span>
        <IconButton name={strings.sidebar.hide} keys="Ctrl+B" onClick={toggleSidebar}>
          <PanelLeft />
        </IconButton>
      </div>
      <div className="flex items-center gap-0.5 px-3 pb-2">
        <button
          type="button"
          className="flex h-9 min-w-0 flex-1 items-center gap-2.5 rounded-lg px-2 text-sm font-medium transition-colors hover:bg-hover"
          onClick={() => openConversation(undefined)}
        >
          <SquarePen aria-hidden="true" className="size-[1.0625rem] stroke-[1.75] text-muted" />
          <span className="flex-1 text-left">{strings.sidebar.newChat}</span>
          <kbd aria-hidden="true" className="font-sans text-xs text-faint">
            {writtenKeys('Ctrl+N')}
          </kbd>
        </button>
        <IconButton
          name={strings.temporary.begin}
          keys="Ctrl+Shift+N"
          size="large"
          onClick={() => void newTemporaryChat()}
        >
          <MessageCircleDashed />
        </IconButton>
      </div>
      <SearchField />
      <SelectionBar />
      <Conversations />
      <div className="space-y-px border-t border-line p-3">
        <Entry icon={Boxes} name={strings.library.title} current={inLibrary} onClick={toggleModels} />
        <Entry icon={BookOpen} name={strings.prompts.title} onClick={() => showPrompts(true)} />
        <Entry icon={Settings} name={strings.sidebar.settings} onClick={() => showSettings(true)} />
      </div>
    </nav>
  );
}

/** A button below the list, for a screen or a dialog. */
function Entry({
  icon: Icon,
  name,
  current = false,
  onClick,
}: {
  readonly icon: LucideIcon;
  readonly name: string;
  readonly current?: boolean;
  readonly onClick: () => void;
}): ReactNode {
  return (
    <button
      type="button"
      aria-current={current ? 'page' : undefined}
      className="flex h-9 w-full items-center gap-2.5 rounded-lg px-2 text-sm text-muted transition-colors hover:bg-hover hover:text-ink aria-[current=page]:bg-selected aria-[current=page]:text-ink"
      onClick={onClick}
    >
      <Icon aria-hidden="true" className="size-[1.0625rem] stroke-[1.75]" />
      {name}
    </button>
  );
}

/** Distance beyond the list's edges at which parts stay mounted. */
const aheadPx = 600;

function Conversations(): ReactNode {
  const { list, error, activeId } = useConversations();
  const hits = useSearch((state) => state.hits);
  const now = useToday();
  const frame = useRef<HTMLDivElement>(null);
  // A part with the focus or a rename field stays mounted when it is scrolled away.
  const [focused, setFocused] = useState<string>();
  const words = strings;
  const parts = useMemo(() => inParts(list ?? [], now, words), [list, now, words]);
  const focusedIndex = parts.findIndex(({ key }) => key === focused);
  if (hits) {
    return (
      <div className="min-h-0 flex-1 overflow-y-auto px-3 pb-4">
        <SearchResults hits={hits} />
      </div>
    );
  }
  return (
    <div
      ref={frame}
      className="min-h-0 flex-1 overflow-y-auto px-3 pb-4"
      data-testid="conversations"
      onFocus={({ target }) => {
        // An open chat menu has the focus, and a menu is outside every part.
        const part = target.closest<HTMLElement>('[data-part]')?.dataset['part'];
        if (part !== undefined) setFocused(part);
      }}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        if (scrollHeight - scrollTop < 3 * clientHeight) void loadMore();
      }}
    >
      {error && <p className="px-2 py-3 text-sm text-danger">{`${strings.sidebar.failed} ${error.message}`}</p>}
      {list?.length === 0 && !error && (
        <p className="px-2 py-3 text-xs leading-5 text-faint">{strings.sidebar.empty}</p>
      )}
      <Virtualizer scrollRef={frame} bufferSize={aheadPx} keepMounted={focusedIndex < 0 ? [] : [focusedIndex]}>
        {parts.map((part) => (
          <DayPart key={part.key} part={part} activeId={activeId} />
        ))}
      </Virtualizer>
    </div>
  );
}

/**
 * Searches all chats while the person types. Enter opens the first result, Arrow Down moves to the results, Escape ends
 * the search.
 */
function SearchField(): ReactNode {
  const { text, hits } = useSearch();
  return (
    <div role="search" className="relative px-3 pb-1">
      <Search aria-hidden="true" className="pointer-events-none absolute top-2.5 left-5 size-3.5 text-faint" />
      <input
        type="search"
        id="search"
        value={text}
        maxLength={500}
        aria-label={strings.sidebar.search}
        placeholder={strings.sidebar.search}
        className="h-8 w-full rounded-lg bg-hover pr-2 pl-7.5 text-sm outline-none placeholder:text-faint [&::-webkit-search-cancel-button]:appearance-none focus-visible:outline-2 focus-visible:-outline-offset-1 focus-visible:outline-accent"
        onChange={(event) => search(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') search('');
          if (!hits || (event.key !== 'ArrowDown' && event.key !== 'Enter')) return;
          event.preventDefault();
          const first = document.querySelector<HTMLButtonElement>(`ul[aria-label="${strings.sidebar.found}"] button`);
          if (event.key === 'Enter') first?.click();
          else first?.focus();
        }}
      />
    </div>
  );
}
