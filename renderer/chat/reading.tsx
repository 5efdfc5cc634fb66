/** Documents that are being read for a draft. */
import { FileText } from 'lucide-react';
import type { ReactNode } from 'react';
import { create } from 'zustand';
import { strings } from '../strings/index.ts';

/** Names by chat; the chat that is not stored yet has an empty id. */
const useReading = create<Readonly<Record<string, readonly string[]>>>(() => ({}));
const none: readonly string[] = [];

/** @returns a function that ends it */
export function showReading(conversationId: string | undefined, name: string): () => void {
  const key = conversationId ?? '';
  useReading.setState((all) => ({ [key]: [...(all[key] ?? none), name] }));
  return () =>
    useReading.setState((all) => {
      const names = all[key] ?? none;
      const index = names.indexOf(name);
      return { [key]: index === -1 ? names : names.toSpliced(index, 1) };
    });
}

export function useReadingOf(conversationId: string | undefined): readonly string[] {
  return useReading((all) => all[conversationId ?? ''] ?? none);
}

export function Reading({ names }: { readonly names: readonly string[] }): ReactNode {
  if (names.length === 0) return null;
  return (
    <ul role="status" className="flex max-w-full flex-wrap gap-2">
      {names.map((name, index) => (
        <li
          key={index}
          data-testid="reading"
          className="flex max-w-full items-center gap-2 rounded-xl border border-dashed border-line px-3 py-1.5 text-sm text-muted"
        >
          <FileText aria-hidden="true" className="size-4 shrink-0 animate-pulse motion-reduce:animate-none" />
          <span className="min-w-0 truncate">{strings.composer.reading(name)}</span>
        </li>
      ))}
    </ul>
  );
}
