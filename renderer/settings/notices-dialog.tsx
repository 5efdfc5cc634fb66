import { Search } from 'lucide-react';
import { type ReactNode, useEffect, useId, useState } from 'react';
import type { Notice } from 'virtual:notices';
import { strings } from '../strings/index.ts';
import { Modal } from '../ui/modal.tsx';
import { showNotices, useNotices } from './notices-store.ts';

/**
 * Third-party licences, searchable by name, licence or text. It is next to the settings dialog in the tree, not inside
 * it, so that Escape closes only the front dialog.
 */
export function NoticesDialog(): ReactNode {
  const { open } = useNotices();
  return open && <Notices />;
}

function Notices(): ReactNode {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const [words, setWords] = useState('');
  // Hundreds of texts, so they load on demand.
  useEffect(() => void import('virtual:notices').then(({ default: all }) => setNotices(all)), []);
  const found = notices.filter((notice) => matches(notice, words));
  return (
    <Modal title={strings.notices.title} width="w-[44rem]" onClose={() => showNotices(false)}>
      <div className="space-y-3 px-6 pb-3">
        <p className="text-sm text-muted">{strings.notices.intro}</p>
        <div role="search" className="relative">
          <Search aria-hidden="true" className="pointer-events-none absolute top-2.5 left-2.5 size-3.5 text-faint" />
          <input
            type="search"
            value={words}
            maxLength={200}
            data-first-focus
            aria-label={strings.notices.search}
            placeholder={strings.notices.search}
            className="h-8 w-full rounded-lg bg-hover pr-2 pl-8 text-sm outline-none placeholder:text-faint [&::-webkit-search-cancel-button]:appearance-none focus-visible:outline-2 focus-visible:-outline-offset-1 focus-visible:outline-accent"
            onChange={(event) => setWords(event.target.value)}
          />
        </div>
        <p role="status" className="text-xs text-faint">
          {notices.length > 0 && strings.notices.found(found.length, notices.length)}
        </p>
      </div>
      <ul aria-label={strings.notices.title} className="min-h-40 overflow-y-auto border-t border-line px-3 py-2">
        {found.map((notice) => (
          <Entry key={`${notice.name} ${notice.version ?? ''}`} notice={notice} />
        ))}
      </ul>
    </Modal>
  );
}

function Entry({ notice: { name, version, license, source, text } }: { readonly notice: Notice }): ReactNode {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        className="flex w-full items-baseline gap-2 rounded-md px-3 py-1.5 text-left text-sm outline-none hover:bg-hover focus-visible:outline-2 focus-visible:-outline-offset-1 focus-visible:outline-accent"
        onClick={() => setOpen(!open)}
      >
        <span className="min-w-0 truncate">{name}</span>
        <span className="text-xs text-faint tabular-nums">{version}</span>
        <span className="ml-auto shrink-0 text-xs text-muted">{license}</span>
      </button>
      <div id={id} hidden={!open} className="px-3 pt-1 pb-4">
        {open && (
          <>
            {source !== undefined && <p className="pb-2 text-xs break-all text-muted select-text">{source}</p>}
            <pre className="rounded-lg bg-sunken p-3 font-mono text-xs leading-5 whitespace-pre-wrap select-text">
              {text}
            </pre>
          </>
        )}
      </div>
    </li>
  );
}

/** Whether every typed word occurs in the entry. */
function matches({ name, license, text }: Notice, words: string): boolean {
  const all = `${name} ${license} ${text}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
