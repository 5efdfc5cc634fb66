import { Fragment, type ReactNode } from 'react';
import { strings } from '../strings.ts';
import { useSettings } from './store.ts';

export function About(): ReactNode {
  const info = useSettings((state) => state.info);
  return (
    <div className="grid grid-cols-2 gap-x-6 text-sm">
      <dl className="grid grid-cols-[auto_1fr] content-start gap-x-6 gap-y-1.5">
        {strings.shortcuts.map(([keys, what]) => (
          <Fragment key={keys}>
            <dt className="text-muted">{what}</dt>
            <dd className="text-right text-xs leading-5 text-faint">{keys}</dd>
          </Fragment>
        ))}
      </dl>
      {info && (
        <dl className="grid grid-cols-[auto_1fr] content-start gap-x-6 gap-y-1.5">
          <dt className="text-muted">{strings.settings.version}</dt>
          <dd className="text-right tabular-nums">{info.version}</dd>
          {info.executorch !== undefined && (
            <>
              <dt className="text-muted">{strings.settings.runtime}</dt>
              <dd className="text-right">{strings.settings.executorch(info.executorch)}</dd>
            </>
          )}
          <dt className="text-muted">{strings.settings.shell}</dt>
          <dd className="text-right">{strings.settings.shells[info.shell]}</dd>
        </dl>
      )}
    </div>
  );
}
