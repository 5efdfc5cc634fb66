import clsx from 'clsx';
import type { ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import type { Condition } from './facts.ts';

/** State of a model: a dot and a word, so that colour alone carries no meaning. */
export function ConditionLine({ condition }: { readonly condition: Condition }): ReactNode {
  return (
    <p className="flex items-center gap-2 text-xs text-muted" data-testid="condition" data-condition={condition}>
      <span
        aria-hidden="true"
        className={clsx('size-2 shrink-0 rounded-full', {
          'bg-positive': condition === 'loaded',
          'breathe bg-accent': condition === 'loading',
          'bg-danger': condition === 'failed' || condition === 'missing',
          'border border-line-strong': condition === 'ready' || condition === 'idle',
          'bg-line-strong': condition === 'misfit',
        })}
      />
      {strings.library.conditions[condition]}
    </p>
  );
}
