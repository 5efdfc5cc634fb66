import { Check, FolderOpen, LayoutGrid, MessagesSquare, Power, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ModelEntry, ModelState } from '../../preload/contract.ts';
import { ErrorNotice } from '../chat/notice.tsx';
import { strings } from '../strings/index.ts';
import { CpuOffer } from './cpu-offer.tsx';
import { FileActions, FileTrouble, LoadAnyway } from './import-entry.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { writtenKeys } from '../ui/keys.tsx';
import { showModels } from '../ui/screen.ts';
import { chooseModel, loadModel, removeModel, showTemplate, unloadModel, useModels } from './store.ts';

const row =
  'flex w-full min-w-0 items-center gap-3 rounded-lg px-3 py-2 text-left text-sm transition-colors hover:bg-hover disabled:opacity-55 disabled:hover:bg-transparent';

/** The list of models and the state of the loaded one. */
export function ModelPanel({ onDone }: { readonly onDone: () => void }): ReactNode {
  const { models, state } = useModels();
  return (
    <>
      {state.status === 'failed' && (
        <div className="p-2 pb-0">
          <ErrorNotice
            error={state.error}
            actions={
              <>
                <CpuOffer error={state.error} />
                <LoadAnyway state={state} />
              </>
            }
          />
        </div>
      )}
      <h2 className="px-5 pt-3.5 pb-1 text-xs font-medium text-muted">{strings.model.menu}</h2>
      {models.length === 0 ? (
        <p className="px-5 pb-3 text-sm text-muted">{strings.model.empty}</p>
      ) : (
        <ul className="max-h-72 overflow-y-auto px-2 pb-2">
          {models.map((model) => (
            <Row key={model.id} model={model} state={state} onDone={onDone} />
          ))}
        </ul>
      )}
      <PanelActions state={state} onDone={onDone} />
    </>
  );
}

function PanelActions({ state, onDone }: { readonly state: ModelState; readonly onDone: () => void }): ReactNode {
  const after = (run: () => void) => (): void => {
    onDone();
    run();
  };
  return (
    <div className="border-t border-line p-2">
      <button type="button" className={row} onClick={after(() => showModels())}>
        <LayoutGrid aria-hidden="true" className="size-4 shrink-0 text-muted" />
        <span className="flex-1">{strings.library.show}</span>
        <kbd aria-hidden="true" className="font-sans text-xs text-faint">
          {writtenKeys('Ctrl+Shift+M')}
        </kbd>
      </button>
      <button type="button" className={row} onClick={after(() => void chooseModel())}>
        <FolderOpen aria-hidden="true" className="size-4 shrink-0 text-muted" />
        {strings.model.open}
      </button>
      {state.status === 'ready' && (
        <>
          <button type="button" className={row} onClick={after(() => showTemplate(true))}>
            <MessagesSquare aria-hidden="true" className="size-4 shrink-0 text-muted" />
            {strings.template.open}
          </button>
          <button type="button" className={row} onClick={() => void unloadModel()}>
            <Power aria-hidden="true" className="size-4 shrink-0 text-muted" />
            {strings.model.unloadNamed(state.name)}
          </button>
        </>
      )}
    </div>
  );
}

function Row({
  model,
  state,
  onDone,
}: {
  readonly model: ModelEntry;
  readonly state: ModelState;
  readonly onDone: () => void;
}): ReactNode {
  const loaded = state.status === 'ready' && state.modelId === model.id ? state : undefined;
  const facts = loaded
    ? [strings.model.resident(loaded.residentBytes), strings.model.context(loaded.contextLength)].join(' · ')
    : strings.model.facts(model.bytes, model.target, model.license);
  return (
    <li className="flex items-center gap-1">
      <button
        type="button"
        aria-current={loaded !== undefined}
        disabled={!model.available}
        className={row}
        onClick={() => {
          onDone();
          if (!loaded) void loadModel(model.id);
        }}
      >
        <Check aria-hidden="true" className={`size-4 shrink-0 text-accent ${loaded ? '' : 'invisible'}`} />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{model.name}</span>
          <span className="block truncate text-xs text-muted">{facts}</span>
          <FileTrouble model={model} />
        </span>
      </button>
      <FileActions model={model} />
      {!model.bundled && (
        <IconButton name={strings.model.remove(model.name)} onClick={() => void removeModel(model)}>
          <X />
        </IconButton>
      )}
    </li>
  );
}
