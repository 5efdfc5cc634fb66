import { type ReactNode, useState } from 'react';
import type { ExportForm } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Modal } from '../ui/modal.tsx';
import { askToExport, exportChats, type Leaving, useExchange } from './store.ts';

/** Asks for the format. The system's dialog asks for the name. */
export function ExportDialog(): ReactNode {
  const leaving = useExchange((state) => state.leaving);
  if (!leaving) return null;
  return (
    <Modal title={leaving.title} width="w-[28rem]" onClose={() => askToExport(undefined)}>
      <Forms leaving={leaving} />
    </Modal>
  );
}

const forms: readonly ExportForm[] = ['markdown', 'json'];

function Forms({ leaving }: { readonly leaving: Leaving }): ReactNode {
  const [chosen, setChosen] = useState<ExportForm>('markdown');
  const words = strings.exchange;
  return (
    <form
      className="px-6 pb-6"
      onSubmit={(event) => {
        event.preventDefault();
        void exportChats(leaving, chosen);
      }}
    >
      <fieldset>
        <legend className="sr-only">{words.form}</legend>
        <div className="rounded-xl border border-line">
          {forms.map((form) => (
            <label
              key={form}
              className="flex cursor-pointer items-center gap-3 border-b border-line px-4 py-2.5 first:rounded-t-xl last:rounded-b-xl last:border-b-0 hover:bg-hover has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent"
            >
              <input
                type="radio"
                name="form"
                value={form}
                checked={form === chosen}
                data-first-focus={form === 'markdown' ? '' : undefined}
                aria-describedby={`export-${form}`}
                className="size-4 shrink-0 accent-accent outline-none"
                onChange={() => setChosen(form)}
              />
              <span className="min-w-0 flex-1">
                <span className="block text-sm font-medium">{words.forms[form]}</span>
                <span id={`export-${form}`} className="block text-xs text-muted">
                  {words.formHints[form]}
                </span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={() => askToExport(undefined)}>{words.cancel}</Button>
        <Button look="solid" type="submit">
          {words.export}
        </Button>
      </div>
    </form>
  );
}
