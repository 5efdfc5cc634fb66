import type { ReactNode } from 'react';
import { strings } from '../strings/index.ts';

/** Key names as on keyboards of the window's language, as text. @param keys As in `useShortcuts` */
export function writtenKeys(keys: string): string {
  return keys.split('+').map(nameOf).join('+');
}

function nameOf(key: string): string {
  return strings.keys[key] ?? key;
}

/** The same keys as key caps. */
export function Keys({ keys }: { readonly keys: string }): ReactNode {
  return (
    <span className="inline-flex gap-1 whitespace-nowrap">
      {keys.split('+').map((key) => (
        <kbd
          key={key}
          className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line-strong bg-sunken px-1.5 font-sans text-2xs text-muted"
        >
          {nameOf(key)}
        </kbd>
      ))}
    </span>
  );
}
