import clsx from 'clsx';
import type { ReactNode } from 'react';

/** Progress: `value` of `max`. */
export function ProgressBar({
  name,
  value,
  max = 1,
  className = 'block w-full',
}: {
  readonly name: string;
  readonly value: number;
  /** Upper bound. If there is nothing to do, progress counts as zero. */
  readonly max?: number;
  readonly className?: string;
}): ReactNode {
  return (
    <progress
      aria-label={name}
      max={Math.max(1, max)}
      value={value}
      className={clsx(
        'h-1 appearance-none overflow-hidden rounded-full bg-selected [&::-webkit-progress-bar]:bg-selected',
        '[&::-webkit-progress-value]:bg-accent [&::-webkit-progress-value]:transition-[width]',
        className,
      )}
    />
  );
}
