import type { ReactNode } from 'react';
import type { AppError } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { ErrorNotice } from './notice.tsx';

/** Replaces a message whose record cannot be read. */
export function DamagedMessage({ id, error }: { readonly id: string; readonly error: AppError }): ReactNode {
  return (
    <article aria-label={strings.errorTitles[error.code]} data-testid="damaged" data-message={id}>
      <ErrorNotice error={error} />
    </article>
  );
}
