import type { ReactNode } from 'react';
import type { SearchHit, Segment } from '../../preload/contract.ts';
import { jumpTo } from '../chat/store.ts';
import { strings } from '../strings/index.ts';
import { openConversation } from './store.ts';

/** Chats and messages that match the search. Each leads to its place. */
export function SearchResults({ hits }: { readonly hits: readonly SearchHit[] }): ReactNode {
  if (hits.length === 0) return <p className="px-2 py-3 text-sm text-faint">{strings.sidebar.nothingFound}</p>;
  return (
    <ul aria-label={strings.sidebar.found} className="space-y-px pt-2">
      {hits.map((hit) => (
        <li key={`${hit.conversationId} ${hit.message?.id ?? ''}`}>
          <button
            type="button"
            className="w-full rounded-lg px-2 py-1.5 text-left text-sm transition-colors hover:bg-hover"
            onClick={() => go(hit)}
            onKeyDown={moveFocus}
          >
            <span className="block truncate">
              <Marked segments={hit.title} />
            </span>
            {hit.message && (
              <span className="line-clamp-2 text-xs text-muted wrap-anywhere">
                <Marked segments={hit.message.snippet} />
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}

function go({ conversationId, message }: SearchHit): void {
  if (message) void jumpTo(conversationId, message.id);
  else openConversation(conversationId);
}

/** Arrow keys move between results. */
function moveFocus(event: React.KeyboardEvent<HTMLButtonElement>): void {
  const item = event.currentTarget.closest('li');
  const next = { ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling }[event.key];
  if (!next) return;
  event.preventDefault();
  next.querySelector('button')?.focus();
}

function Marked({ segments }: { readonly segments: readonly Segment[] }): ReactNode {
  return segments.map(({ text, hit }, index) =>
    hit ? (
      <mark key={index} className="rounded-xs bg-accent-soft font-medium text-ink">
        {text}
      </mark>
    ) : (
      text
    ),
  );
}
