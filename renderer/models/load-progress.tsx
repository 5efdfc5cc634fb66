import type { ReactNode } from 'react';
import type { ModelState } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';

type Loading = Extract<ModelState, { status: 'loading' }>;

/** How far a load is: its stage, and the bytes of it where they are counted. */
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
      <progress
        aria-label={strings.model.loadingShort}
        max={1}
        value={fraction}
        className="block h-1 w-full appearance-none overflow-hidden rounded-full bg-selected [&::-webkit-progress-bar]:bg-selected [&::-webkit-progress-value]:bg-accent [&::-webkit-progress-value]:transition-[width]"
      />
      <p className="mt-1.5 truncate text-xs text-muted tabular-nums">
        {strings.library.loading(stage, fraction, bytesDone, bytesTotal)}
      </p>
    </div>
  );
}
