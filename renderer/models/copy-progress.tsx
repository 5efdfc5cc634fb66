import type { ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { cancelImport, useImport } from './import-store.ts';

/** How far copying or unpacking is: above the chat, which goes on meanwhile. */
export function CopyProgress(): ReactNode {
  const { state } = useImport();
  if (state?.status !== 'copying') return null;
  const { id, name, stage, bytesDone, bytesTotal } = state;
  const title = strings.files.copyingTitle[stage](name);
  return (
    <section
      aria-label={title}
      className="enter mx-3 flex shrink-0 items-center gap-3 rounded-xl border border-line bg-sunken py-1.5 pr-1.5 pl-4 text-sm"
    >
      <p className="min-w-0 flex-1 truncate">{title}</p>
      <progress
        aria-label={title}
        max={Math.max(1, bytesTotal)}
        value={bytesDone}
        className="h-1 w-28 shrink-0 appearance-none overflow-hidden rounded-full bg-selected [&::-webkit-progress-bar]:bg-selected [&::-webkit-progress-value]:bg-accent"
      />
      <p className="shrink-0 text-xs text-muted tabular-nums">{strings.files.progress(bytesDone, bytesTotal)}</p>
      <Button look="quiet" onClick={() => void cancelImport(id)}>
        {strings.files.cancel}
      </Button>
    </section>
  );
}
