import { type ReactNode, useState } from 'react';
import { strings } from '../strings/index.ts';
import { TextArea } from '../ui/text-area.tsx';
import { changeSettings } from './store.ts';

export function SystemPromptField({ value }: { readonly value: string }): ReactNode {
  const [text, setText] = useState(value);
  return (
    <TextArea
      label={strings.settings.systemPrompt}
      hint={strings.settings.systemPromptHint}
      maxLength={100_000}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => {
        if (text !== value) void changeSettings({ systemPrompt: text });
      }}
    />
  );
}
