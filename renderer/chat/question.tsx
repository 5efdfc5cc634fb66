import { type ReactNode, memo } from 'react';
import { strings } from '../strings.ts';
import { CopyButton } from '../ui/copy-button.tsx';

/** What the person said, exactly as typed: it is not Markdown. */
export const Question = memo(function Question({ text }: { readonly text: string }): ReactNode {
  return (
    <article aria-label={strings.chat.you} data-testid="question" className="group flex items-end justify-end gap-1">
      <div className="opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100">
        <CopyButton name={strings.chat.copyQuestion} text={() => text} />
      </div>
      <p className="max-w-[85%] rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 leading-[1.6] wrap-anywhere whitespace-pre-wrap">
        {text}
      </p>
    </article>
  );
});
