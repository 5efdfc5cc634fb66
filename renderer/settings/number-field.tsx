import { type ReactNode, useId, useState } from 'react';
import type { Settings } from '../../preload/contract.ts';
import { strings } from '../strings.ts';
import { changeSettings } from './store.ts';

type NumberName = {
  [N in keyof Settings]: Settings[N] extends number ? N : never;
}[keyof Settings];

/** Ranges as the contract's schema has them, in steps a person would take. */
const ranges = {
  temperature: { min: 0, max: 5, step: 0.1 },
  topP: { min: 0.01, max: 1, step: 0.01 },
  topK: { min: 0, max: 1_000_000, step: 1 },
  minP: { min: 0, max: 0.99, step: 0.01 },
  repetitionPenalty: { min: 0.01, max: 10, step: 0.01 },
  maxTokens: { min: 0, max: 1_000_000, step: 1 },
  threads: { min: 0, max: 256, step: 1 },
} as const satisfies Readonly<Record<NumberName, { min: number; max: number; step: number }>>;

/** A number that is stored when the field is left; what is out of range is said, and not stored. */
export function NumberField({ name, settings }: { readonly name: NumberName; readonly settings: Settings }): ReactNode {
  const id = useId();
  const [text, setText] = useState<string>();
  const { min, max, step } = ranges[name];
  const shown = text ?? String(settings[name]);
  const valid = isValid(shown, min, max, step);

  const keep = (): void => {
    if (!valid) return;
    setText(undefined);
    if (Number(shown) !== settings[name]) void changeSettings({ [name]: Number(shown) });
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
        aria-invalid={!valid}
        aria-describedby={`${id}-hint`}
        className="mt-1.5 h-9 w-full rounded-lg border border-line-strong bg-canvas px-3 text-sm tabular-nums outline-none focus:border-accent aria-invalid:border-danger"
        onChange={(event) => setText(event.target.value)}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.key === 'Enter') keep();
        }}
      />
      <p id={`${id}-hint`} className={`mt-1.5 text-xs ${valid ? 'text-faint' : 'text-danger'}`}>
        {valid ? strings.settings[`${name}Hint`] : strings.settings.range(String(min), max.toLocaleString('en'))}
      </p>
    </div>
  );
}

function isValid(text: string, min: number, max: number, step: number): boolean {
  const value = Number(text);
  return text.trim() !== '' && value >= min && value <= max && (step < 1 || Number.isInteger(value));
}
