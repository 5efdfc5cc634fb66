import clsx from 'clsx';
import type { ComponentProps, ReactNode } from 'react';

type Look = 'solid' | 'soft' | 'quiet';

const looks: Readonly<Record<Look, string>> = {
  solid: 'bg-accent text-on-accent hover:bg-accent-hover',
  soft: 'bg-raised text-ink border border-line-strong shadow-low hover:bg-sunken',
  quiet: 'text-muted hover:bg-hover hover:text-ink',
};

/** A button with words. */
export function Button({
  look = 'soft',
  className,
  ...props
}: ComponentProps<'button'> & { readonly look?: Look }): ReactNode {
  return (
    <button
      type="button"
      className={clsx(
        'inline-flex h-8 items-center gap-1.5 rounded-lg px-3 text-sm font-medium whitespace-nowrap transition-colors',
        'disabled:pointer-events-none disabled:opacity-50',
        looks[look],
        className,
      )}
      {...props}
    />
  );
}
