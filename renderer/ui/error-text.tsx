import type { ReactNode } from 'react';
import type { AppError } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';

/**
 * What happened, why, and what to do. The error's sentences are English; other languages show their own next step for
 * the error code first.
 */
export function ErrorText({ error: { code, message, hint } }: { readonly error: AppError }): ReactNode {
  const help = strings.errorHelp;
  if (help === undefined) {
    return (
      <>
        <p className="text-muted">{message}</p>
        {hint !== undefined && <p className="text-ink">{hint}</p>}
      </>
    );
  }
  return (
    <>
      <p className="text-ink">{help.steps[code]}</p>
      <p className="text-muted">
        {help.detail} <span lang="en">{hint === undefined ? message : `${message} ${hint}`}</span>
      </p>
    </>
  );
}
