import clsx from 'clsx';
import type { ComponentProps, ReactNode } from 'react';

type Look = 'solid' | 'soft' | 'quiet' | 'link';

const looks: Readonly<Record<Look, string>> = {
  solid: 'h-8 px-3 bg-accent text-on-accent hover:bg-accent-hover',
  soft: 'h-8 px-3 bg-raised text-ink border border-line-strong shadow-low hover:bg-sunken',
  quiet: 'h-8 px-3 text-muted hover:bg-hover hover:text-ink',
  link: 'h-6 px-1 text-accent hover:text-accent-hover',
};

/** A button with text. */
export function Button({
  look = 'soft',
  className,
  ...props
}: ComponentProps<'button'> & { readonly look?: Look }): ReactNode {
  return (
    <button
      type="button"
      className={clsx(
        'inline-flex items-center gap-1.5 rounded-lg text-sm font-medium whitespace-nowrap transition-colors',
        'disabled:pointer-events-none disabled:opacity-50',
        looks[look],
        className,
      )}
      {...props}
    />
  );
}
