import type { ReactNode } from 'react';
import { showShortcuts } from '../commands/store.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { showNotices } from './notices-store.ts';
import { showSettings, useSettings } from './store.ts';

export function About(): ReactNode {
  const info = useSettings((state) => state.info);
  return (
    <>
      {info && (
        <dl className="grid grid-cols-[auto_1fr] content-start gap-x-6 gap-y-1.5 text-sm">
          <dt className="text-muted">{strings.settings.version}</dt>
          <dd className="tabular-nums">{info.version}</dd>
          {info.executorch !== undefined && (
            <>
              <dt className="text-muted">{strings.settings.runtime}</dt>
              <dd>{strings.settings.executorch(info.executorch)}</dd>
            </>
          )}
          <dt className="text-muted">{strings.settings.shell}</dt>
          <dd>{strings.settings.shells[info.shell]}</dd>
        </dl>
      )}
      <div className="mt-4 flex gap-2">
        <Button
          onClick={() => {
            showSettings(false);
            showShortcuts();
          }}
        >
          {strings.commands.shortcuts}
        </Button>
        <Button onClick={() => showNotices(true)}>{strings.notices.title}</Button>
      </div>
    </>
  );
}
