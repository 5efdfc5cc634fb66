import type { ReactNode } from 'react';
import { showSettings } from '../settings/store.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { askToExportAll } from './store.ts';

/** Of the settings: all chats out. */
export function ExchangeSection(): ReactNode {
  return (
    <>
      <p className="text-xs text-faint">{strings.exchange.hint}</p>
      <div className="mt-3 flex gap-2">
        <Button
          onClick={() => {
            showSettings(false);
            askToExportAll();
          }}
        >
          {strings.exchange.exportAll}
        </Button>
      </div>
    </>
  );
}
