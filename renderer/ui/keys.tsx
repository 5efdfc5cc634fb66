import type { ReactNode } from 'react';
import { strings } from '../strings.ts';

/** Keys as they are printed on the keyboard. */
export function Keys({ keys }: { readonly keys: string }): ReactNode {
  return (
    <span className="inline-flex gap-1 whitespace-nowrap">
      {keys.split('+').map((key) => (
        <kbd
          key={key}
          className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line-strong bg-sunken px-1.5 font-sans text-2xs text-muted"
        >
          {strings.keys[key] ?? key}
        </kbd>
      ))}
    </span>
  );
}
