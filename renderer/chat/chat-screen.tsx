import { type ReactNode, useEffect } from 'react';
import { useConversation, useConversations } from '../conversations/store.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { later } from '../ui/later.tsx';
import { Composer } from './composer.tsx';
import { ErrorNotice } from './notice.tsx';
import { type Thread as ThreadState, openThread, useChat } from './store.ts';
import { Welcome } from './welcome.tsx';

const Thread = later(async () => (await import('./thread.tsx')).Thread);

export function ChatScreen(): ReactNode {
  const id = useConversations(({ activeId }) => activeId);
  const thread = useChat(({ threads }) => (id === undefined ? undefined : threads[id]));
  useEffect(() => {
    if (id !== undefined) void openThread(id);
  }, [id]);
  return (
    <main className="flex min-h-0 flex-1 flex-col">
      {id === undefined ? <Welcome conversationId={undefined} /> : <Content id={id} thread={thread} />}
      <Composer conversationId={id} />
    </main>
  );
}

function Content({ id, thread }: { readonly id: string; readonly thread: ThreadState | undefined }): ReactNode {
  if (thread?.status === 'open') {
    if (thread.messages.length === 0) return <Welcome conversationId={id} />;
    return (
      <>
        <Title id={id} />
        <Thread
          key={id}
          conversationId={id}
          messages={thread.messages}
          earlier={thread.earlier}
          grewAbove={thread.grewAbove ?? false}
        />
      </>
    );
  }
  return (
    <div className="mx-auto w-full max-w-column flex-1 px-8 pt-8">
      {thread?.status === 'failed' ? (
        <ErrorNotice
          error={thread.error}
          actions={
            <Button look="quiet" onClick={() => void openThread(id)}>
              {strings.chat.tryAgain}
            </Button>
          }
        />
      ) : (
        <p className="sr-only">{strings.chat.opening}</p>
      )}
    </div>
  );
}

/** Page heading for screen readers. The sidebar shows the same title. */
function Title({ id }: { readonly id: string }): ReactNode {
  const title = useConversation(id)?.title;
  return <h1 className="sr-only">{title || strings.untitled}</h1>;
}
