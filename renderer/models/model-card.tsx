import clsx from 'clsx';
import { type ReactNode, useId } from 'react';
import type { ModelEntry, ModelState } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { showModels } from '../ui/screen.ts';
import { ConditionLine } from './condition.tsx';
import { conditionOf, factsOf } from './facts.ts';
import { FileTrouble } from './import-entry.tsx';
import { LoadButton } from './load-button.tsx';
import { LoadProgress } from './load-progress.tsx';

export const cardButtonId = (modelId: string): string => `model-${modelId}`;

export function ModelCard({ model, state }: { readonly model: ModelEntry; readonly state: ModelState }): ReactNode {
  const condition = conditionOf(model, state);
  const titleId = useId();
  return (
    <li
      aria-labelledby={titleId}
      className={clsx(
        'group relative flex flex-col rounded-2xl border bg-raised p-5 transition-colors hover:border-line-strong',
        condition === 'loaded' ? 'border-accent/60' : 'border-line',
      )}
    >
      <h2 id={titleId} className="text-base leading-snug font-semibold tracking-tight">
        <button
          type="button"
          id={cardButtonId(model.id)}
          className="text-left wrap-anywhere after:absolute after:inset-0 after:rounded-2xl focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent"
          onClick={() => showModels(model.id)}
        >
          <span className="line-clamp-2">{model.name}</span>
        </button>
      </h2>
      <div className="mt-1.5">
        <ConditionLine condition={condition} />
        <div className="mt-1 empty:hidden">
          <FileTrouble model={model} />
        </div>
      </div>
      <dl className="mt-4 mb-5 grid grid-cols-[auto_1fr] gap-x-5 gap-y-1 text-sm">
        {factsOf(model).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="min-w-0 text-right wrap-anywhere tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="relative mt-auto flex min-h-8 items-center justify-between gap-4">
        {condition === 'loading' && state.status === 'loading' ? (
          <LoadProgress state={state} className="min-w-0 flex-1" />
        ) : (
          <p className="pointer-events-none min-w-0 truncate text-xs text-faint">
            {condition === 'loaded' && state.status === 'ready'
              ? strings.model.resident(state.residentBytes)
              : strings.library.details}
          </p>
        )}
        <LoadButton model={model} condition={condition} />
      </div>
    </li>
  );
}
