import { type ReactNode, useId, useState } from 'react';
import { strings } from '../strings/index.ts';
import { count } from '../ui/format.ts';

/** Ranges as in the contract's schema. */
const ranges = {
  temperature: { min: 0, max: 5, whole: false },
  topP: { min: 0.01, max: 1, whole: false },
  topK: { min: 0, max: 1_000_000, whole: true },
  minP: { min: 0, max: 0.99, whole: false },
  repetitionPenalty: { min: 0.01, max: 10, whole: false },
  maxTokens: { min: 0, max: 1_000_000, whole: true },
  maxThoughtTokens: { min: 0, max: 1_000_000, whole: true },
  threads: { min: 0, max: 256, whole: true },
  serverPort: { min: 1024, max: 65_535, whole: true },
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
} as const;

export type NumberName = keyof typeof ranges;

/**
 * A number that is committed when the field loses focus. A value out of range shows an error and is not committed.
 * @param placeholder Shown in an empty field. A field without one must not be empty.
 */
export function NumberInput({
  name,
  value,
  placeholder,
  onKeep,
}: {
  readonly name: NumberName;
  readonly value: number | undefined;
  readonly placeholder?: string;
  readonly onKeep: (value: number | undefined) => void;
}): ReactNode {
  const id = useId();
  const [text, setText] = useState<string>();
  const { min, max, whole } = ranges[name];
  const shown = text ?? (value === undefined ? '' : strings.formats.editable(value));
  const empty = shown.trim() === '';
  const number = strings.formats.parse(shown);
  const fits = number >= min && number <= max && (!whole || Number.isInteger(number));
  const valid = empty ? placeholder !== undefined : fits;

  const keep = (): void => {
    if (!valid || text === undefined) return;
    setText(undefined);
    onKeep(empty ? undefined : number);
  };
  return (
    <div>
      <label htmlFor={id} className="block text-sm">
        {strings.settings[name]}
      </label>
      <input
        id={id}
        type="text"
        inputMode="decimal"
        value={shown}
        placeholder={placeholder}
        aria-invalid={!valid}
        aria-describedby={`${id}-hint`}
        className="mt-1.5 h-9 w-full rounded-lg border border-line-strong bg-canvas px-3 text-sm tabular-nums outline-none placeholder:text-faint focus:border-accent aria-invalid:border-danger"
        onChange={(event) => setText(event.target.value)}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.key === 'Enter') keep();
        }}
      />
      <p id={`${id}-hint`} className={`mt-1.5 text-xs ${valid ? 'text-faint' : 'text-danger'}`}>
        {valid ? strings.settings[`${name}Hint`] : strings.settings.range(strings.formats.editable(min), count(max))}
      </p>
    </div>
  );
}
