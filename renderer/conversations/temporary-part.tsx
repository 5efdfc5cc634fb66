import { MessageCircleDashed } from 'lucide-react';
import type { ReactNode } from 'react';
import { focusComposer } from '../chat/focus.ts';
import { hasMessages, useHasMessages } from '../chat/store.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { useScreen } from '../ui/screen.ts';
import { openConversation, useConversations, useIsTemporary } from './store.ts';
import { beginTemporary, keepTemporary } from './temporary.ts';

/**
 * The header's part for temporary chats. An empty chat has a switch, where other apps have it. A temporary chat with
 * messages has a mark, and a button that keeps it.
 */
export function TemporaryPart(): ReactNode {
  const id = useConversations(({ activeId }) => activeId);
  const temporary = useIsTemporary(id);
  const begun = useHasMessages(id);
  const inChat = useScreen(({ name }) => name === 'chat');
  if (!inChat) return <span className="flex-1" />;
  return (
    <div className="ml-auto flex shrink-0 items-center gap-1">
      {temporary && begun && (
        <>
          <p className={mark} data-testid="temporary-mark">
            <Mark />
          </p>
          <Button look="quiet" className="text-accent!" onClick={() => void keepOpenChat()}>
            {strings.temporary.keep}
          </Button>
        </>
      )}
      {temporary && !begun && (
        <button
          type="button"
          aria-pressed="true"
          title={strings.temporary.end}
          className={`${mark} border-accent text-accent! hover:bg-hover`}
          data-testid="temporary-mark"
          onClick={() => openConversation(undefined)}
        >
          <Mark />
        </button>
      )}
      {id === undefined && (
        <IconButton
          name={strings.temporary.title}
          keys="Ctrl+Shift+N"
          aria-pressed="false"
          onClick={() => void newTemporaryChat()}
        >
          <MessageCircleDashed />
        </IconButton>
      )}
    </div>
  );
}

const mark =
  'flex h-7 items-center gap-1.5 rounded-full border border-dashed border-line-strong px-2.5 text-xs font-medium text-muted';

function Mark(): ReactNode {
  return (
    <>
      <MessageCircleDashed aria-hidden="true" className="size-3.5" />
      {strings.temporary.title}
    </>
  );
}

export async function newTemporaryChat(): Promise<void> {
  const { temporary } = useConversations.getState();
  if (await beginTemporary(hasMessages(temporary?.id))) focusComposer();
}

export async function keepOpenChat(): Promise<void> {
  if (await keepTemporary()) focusComposer();
}
