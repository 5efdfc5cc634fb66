import clsx from 'clsx';
import { Tooltip } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';

/** A button with an icon alone: its name is said by a tooltip and to screen readers. */
export function IconButton({
  name,
  keys,
  side = 'bottom',
  className,
  children,
  ...props
}: ComponentProps<'button'> & {
  readonly name: string;
  readonly keys?: string;
  readonly side?: 'top' | 'bottom';
}): ReactNode {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          aria-label={name}
          className={clsx(
            'inline-flex size-8 shrink-0 items-center justify-center rounded-lg text-muted transition-colors',
            'hover:bg-hover hover:text-ink data-[state=open]:bg-hover data-[state=open]:text-ink',
            'disabled:pointer-events-none disabled:opacity-50 [&_svg]:size-[1.0625rem] [&_svg]:stroke-[1.75]',
            className,
          )}
          {...props}
        >
          {children}
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="enter z-50 flex items-center gap-2 rounded-md bg-ink px-2 py-1 text-xs text-canvas select-none"
        >
          {name}
          {keys !== undefined && <span className="opacity-70">{keys}</span>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
