import type { ReactNode } from 'react';
import type { ModelState } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { ProgressBar } from '../ui/progress-bar.tsx';

type Loading = Extract<ModelState, { status: 'loading' }>;

/** Progress of a load: its stage, and bytes where the stage counts them. */
export function LoadProgress({
  state,
  className,
}: {
  readonly state: Loading;
  readonly className?: string;
}): ReactNode {
  const { stage, fraction, bytesDone, bytesTotal } = state;
  return (
    <div className={className}>
      <ProgressBar name={strings.model.loadingShort} value={fraction} />
      <p className="mt-1.5 truncate text-xs text-muted tabular-nums">
        {strings.library.loading(stage, fraction, bytesDone, bytesTotal)}
      </p>
    </div>
  );
}
