import { FileText, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Attachment } from '../../preload/contract.ts';
import { strings } from '../strings.ts';
import { IconButton } from '../ui/icon-button.tsx';

/** Texts that go with a message: each can be looked into, and taken away while it is not sent. */
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
              <span className="shrink-0 text-xs text-faint">{strings.chat.attachment(text.length)}</span>
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
