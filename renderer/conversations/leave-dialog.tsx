import type { ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Modal } from '../ui/modal.tsx';
import { useConversations } from './store.ts';
import { leave } from './temporary.ts';

/** Asks before a temporary chat with messages ends, because that cannot be undone. */
export function LeaveDialog(): ReactNode {
  const asks = useConversations(({ leaving }) => leaving);
  if (!asks) return null;
  return (
    <Modal title={strings.temporary.leaveTitle} width="w-[28rem]" onClose={() => void leave('stay')}>
      <p className="px-6 text-sm text-muted">{strings.temporary.leaveBody}</p>
      <div className="flex flex-wrap justify-end gap-2 px-6 pt-5 pb-6">
        <Button look="quiet" onClick={() => void leave('stay')}>
          {strings.temporary.stay}
        </Button>
        <Button className="text-danger!" onClick={() => void leave('forget')}>
          {strings.temporary.forget}
        </Button>
        <Button look="solid" onClick={() => void leave('keep')}>
          {strings.temporary.keep}
        </Button>
      </div>
    </Modal>
  );
}
