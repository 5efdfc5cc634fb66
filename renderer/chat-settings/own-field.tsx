import { type ReactNode, useState } from 'react';
import type { GenerationOverrides } from '../../preload/contract.ts';
import { NumberInput, type NumberName } from '../settings/number-input.tsx';
import { useSettings } from '../settings/store.ts';
import { strings } from '../strings/index.ts';
import { TextArea } from '../ui/text-area.tsx';
import { setOwn } from './store.ts';

/** A number that is stored when the field loses focus. An empty field uses the value from Settings. */
export function OwnNumber({
  conversationId,
  name,
  own,
}: {
  readonly conversationId: string | undefined;
  readonly name: Exclude<NumberName, 'threads' | 'serverPort'>;
  readonly own: GenerationOverrides;
}): ReactNode {
  const usual = useSettings(({ settings }) => settings?.[name]);
  return (
    <NumberInput
      name={name}
      value={own[name] ?? undefined}
      placeholder={usual === null || usual === undefined ? strings.settings.anySeed : strings.formats.editable(usual)}
      onKeep={(value) => void setOwn(conversationId, name, value)}
    />
  );
}

/**
 * Text that is stored when the field loses focus. @param why Reason why the model cannot use it, which disables the
 * field
 */
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
  const [text, setText] = useState<string>();
  return (
    <TextArea
      label={label}
      hint={why ?? hint}
      maxLength={100_000}
      disabled={why !== undefined}
      value={text ?? value}
      placeholder={placeholder}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => {
        if (text !== undefined && text !== value) onKeep(text);
        setText(undefined);
      }}
    />
  );
}
