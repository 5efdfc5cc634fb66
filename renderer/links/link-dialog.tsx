import { type ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Modal } from '../ui/modal.tsx';
import { askToOpen, openLink, useLink } from './store.ts';

/** Shows the full address before a link opens, because the link text may differ from it. */
export function LinkDialog(): ReactNode {
  const { url } = useLink();
  if (url === undefined) return null;
  return (
    <Modal title={strings.link.title} width="w-[30rem]" onClose={() => askToOpen(undefined)}>
      <div className="overflow-y-auto px-6 pb-6">
        <p className="text-sm text-muted">{strings.link.body}</p>
        <div className="mt-3 flex items-start gap-1 rounded-lg bg-sunken py-1 pr-1 pl-3">
          <p data-testid="link-address" className="min-w-0 flex-1 py-1.5 font-mono text-xs wrap-anywhere select-text">
            {url}
          </p>
          <CopyButton name={strings.link.copy} text={() => url} />
        </div>
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={() => askToOpen(undefined)}>{strings.link.cancel}</Button>
          <Button look="solid" onClick={() => void openLink(url)}>
            {strings.link.open}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
