import type { ReactNode } from 'react';
import { showSettings } from '../settings/store.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { chooseChats } from './import-store.ts';
import { askToExportAll } from './store.ts';

/** Section of the settings for exporting all chats and importing others. */
export function ExchangeSection(): ReactNode {
  const leaving = (run: () => void) => () => {
    showSettings(false);
    run();
  };
  return (
    <>
      <p className="text-xs text-faint">{strings.exchange.hint}</p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button onClick={leaving(() => void chooseChats(false))}>{strings.chatImport.choose}</Button>
        <Button onClick={leaving(() => void chooseChats(true))}>{strings.chatImport.chooseFolder}</Button>
        <Button onClick={leaving(askToExportAll)}>{strings.exchange.exportAll}</Button>
      </div>
    </>
  );
}
