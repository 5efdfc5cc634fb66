import { type ReactNode, useState } from 'react';
import { longestStopString, mostStopStrings } from '../../preload/contract/values.ts';
import { strings } from '../strings/index.ts';
import { TextArea } from '../ui/text-area.tsx';

/** Stop strings, one per line, committed when the field loses focus. */
export function StopStringsField({
  value,
  placeholder,
  onKeep,
}: {
  readonly value: readonly string[];
  /** Value that applies while the field is empty. */
  readonly placeholder: readonly string[];
  readonly onKeep: (lines: string[]) => void;
}): ReactNode {
  const [text, setText] = useState<string>();
  const before = value.join('\n');
  const lines = linesOf(text ?? before);
  const problem = problemOf(lines);
  return (
    <TextArea
      label={strings.settings.stopStrings}
      hint={strings.settings.stopStringsHint}
      problem={problem}
      maxLength={mostStopStrings * (longestStopString + 1)}
      value={text ?? before}
      placeholder={placeholder.join('\n')}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => {
        if (text === undefined || problem !== undefined) return;
        setText(undefined);
        if (lines.join('\n') !== before) onKeep(lines);
      }}
    />
  );
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function problemOf(lines: readonly string[]): string | undefined {
  const fits = lines.length <= mostStopStrings && lines.every((line) => line.length <= longestStopString);
  return fits ? undefined : strings.settings.stopStringsRange(mostStopStrings, longestStopString);
}
