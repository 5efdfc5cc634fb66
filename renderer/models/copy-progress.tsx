import type { ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { cancelImport, useImport } from './import-store.ts';

/** Progress of copying or unpacking, above the chat, which stays usable. */
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
      <ProgressBar name={title} max={bytesTotal} value={bytesDone} className="w-28 shrink-0" />
      <p className="shrink-0 text-xs text-muted tabular-nums">{strings.files.progress(bytesDone, bytesTotal)}</p>
      <Button look="quiet" onClick={() => void cancelImport(id)}>
        {strings.files.cancel}
      </Button>
    </section>
  );
}
