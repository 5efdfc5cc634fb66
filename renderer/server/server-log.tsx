import clsx from 'clsx';
import type { ReactNode } from 'react';
import type { ServerLogEntry } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';

/** The last requests, newest first. It has no text of any of them. */
export function ServerLog({ entries }: { readonly entries: readonly ServerLogEntry[] }): ReactNode {
  return (
    <>
      <h4 className="mt-6 text-sm font-medium">{strings.server.log}</h4>
      <p className="mt-1 text-xs text-faint">{strings.server.logHint}</p>
      {entries.length === 0 ? (
        <p className="mt-3 text-sm text-muted">{strings.server.noRequests}</p>
      ) : (
        <div
          role="region"
          aria-label={strings.server.log}
          // A region that scrolls must be reachable by keyboard.
          tabIndex={0}
          className="mt-3 max-h-64 overflow-y-auto rounded-xl border border-line outline-none focus-visible:border-accent"
        >
          <table className="w-full text-left text-xs">
            <thead className="sticky top-0 bg-raised text-faint">
              <tr>
                <Head>{strings.server.time}</Head>
                <Head>{strings.server.request}</Head>
                <Head>{strings.server.result}</Head>
                <Head right>{strings.server.tokens}</Head>
                <Head right>{strings.server.duration}</Head>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {entries.map((entry) => (
                <Row key={entry.id} entry={entry} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Head({ children, right = false }: { readonly children: ReactNode; readonly right?: boolean }): ReactNode {
  return (
    <th
      scope="col"
      className={clsx('border-b border-line px-2.5 py-2 font-medium first:pl-3.5 last:pr-3.5', right && 'text-right')}
    >
      {children}
    </th>
  );
}

function Row({ entry }: { readonly entry: ServerLogEntry }): ReactNode {
  const { at, route, model, state, promptTokens, cachedTokens, generatedTokens, ms } = entry;
  const refused = entry.code !== undefined;
  return (
    <tr data-testid="server-request" data-state={state}>
      <td className="px-2.5 py-2 pl-3.5 whitespace-nowrap tabular-nums text-muted">{strings.formats.time(at)}</td>
      <td className="px-2.5 py-2">
        <span className="font-mono wrap-anywhere">{route === 'other' ? strings.server.otherRoute : route}</span>
        {model !== undefined && <span className="block text-faint wrap-anywhere">{model}</span>}
      </td>
      <td className={clsx('px-2.5 py-2 wrap-anywhere', refused ? 'text-danger' : 'text-muted')}>{resultOf(entry)}</td>
      <td className="px-2.5 py-2 text-right tabular-nums text-muted">
        {promptTokens !== undefined && strings.server.counts(promptTokens, cachedTokens ?? 0, generatedTokens ?? 0)}
      </td>
      <td className="px-2.5 py-2 pr-3.5 text-right whitespace-nowrap tabular-nums text-muted">
        {ms !== undefined && strings.formats.duration(ms * 1000)}
      </td>
    </tr>
  );
}

function resultOf({ state, status, code, times = 1 }: ServerLogEntry): string {
  if (state === 'waiting') return strings.server.waiting;
  if (state === 'running') return strings.server.running;
  if (status === 499) return strings.server.left;
  const result = code === undefined ? String(status ?? '') : `${status ?? ''} ${code}`.trim();
  return times === 1 ? result : strings.server.times(result, times);
}
