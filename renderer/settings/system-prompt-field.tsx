import { type ReactNode, useId, useState } from 'react';
import { strings } from '../strings/index.ts';
import { changeSettings } from './store.ts';

export function SystemPromptField({ value }: { readonly value: string }): ReactNode {
  const id = useId();
  const [text, setText] = useState(value);
  return (
    <div>
      <label htmlFor={id} className="block text-sm">
        {strings.settings.systemPrompt}
      </label>
      <textarea
        id={id}
        rows={2}
        maxLength={100_000}
        value={text}
        aria-describedby={`${id}-hint`}
        className="mt-1.5 field-sizing-content max-h-48 min-h-16 w-full resize-none rounded-lg border border-line-strong bg-canvas px-3 py-2 text-sm outline-none focus:border-accent"
        onChange={(event) => setText(event.target.value)}
        onBlur={() => {
          if (text !== value) void changeSettings({ systemPrompt: text });
        }}
      />
      <p id={`${id}-hint`} className="mt-1 text-xs text-faint">
        {strings.settings.systemPromptHint}
      </p>
    </div>
  );
}
