import { type ReactNode, useId, useState } from 'react';
import type { GenerationOverrides } from '../../preload/contract.ts';
import { useSettings } from '../settings/store.ts';
import { strings } from '../strings.ts';
import { setOwn } from './store.ts';

/** Ranges as the contract's schema has them. */
const ranges = {
  temperature: { min: 0, max: 5, whole: false },
  topP: { min: 0.01, max: 1, whole: false },
  topK: { min: 0, max: 1_000_000, whole: true },
  minP: { min: 0, max: 0.99, whole: false },
  repetitionPenalty: { min: 0.01, max: 10, whole: false },
  maxTokens: { min: 0, max: 1_000_000, whole: true },
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
} as const;
type Name = keyof typeof ranges;

const box =
  'mt-1.5 w-full rounded-lg border border-line-strong bg-canvas px-3 text-sm outline-none placeholder:text-faint focus:border-accent aria-invalid:border-danger disabled:opacity-55';

/** A number that is stored when the field is left; an empty field is as in the settings. */
export function OwnNumber({
  conversationId,
  name,
  own,
}: {
  readonly conversationId: string | undefined;
  readonly name: Name;
  readonly own: GenerationOverrides;
}): ReactNode {
  const id = useId();
  const [text, setText] = useState<string>();
  const usual = useSettings(({ settings }) => settings?.[name]);
  const { min, max, whole } = ranges[name];
  const shown = text ?? (own[name] === undefined ? '' : String(own[name] ?? ''));
  const value = Number(shown);
  const valid = shown.trim() === '' || (value >= min && value <= max && (!whole || Number.isInteger(value)));
  const keep = (): void => {
    if (!valid || text === undefined) return;
    setText(undefined);
    void setOwn(conversationId, name, shown.trim() === '' ? undefined : value);
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
        placeholder={usual === null || usual === undefined ? strings.chatSettings.anySeed : String(usual)}
        aria-invalid={!valid}
        aria-describedby={`${id}-hint`}
        className={`${box} h-9 tabular-nums`}
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

/** Text that is stored when the field is left. @param why Why the model cannot use it; the field is disabled then. */
export function OwnText({
  label,
  hint,
  value,
  placeholder,
  why,
  onKeep,
}: {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly placeholder: string;
  readonly why?: string | undefined;
  readonly onKeep: (text: string) => void;
}): ReactNode {
  const id = useId();
  const [text, setText] = useState<string>();
  return (
    <div>
      <label htmlFor={id} className="block text-sm">
        {label}
      </label>
      <textarea
        id={id}
        rows={2}
        maxLength={100_000}
        disabled={why !== undefined}
        value={text ?? value}
        placeholder={placeholder}
        aria-describedby={`${id}-hint`}
        className={`${box} field-sizing-content max-h-48 min-h-16 resize-none py-2`}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => {
          if (text !== undefined && text !== value) onKeep(text);
          setText(undefined);
        }}
      />
      <p id={`${id}-hint`} className="mt-1 text-xs text-faint">
        {why ?? hint}
      </p>
    </div>
  );
}
