import clsx from 'clsx';
import { CircleAlert, CirclePause } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AppError } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { ErrorText } from '../ui/error-text.tsx';

/** A box under an answer or above the composer that says what happened, why, and what to do. */
export function Notice({
  tone = 'plain',
  title,
  children,
  actions,
  className,
}: {
  readonly tone?: 'plain' | 'danger';
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  readonly className?: string | undefined;
}): ReactNode {
  const Icon = tone === 'danger' ? CircleAlert : CirclePause;
  return (
    <div
      data-testid="notice"
      className={clsx(
        'flex flex-wrap items-start gap-x-3 gap-y-2 rounded-xl border px-4 py-3 text-sm',
        tone === 'danger' ? 'border-danger-line bg-danger-soft' : 'border-line bg-sunken',
        className,
      )}
    >
      <Icon
        aria-hidden="true"
        className={clsx('mt-0.5 size-4 shrink-0', tone === 'danger' ? 'text-danger' : 'text-muted')}
      />
      <div className="min-w-56 flex-1 space-y-1 wrap-anywhere">
        <p className={clsx(tone === 'danger' && 'font-medium')}>{title}</p>
        {children}
      </div>
      {actions !== undefined && <div className="-my-1 ml-auto flex shrink-0 items-center gap-1">{actions}</div>}
    </div>
  );
}

export function ErrorNotice({
  error,
  actions,
  className,
}: {
  readonly error: AppError;
  readonly actions?: ReactNode;
  readonly className?: string;
}): ReactNode {
  return (
    <Notice tone="danger" title={strings.errorTitles[error.code]} actions={actions} className={className}>
      <ErrorText error={error} />
    </Notice>
  );
}
