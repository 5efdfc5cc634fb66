import clsx from 'clsx';
import { type ReactNode, useState } from 'react';

/** A field for renaming. Enter and blur keep the new name; Escape and an empty field keep the old one. */
export function NameField({
  name,
  label,
  className,
  onDone,
}: {
  readonly name: string;
  readonly label: string;
  readonly className: string;
  /** Undefined: no change. */
  readonly onDone: (name: string | undefined) => void;
}): ReactNode {
  const [text, setText] = useState(name);
  const keep = (): void => {
    const wanted = text.trim();
    onDone(wanted === '' || wanted === name ? undefined : wanted);
  };
  return (
    <input
      autoFocus
      type="text"
      value={text}
      maxLength={200}
      aria-label={label}
      className={clsx('w-full rounded-lg text-sm outline-2 -outline-offset-2 outline-accent', className)}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') keep();
        // Handle the field's key here, not in a dialog around it.
        if (event.key === 'Escape') {
          event.stopPropagation();
          event.preventDefault();
          onDone(undefined);
        }
      }}
    />
  );
}
