import clsx from 'clsx';
import { type ComponentProps, type ReactNode, useId } from 'react';

/** A text area with a label, and a hint below. An error replaces the hint. */
export function TextArea({
  label,
  hint,
  problem,
  ...props
}: ComponentProps<'textarea'> & {
  readonly label: string;
  readonly hint: string;
  readonly problem?: string | undefined;
}): ReactNode {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="block text-sm">
        {label}
      </label>
      <textarea
        id={id}
        rows={2}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-hint`}
        className="mt-1.5 field-sizing-content max-h-48 min-h-16 w-full resize-none rounded-lg border border-line-strong bg-canvas px-3 py-2 text-sm outline-none placeholder:text-faint focus:border-accent disabled:opacity-55 aria-invalid:border-danger"
        {...props}
      />
      <p id={`${id}-hint`} className={clsx('mt-1 text-xs', problem === undefined ? 'text-faint' : 'text-danger')}>
        {problem ?? hint}
      </p>
    </div>
  );
}
