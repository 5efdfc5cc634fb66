import clsx from 'clsx';
import { RadioTower } from 'lucide-react';
import type { ReactNode } from 'react';
import { showSettings } from '../settings/store.ts';
import { strings } from '../strings/index.ts';
import { useServer } from './store.ts';

/** Visible as long as other programs can reach the model, or should and cannot. It leads to the settings of the server. */
export function ServerMark(): ReactNode {
  const state = useServer((server) => server.state);
  if (state === undefined || state.status === 'off') return null;
  const failed = state.status === 'failed';
  const words = failed
    ? strings.server.markFailed
    : state.answering
      ? strings.server.markAnswering
      : strings.server.markOn;
  return (
    <button
      type="button"
      aria-label={words}
      title={state.address === undefined ? words : `${words} · ${state.address}`}
      data-testid="server-mark"
      data-status={state.status}
      className={clsx(
        'flex h-8 min-w-0 shrink-0 items-center gap-2 rounded-lg px-2.5 text-xs font-medium transition-colors hover:bg-hover',
        failed ? 'text-danger' : 'text-accent',
      )}
      onClick={() => showSettings(true, strings.server.title)}
    >
      <RadioTower aria-hidden="true" className={clsx('size-4', state.answering && 'breathe')} />
      <span className="truncate max-[760px]:hidden">{words}</span>
    </button>
  );
}
