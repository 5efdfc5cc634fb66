import type { ReactNode } from 'react';
import type { AnswerFigures } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';

/** Model, tokens, tokens/s and time to first token of one answer. Figures that were not measured are absent. */
export function Figures({ figures }: { readonly figures: AnswerFigures }): ReactNode {
  return (
    <FigureList title={strings.figures.describe(figures)}>
      <li className="max-w-full truncate">{figures.model}</li>
      <li className="shrink-0">{strings.figures.tokens(figures.generatedTokens)}</li>
      {figures.decodeRate !== undefined && <li className="shrink-0">{strings.figures.rate(figures.decodeRate)}</li>}
      {figures.timeToFirstTokenUs !== undefined && (
        <li className="shrink-0">{strings.figures.first(figures.timeToFirstTokenUs)}</li>
      )}
    </FigureList>
  );
}

/** Small figures in a row, separated by middle dots. A narrow row wraps; the dot before a wrapped figure is cut off. */
export function FigureList({ title, children }: { readonly title?: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="max-w-full min-w-0 overflow-hidden" title={title}>
      <ul
        aria-label={strings.figures.label}
        className="-ml-4 flex flex-wrap items-center text-xs text-faint tabular-nums *:before:inline-block *:before:w-4 *:before:text-center *:before:content-['·']"
      >
        {children}
      </ul>
    </div>
  );
}
