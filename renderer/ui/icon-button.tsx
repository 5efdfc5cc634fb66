import clsx from 'clsx';
import { Tooltip } from 'radix-ui';
import { type ComponentProps, type ReactNode, use } from 'react';
import { InModal } from './in-modal.ts';
import { writtenKeys } from './keys.tsx';

const looks = {
  quiet: 'text-muted hover:bg-hover hover:text-ink disabled:opacity-50',
  accent:
    'bg-accent text-on-accent hover:bg-accent-hover aria-disabled:bg-selected aria-disabled:text-faint aria-disabled:cursor-default',
  ink: 'bg-ink text-canvas disabled:opacity-60',
} as const;

const sizes = { small: 'size-7', medium: 'size-8', large: 'size-9' } as const;

interface Props extends ComponentProps<'button'> {
  readonly name: string;
  /** Shown instead of the name; the accessible name stays the same. */
  readonly hint?: string;
  /** Equivalent shortcut, with key names as in `useShortcuts`. */
  readonly keys?: string;
  readonly side?: 'top' | 'bottom';
  readonly look?: keyof typeof looks;
  readonly size?: keyof typeof sizes;
}

/** A button with only an icon. Its name is the tooltip and the accessible name. */
export function IconButton({ keys, hint, side = 'bottom', ...props }: Props): ReactNode {
  if (use(InModal)) return <Bare title={hint ?? props.name} {...props} />;
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <Bare {...props} />
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="enter z-50 flex items-center gap-2 rounded-md bg-ink px-2 py-1 text-xs text-canvas select-none"
        >
          {hint ?? props.name}
          {keys !== undefined && <span className="opacity-70">{writtenKeys(keys)}</span>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

function Bare({
  name,
  look = 'quiet',
  size = 'medium',
  className,
  ...props
}: Omit<Props, 'keys' | 'side' | 'hint'>): ReactNode {
  return (
    <button
      type="button"
      aria-label={name}
      className={clsx(
        'inline-flex shrink-0 items-center justify-center rounded-lg transition-colors disabled:pointer-events-none',
        '[&_svg]:size-[1.0625rem] [&_svg]:stroke-[1.75]',
        looks[look],
        sizes[size],
        className,
      )}
      {...props}
    />
  );
}
