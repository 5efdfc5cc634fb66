import { type ReactNode, useId, useState } from 'react';
import { strings } from '../strings/index.ts';

/** As the contract's schema has them. */
const mostStrings = 16;
const longestString = 200;

/** Stop strings, one a line, handed over when the field is left. */
export function StopStringsField({
  value,
  placeholder,
  onKeep,
}: {
  readonly value: readonly string[];
  /** What counts while the field is empty. */
  readonly placeholder: readonly string[];
  readonly onKeep: (lines: string[]) => void;
}): ReactNode {
  const id = useId();
  const [text, setText] = useState<string>();
  const before = value.join('\n');
  const lines = linesOf(text ?? before);
  const problem = problemOf(lines);
  return (
    <div>
      <label htmlFor={id} className="block text-sm">
        {strings.settings.stopStrings}
      </label>
      <textarea
        id={id}
        rows={2}
        maxLength={mostStrings * (longestString + 1)}
        value={text ?? before}
        placeholder={placeholder.join('\n')}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-hint`}
        className="mt-1.5 field-sizing-content max-h-48 min-h-16 w-full resize-none rounded-lg border border-line-strong bg-canvas px-3 py-2 text-sm outline-none placeholder:text-faint focus:border-accent aria-invalid:border-danger"
        onChange={(event) => setText(event.target.value)}
        onBlur={() => {
          if (text === undefined || problem !== undefined) return;
          setText(undefined);
          if (lines.join('\n') !== before) onKeep(lines);
        }}
      />
      <p id={`${id}-hint`} className={`mt-1 text-xs ${problem === undefined ? 'text-faint' : 'text-danger'}`}>
        {problem ?? strings.settings.stopStringsHint}
      </p>
    </div>
  );
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function problemOf(lines: readonly string[]): string | undefined {
  const fits = lines.length <= mostStrings && lines.every((line) => line.length <= longestString);
  return fits ? undefined : strings.settings.stopStringsRange(mostStrings, longestString);
}
