import { History } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { Backup } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { bytes } from '../ui/format.ts';
import { backUp, readData, restore, useData } from './store.ts';

/** The folder and size of the chats, and the backups that the person can restore. */
export function DataSection(): ReactNode {
  const { facts, busy } = useData();
  const [chosen, setChosen] = useState<string>();
  useEffect(() => void readData(), []);
  if (!facts) return null;
  const { folder, backups } = facts;
  return (
    <>
      <p className="text-sm text-muted">{strings.data.kept(bytes(facts.bytes))}</p>
      <div className="mt-2 flex items-start gap-1 rounded-lg bg-sunken py-1 pr-1 pl-3">
        <p data-testid="data-folder" className="min-w-0 flex-1 py-1.5 font-mono text-xs wrap-anywhere select-text">
          {folder}
        </p>
        <CopyButton name={strings.data.copyFolder} text={() => folder} />
      </div>
      <div className="mt-5 flex items-center justify-between gap-4">
        <h4 className="text-sm font-medium">{strings.data.backups}</h4>
        <Button disabled={busy} onClick={() => void backUp()}>
          {strings.data.backUp}
        </Button>
      </div>
      <p className="mt-1 text-xs text-faint">{strings.data.backupsHint}</p>
      {backups.length === 0 ? (
        <p className="mt-3 text-sm text-muted">{strings.data.none}</p>
      ) : (
        <ul aria-label={strings.data.backups} className="mt-3 divide-y divide-line rounded-xl border border-line">
          {backups.map((backup) => (
            <BackupRow
              key={backup.id}
              backup={backup}
              asked={chosen === backup.id}
              busy={busy}
              onAsk={(asked) => setChosen(asked ? backup.id : undefined)}
            />
          ))}
        </ul>
      )}
    </>
  );
}

function BackupRow({
  backup,
  asked,
  busy,
  onAsk,
}: {
  readonly backup: Backup;
  /** Asks for confirmation. */
  readonly asked: boolean;
  readonly busy: boolean;
  readonly onAsk: (asked: boolean) => void;
}): ReactNode {
  const { id, createdAt, reason, conversations } = backup;
  const when = strings.data.when(createdAt);
  return (
    <li className="px-3.5 py-2.5">
      <div className="flex items-center gap-3">
        <History aria-hidden="true" className="size-4 shrink-0 text-faint" />
        <div className="min-w-0 flex-1">
          <p className="text-sm tabular-nums">{when}</p>
          <p className="text-xs text-muted">
            {conversations === undefined
              ? strings.data.unreadable
              : strings.data.contents(conversations, backup.bytes, reason)}
          </p>
        </div>
        {!asked && conversations !== undefined && (
          <Button look="quiet" disabled={busy} aria-label={strings.data.restoreNamed(when)} onClick={() => onAsk(true)}>
            {strings.data.restore}
          </Button>
        )}
      </div>
      {asked && (
        <div
          role="group"
          aria-label={strings.data.restoreNamed(when)}
          className="enter mt-2.5 rounded-lg bg-sunken p-3"
        >
          <p className="text-sm">{strings.data.confirm}</p>
          <div className="mt-3 flex justify-end gap-2">
            <Button autoFocus look="quiet" disabled={busy} onClick={() => onAsk(false)}>
              {strings.data.cancel}
            </Button>
            <Button look="solid" disabled={busy} onClick={() => void restore(id)}>
              {strings.data.restoreAnyway}
            </Button>
          </div>
        </div>
      )}
    </li>
  );
}
