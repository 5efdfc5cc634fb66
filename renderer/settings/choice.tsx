import { type ReactNode, useId } from 'react';

export const field =
  'mt-1.5 h-9 w-full rounded-lg border border-line-strong bg-canvas px-3 text-sm outline-none focus:border-accent';

/** A drop-down list that stores the choice immediately. */
export function Choice<T extends string>({
  label,
  value,
  choices,
  nameOf,
  hint,
  onChoose,
}: {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly T[];
  readonly nameOf: (choice: T) => string;
  readonly hint?: string;
  readonly onChoose: (choice: T) => void;
}): ReactNode {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="block text-sm">
        {label}
      </label>
      <select
        id={id}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className={field}
        onChange={(event) => {
          const chosen = choices.find((choice) => choice === event.target.value);
          if (chosen !== undefined) onChoose(chosen);
        }}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {nameOf(choice)}
          </option>
        ))}
      </select>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1.5 text-xs text-faint">
          {hint}
        </p>
      )}
    </div>
  );
}
