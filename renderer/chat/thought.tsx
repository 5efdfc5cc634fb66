import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { strings } from '../strings/index.ts';

/** The reasoning before an answer, folded. */
export function Thought({ text, growing }: { readonly text: string; readonly growing: boolean }): ReactNode {
  if (text === '' && !growing) return null;
  return (
    <details className="group/thought mb-3 text-sm text-muted" data-testid="thought">
      <summary className="inline-flex cursor-pointer list-none items-center gap-1.5 rounded-md py-1">
        <ChevronRight aria-hidden="true" className="size-3.5 transition-transform group-open/thought:rotate-90" />
        {growing ? strings.chat.thinking : strings.chat.thought}
      </summary>
      <p className="mt-1 border-l-2 border-line pl-4 wrap-anywhere whitespace-pre-wrap">{text}</p>
    </details>
  );
}
