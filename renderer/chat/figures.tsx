import type { ReactNode } from 'react';
import type { AnswerFigures } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';

/** Model, tokens, tokens/s and time to first token of one answer. Figures that were not measured are absent. */
export function Figures({ figures }: { readonly figures: AnswerFigures }): ReactNode {
  return (
    <FigureList title={strings.figures.describe(figures)}>
      <li className="truncate">{figures.model}</li>
      <li className="shrink-0">{strings.figures.tokens(figures.generatedTokens)}</li>
      {figures.decodeRate !== undefined && <li className="shrink-0">{strings.figures.rate(figures.decodeRate)}</li>}
      {figures.timeToFirstTokenUs !== undefined && (
        <li className="shrink-0">{strings.figures.first(figures.timeToFirstTokenUs)}</li>
      )}
    </FigureList>
  );
}

/** Small figures in a row, separated by middle dots. */
export function FigureList({ title, children }: { readonly title?: string; readonly children: ReactNode }): ReactNode {
  return (
    <ul
      aria-label={strings.figures.label}
      title={title}
      className="flex max-w-full min-w-0 items-center text-xs text-faint tabular-nums [&>li+li]:before:mx-1.5 [&>li+li]:before:content-['·']"
    >
      {children}
    </ul>
  );
}
