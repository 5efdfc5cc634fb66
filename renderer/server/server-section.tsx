import { Eye, EyeOff, RefreshCw } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Settings } from '../../preload/contract.ts';
import { ErrorNotice } from '../chat/notice.tsx';
import { NumberField } from '../settings/number-field.tsx';
import { changeSettings } from '../settings/store.ts';
import { strings } from '../strings/index.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ServerLog } from './server-log.tsx';
import { renewToken, useServer } from './store.ts';

/** The switch of the local server, how programs reach it, and its log. */
export function ServerSection({ settings }: { readonly settings: Settings }): ReactNode {
  const state = useServer((server) => server.state);
  return (
    <>
      <label className="flex items-center gap-2.5 text-sm">
        <input
          type="checkbox"
          checked={settings.serverOn}
          aria-describedby="server-hint"
          className="size-4 accent-accent"
          onChange={(event) => void changeSettings({ serverOn: event.target.checked })}
        />
        {strings.server.on}
      </label>
      <p id="server-hint" className="mt-1.5 text-xs text-faint">
        {strings.server.hint}
      </p>
      {state?.error && <ErrorNotice error={state.error} className="mt-4" />}
      {state?.status === 'on' && state.address !== undefined && state.token !== undefined && (
        <>
          <Address address={state.address} />
          <Token token={state.token} />
        </>
      )}
      <div className="mt-4 max-w-52">
        <NumberField name="serverPort" settings={settings} />
      </div>
      {(settings.serverOn || (state !== undefined && state.entries.length > 0)) && (
        <ServerLog entries={state?.entries ?? []} />
      )}
    </>
  );
}

function Address({ address }: { readonly address: string }): ReactNode {
  return (
    <Line label={strings.server.address} value={address}>
      <CopyButton name={strings.server.copyAddress} text={() => address} />
    </Line>
  );
}

/** Hidden until the person asks for it: somebody may look on. */
function Token({ token }: { readonly token: string }): ReactNode {
  const [shown, setShown] = useState(false);
  return (
    <Line
      label={strings.server.token}
      value={shown ? token : '•'.repeat(24)}
      said={shown ? undefined : strings.server.hidden}
    >
      <IconButton name={shown ? strings.server.hideToken : strings.server.showToken} onClick={() => setShown(!shown)}>
        {shown ? <EyeOff /> : <Eye />}
      </IconButton>
      <CopyButton name={strings.server.copyToken} text={() => token} />
      <IconButton name={strings.server.renewToken} onClick={() => void renewToken()}>
        <RefreshCw />
      </IconButton>
    </Line>
  );
}

function Line({
  label,
  value,
  said,
  children,
}: {
  readonly label: string;
  readonly value: string;
  /** Read to the person instead of the value. */
  readonly said?: string | undefined;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div role="group" aria-label={label} className="mt-4">
      <p aria-hidden="true" className="text-sm">
        {label}
      </p>
      <div className="mt-1.5 flex items-center gap-1 rounded-lg bg-sunken py-1 pr-1 pl-3">
        <p className="min-w-0 flex-1 py-1.5 font-mono text-xs wrap-anywhere select-text">
          {said !== undefined && <span className="sr-only">{said}</span>}
          <span aria-hidden={said !== undefined}>{value}</span>
        </p>
        {children}
      </div>
    </div>
  );
}
