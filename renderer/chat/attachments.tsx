import { FileText, X } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { Attachment } from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { useModels } from '../models/store.ts';
import { strings } from '../strings/index.ts';
import { IconButton } from '../ui/icon-button.tsx';

/** Attachments of a message. Each opens to show its text, and can be removed before the message is sent. */
export function Attachments({
  attachments,
  onRemove,
}: {
  readonly attachments: readonly Attachment[];
  readonly onRemove?: (index: number) => void;
}): ReactNode {
  if (attachments.length === 0) return null;
  return (
    <ul aria-label={strings.composer.attachments} className="flex max-w-full flex-wrap gap-2">
      {attachments.map(({ name, text }, index) => (
        <li
          key={index}
          data-testid="attachment"
          className="flex max-w-full items-start rounded-xl border border-line bg-raised text-sm has-[details[open]]:w-full"
        >
          <details className="min-w-0 flex-1 px-3 py-1.5">
            <summary className="flex cursor-pointer list-none items-center gap-2 rounded-md">
              <FileText aria-hidden="true" className="size-4 shrink-0 text-muted" />
              <span className="min-w-0 truncate">{name}</span>
              <Length text={text} counts={onRemove !== undefined} />
            </summary>
            <pre tabIndex={0} className="mt-2 max-h-60 overflow-auto font-mono text-xs whitespace-pre-wrap">
              {text}
            </pre>
          </details>
          {onRemove && (
            <IconButton name={strings.composer.removeAttachment(name)} size="small" onClick={() => onRemove(index)}>
              <X />
            </IconButton>
          )}
        </li>
      ))}
    </ul>
  );
}

/**
 * Length in tokens of the loaded model before the message is sent, because that fills the context; in characters after
 * it.
 */
function Length({ text, counts }: { readonly text: string; readonly counts: boolean }): ReactNode {
  const ready = useModels(({ state }) => (state.status === 'ready' ? state.modelId : undefined));
  const [tokens, setTokens] = useState<number>();
  useEffect(() => {
    if (!counts || ready === undefined) return;
    let left = false;
    void call('tokens.count', { text }).then((result) => {
      if (!left) setTokens(result.ok ? result.value.tokens : undefined);
    });
    return () => {
      left = true;
    };
  }, [text, counts, ready]);
  return (
    <span className="shrink-0 text-xs text-faint">
      {counts && tokens !== undefined ? strings.figures.tokens(tokens) : strings.chat.attachment(text.length)}
    </span>
  );
}
