import { type ReactNode, useId, useState } from 'react';
import type { Prompt } from '../../preload/contract.ts';
import { longestPrompt, longestPromptName } from '../../preload/contract/values.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { partsOf, variablesOf } from './template.ts';

/** Name and text of one prompt. Ctrl+Enter saves. */
export function PromptEditor({
  prompt,
  onSave,
  onCancel,
}: {
  readonly prompt: Prompt;
  readonly onSave: (prompt: Prompt) => void;
  readonly onCancel: () => void;
}): ReactNode {
  const words = strings.prompts;
  const id = useId();
  const [name, setName] = useState(prompt.name);
  const [text, setText] = useState(prompt.text);
  const whole = name.trim() !== '' && text.trim() !== '';
  const variables = variablesOf(partsOf(text));
  const save = (): void => {
    if (whole) onSave({ ...prompt, name: name.trim(), text });
  };
  const field =
    'mt-1.5 w-full rounded-lg border border-line-strong bg-canvas px-3 py-2 text-sm outline-none focus:border-accent';
  return (
    <form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
      }}
    >
      <div className="min-h-0 space-y-4 overflow-y-auto px-6 pt-1">
        <div>
          <label htmlFor={`${id}-name`} className="block text-sm">
            {words.name}
          </label>
          <input
            id={`${id}-name`}
            type="text"
            value={name}
            maxLength={longestPromptName}
            autoComplete="off"
            data-first-focus
            className={field}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <div>
          <label htmlFor={`${id}-text`} className="block text-sm">
            {words.text}
          </label>
          <textarea
            id={`${id}-text`}
            rows={8}
            value={text}
            maxLength={longestPrompt}
            autoComplete="off"
            aria-describedby={`${id}-hint`}
            className={`${field} field-sizing-content max-h-80 min-h-40 resize-none`}
            onChange={(event) => setText(event.target.value)}
          />
          <p id={`${id}-hint`} className="mt-1 text-xs text-faint">
            {words.hint}
          </p>
          <p role="status" className="mt-1 min-h-4 text-xs text-muted wrap-anywhere">
            {variables.length > 0 && words.variablesFound(variables)}
          </p>
        </div>
      </div>
      <div className="flex justify-end gap-2 px-6 pt-4 pb-6">
        <Button look="quiet" onClick={onCancel}>
          {words.cancel}
        </Button>
        <Button look="solid" type="submit" disabled={!whole}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}
