/** The library: all models with their facts and condition, or one model in detail. */
import { FileDown, FolderOpen, Search } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { ModelEntry } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Mark } from '../ui/mark.tsx';
import { showChat, showGetModels, useScreen } from '../ui/screen.ts';
import { type Filter, matches } from './facts.ts';
import { cardButtonId, ModelCard } from './model-card.tsx';
import { ModelDetailsView } from './model-details.tsx';
import { chooseModel, useModels } from './store.ts';

export function LibraryScreen(): ReactNode {
  const modelId = useScreen((screen) => (screen.name === 'models' ? screen.modelId : undefined));
  const model = useModels(({ models }) => models.find(({ id }) => id === modelId));
  const [text, setText] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  return (
    <main className="flex min-h-0 flex-1 flex-col overflow-y-auto" data-testid="library">
      {model ? (
        <ModelDetailsView key={model.id} model={model} />
      ) : (
        <Overview text={text} filter={filter} onText={setText} onFilter={setFilter} />
      )}
    </main>
  );
}

function Overview({
  text,
  filter,
  onText,
  onFilter,
}: {
  readonly text: string;
  readonly filter: Filter;
  readonly onText: (text: string) => void;
  readonly onFilter: (filter: Filter) => void;
}): ReactNode {
  const models = useModels((known) => known.models);
  const leftId = useScreen((screen) => (screen.name === 'models' ? screen.leftId : undefined));
  const shown = models.filter((model) => matches(model, text, filter));
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // Returning from a model restores the focus to it; otherwise the search field takes it.
    const card = leftId === undefined ? null : document.getElementById(cardButtonId(leftId));
    (card ?? field.current)?.focus();
  }, [leftId]);
  return (
    <div className="mx-auto w-full max-w-[72rem] px-8 pt-4 pb-10 max-[640px]:px-5">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <h1 className="font-display text-xl font-semibold tracking-[-0.018em]">{strings.library.title}</h1>
        <div className="flex items-center gap-2">
          <Button look="quiet" onClick={showChat}>
            {strings.library.backToChat}
          </Button>
          <Button look="quiet" onClick={showGetModels}>
            {strings.getModels.title}
          </Button>
          <Button onClick={() => void chooseModel()}>
            <FolderOpen aria-hidden="true" className="size-4" />
            {strings.model.open}
          </Button>
        </div>
      </div>
      {models.length === 0 ? (
        <Empty />
      ) : (
        <>
          <div className="mt-5 flex flex-wrap items-center gap-3">
            <SearchField field={field} text={text} onText={onText} />
            <FilterChoice filter={filter} onFilter={onFilter} />
          </div>
          <Results models={shown} />
          <p className="mt-8 flex items-center gap-2 text-xs text-faint">
            <FileDown aria-hidden="true" className="size-4 shrink-0 stroke-[1.75]" />
            {strings.library.drop}
          </p>
        </>
      )}
    </div>
  );
}

function SearchField({
  field,
  text,
  onText,
}: {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly text: string;
  readonly onText: (text: string) => void;
}): ReactNode {
  return (
    <div role="search" aria-label={strings.library.search} className="relative min-w-56 flex-1">
      <Search aria-hidden="true" className="pointer-events-none absolute top-2.5 left-3 size-4 text-faint" />
      <input
        ref={field}
        type="search"
        value={text}
        maxLength={200}
        aria-label={strings.library.search}
        placeholder={strings.library.search}
        className="h-9 w-full rounded-lg bg-hover pr-3 pl-9 text-sm outline-none placeholder:text-faint focus-visible:outline-2 focus-visible:-outline-offset-1 focus-visible:outline-accent [&::-webkit-search-cancel-button]:appearance-none"
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          if (text === '') showChat();
          else onText('');
        }}
      />
    </div>
  );
}

function Results({ models }: { readonly models: readonly ModelEntry[] }): ReactNode {
  const state = useModels((known) => known.state);
  return (
    <>
      <p role="status" className="sr-only">
        {strings.library.found(models.length)}
      </p>
      {models.length === 0 ? (
        <p className="mt-16 text-center text-sm text-muted">{strings.library.nothingFound}</p>
      ) : (
        <ul
          aria-label={strings.library.title}
          className="mt-5 grid grid-cols-[repeat(auto-fill,minmax(min(17.5rem,100%),1fr))] gap-4"
        >
          {models.map((model) => (
            <ModelCard key={model.id} model={model} state={state} />
          ))}
        </ul>
      )}
    </>
  );
}

function Empty(): ReactNode {
  return (
    <div className="mx-auto mt-[12vh] max-w-md text-center">
      <Mark className="mx-auto mb-5 size-10 text-accent" />
      <p className="text-base font-medium">{strings.library.empty}</p>
      <p className="mt-2 text-sm text-muted">{strings.library.emptyHint}</p>
    </div>
  );
}

function FilterChoice({
  filter,
  onFilter,
}: {
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}): ReactNode {
  const filters: readonly Filter[] = ['all', 'cpu', 'npu'];
  return (
    <fieldset className="flex rounded-lg bg-selected p-0.5">
      <legend className="sr-only">{strings.library.filter}</legend>
      {filters.map((choice) => (
        <label
          key={choice}
          className="cursor-pointer rounded-md px-3.5 py-1.5 text-sm text-muted transition-colors has-checked:bg-thumb has-checked:text-ink has-checked:shadow-low has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name="model-filter"
            value={choice}
            checked={choice === filter}
            className="sr-only"
            onChange={() => onFilter(choice)}
          />
          {strings.library.filters[choice]}
        </label>
      ))}
    </fieldset>
  );
}
