import { ShieldAlert } from 'lucide-react';
import { type ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { putAway, useData } from './store.ts';

/**
 * After damage to the chat file: what was recovered, what was lost, and where the original is. Stays until dismissed.
 */
export function SalvageNotice(): ReactNode {
  const salvage = useData((data) => data.salvage);
  if (!salvage) return null;
  const { original } = salvage;
  return (
    <section
      role="alert"
      data-testid="salvage"
      className="enter mx-6 mt-3 flex items-start gap-3 rounded-xl border border-danger-line bg-danger-soft px-4 py-3 text-sm"
    >
      <ShieldAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-danger" />
      <div className="min-w-0 flex-1 space-y-1">
        <p className="font-medium">{strings.data.damaged}</p>
        <p>{strings.data.saved(salvage)}</p>
        <div className="flex items-center gap-1">
          <p className="min-w-0 font-mono text-xs wrap-anywhere text-muted select-text">{original}</p>
          <CopyButton name={strings.data.copyOriginal} text={() => original} size="small" />
        </div>
        <p className="text-muted">{strings.data.afterDamage}</p>
      </div>
      <Button onClick={putAway}>{strings.data.understood}</Button>
    </section>
  );
}
