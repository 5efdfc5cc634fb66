import type { ReactNode } from 'react';
import type { AppError } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { CopyButton } from './copy-button.tsx';

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
        {hint !== undefined && <NextStep text={hint} />}
      </>
    );
  }
  return (
    <>
      <NextStep text={help.steps[code]} />
      <p className="text-muted">
        {help.detail} <span lang="en">{hint === undefined ? message : `${message} ${hint}`}</span>
      </p>
    </>
  );
}

/** A command between backticks gets a button that copies it. */
function NextStep({ text }: { readonly text: string }): ReactNode {
  const [before, command, ...after] = text.split('`');
  if (command === undefined) return <p className="text-ink">{text}</p>;
  return (
    <p className="text-ink">
      {before}
      <code className="rounded bg-raised px-1 font-mono text-xs">{command}</code>
      <CopyButton name={strings.chat.copy} text={() => command} size="small" />
      {after.join('`')}
    </p>
  );
}
