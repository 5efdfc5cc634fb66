import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Message } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { showVersion, useChat } from './store.ts';

/** `‹ 2/3 ›`: switches between the versions of a message. Absent if there is only one. */
export function Versions({
  conversationId,
  message: { id, versions = [] },
}: {
  readonly conversationId: string;
  readonly message: Message;
}): ReactNode {
  const idle = useChat(({ running }) => running?.conversationId !== conversationId);
  const index = versions.indexOf(id);
  if (versions.length < 2 || index < 0) return null;
  const step = (name: string, to: string | undefined, icon: ReactNode): ReactNode => (
    <IconButton
      name={name}
      size="small"
      disabled={to === undefined || !idle}
      onClick={() => to !== undefined && void showVersion(conversationId, to)}
    >
      {icon}
    </IconButton>
  );
  return (
    <div className="flex items-center text-xs text-muted tabular-nums" data-testid="versions">
      {step(strings.chat.previousVersion, versions[index - 1], <ChevronLeft />)}
      <span aria-label={strings.chat.versions(index + 1, versions.length)} role="img">
        {strings.chat.version(index + 1, versions.length)}
      </span>
      {step(strings.chat.nextVersion, versions[index + 1], <ChevronRight />)}
    </div>
  );
}
