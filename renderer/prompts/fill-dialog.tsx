import { type ReactNode, useId, useState } from 'react';
import { maxMessageCharacters } from '../../preload/contract/values.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Modal } from '../ui/modal.tsx';
import { type Asking, answerVariables, usePrompts, variableLabel } from './store.ts';

/** Asks for the variables of a prompt. Enter inserts the prompt, Shift+Enter starts a new line. */
export function FillDialog(): ReactNode {
  const asking = usePrompts((state) => state.asking);
  return asking && <Form key={asking.prompt.id} asking={asking} />;
}

function Form({ asking: { prompt, asked } }: { readonly asking: Asking }): ReactNode {
  const [answers, setAnswers] = useState<ReadonlyMap<string, string>>(new Map());
  const insert = (): void => answerVariables(answers);
  return (
    <Modal title={prompt.name} width="w-[32rem]" onClose={() => answerVariables(undefined)}>
      <form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          insert();
        }}
      >
        <div className="space-y-4 overflow-y-auto px-6 pt-1 pb-1">
          {asked.map((name, index) => (
            <Field
              key={name}
              label={variableLabel(name)}
              value={answers.get(name) ?? ''}
              first={index === 0}
              onChange={(value) => setAnswers(new Map([...answers, [name, value]]))}
              onSubmit={insert}
            />
          ))}
        </div>
        <div className="flex flex-wrap items-center justify-end gap-2 px-6 pt-5 pb-6">
          <Button look="quiet" onClick={() => answerVariables(undefined)}>
            {strings.prompts.cancel}
          </Button>
          <Button look="solid" type="submit">
            {strings.prompts.insert}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Field({
  label,
  value,
  first,
  onChange,
  onSubmit,
}: {
  readonly label: string;
  readonly value: string;
  readonly first: boolean;
  readonly onChange: (value: string) => void;
  readonly onSubmit: () => void;
}): ReactNode {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="block text-sm wrap-anywhere">
        {label}
      </label>
      <textarea
        id={id}
        rows={1}
        value={value}
        maxLength={maxMessageCharacters}
        autoComplete="off"
        data-first-focus={first ? '' : undefined}
        className="mt-1.5 field-sizing-content max-h-48 w-full resize-none rounded-lg border border-line-strong bg-canvas px-3 py-2 text-sm outline-none focus:border-accent"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          onSubmit();
        }}
      />
    </div>
  );
}
