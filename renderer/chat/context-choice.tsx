/** Shows how full the context is, and offers a choice before it is full. */
import { type ReactNode, useEffect, useState } from 'react';
import type { ContextPolicy, Draft } from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { putConversation, useConversation } from '../conversations/store.ts';
import { useModels } from '../models/store.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { showError } from '../ui/toasts-store.ts';
import { Notice } from './notice.tsx';
import { useChat } from './store.ts';

/** Share of the context at which the meter warns and the choice appears. */
const almostFull = 0.9;
const countAfterMs = 250;

export interface ContextUse {
  readonly used: number;
  readonly length: number;
}

/** Tokens in the context after the last answer, plus the draft; undefined until there is a figure. */
export function useContext(conversationId: string | undefined, draft: Draft): ContextUse | undefined {
  const figures = useChat(({ threads }) => {
    const thread = conversationId === undefined ? undefined : threads[conversationId];
    return thread?.status === 'open' ? thread.messages.findLast((message) => message.figures)?.figures : undefined;
  });
  const model = useModels((models) => models.state);
  const [typed, setTyped] = useState(0);
  const ready = model.status === 'ready';
  useEffect(() => {
    const text = [...draft.attachments.map((attachment) => attachment.text), draft.text].join('\n');
    const timer = setTimeout(() => {
      if (text.trim() === '' || !ready) setTyped(0);
      else void call('tokens.count', { text }).then((result) => setTyped(result.ok ? result.value.tokens : 0));
    }, countAfterMs);
    return () => clearTimeout(timer);
  }, [draft, ready]);
  const length = ready ? model.contextLength : figures?.contextLength;
  const used = (figures?.contextUsed ?? 0) + typed;
  return length === undefined || used === 0 ? undefined : { used, length };
}

export function ContextMeter({ use: { used, length } }: { readonly use: ContextUse }): ReactNode {
  const warns = used >= almostFull * length;
  return (
    <p className={`shrink-0 tabular-nums ${warns ? 'font-medium text-danger' : ''}`} data-warns={warns}>
      {strings.composer.context(used, length)}
    </p>
  );
}

/** Appears once, when the context is almost full. */
export function ContextChoice({
  conversationId,
  use: { used, length },
}: {
  readonly conversationId: string;
  readonly use: ContextUse;
}): ReactNode {
  const chosen = useConversation(conversationId)?.contextPolicy !== undefined;
  if (chosen || used < almostFull * length) return null;
  return (
    <Notice
      className="mb-3"
      title={strings.composer.almostFull(used, length)}
      actions={
        <>
          <Button look="quiet" onClick={() => void setContextPolicy(conversationId, 'stop')}>
            {strings.composer.stopWhenFull}
          </Button>
          <Button onClick={() => void setContextPolicy(conversationId, 'drop-oldest')}>
            {strings.composer.dropOldest}
          </Button>
        </>
      }
    />
  );
}

export async function setContextPolicy(id: string, policy: ContextPolicy): Promise<boolean> {
  const result = await call('conversations.setContextPolicy', { id, policy });
  if (result.ok) putConversation(result.value);
  else showError(result.error);
  return result.ok;
}
