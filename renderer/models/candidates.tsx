/** Several files for one part: the person chooses one. Programs are shown with their size, backend and context. */
import { type ReactNode, useState } from 'react';
import type { AdditionState, ProgramSketch } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { bytes, count } from '../ui/format.ts';
import { chooseCandidate } from './import-store.ts';
import { Unusable } from './unusable-files.tsx';

type Asking = Extract<AdditionState, { status: 'asking' }>;
type Option = NonNullable<Asking['question']>['options'][number];

export function Candidates({
  state: { id, unusable, cut },
  question: { part, options },
  onCancel,
}: {
  readonly state: Asking;
  readonly question: NonNullable<Asking['question']>;
  readonly onCancel: () => void;
}): ReactNode {
  const [chosen, setChosen] = useState<string>();
  const shared = commonFolder(options.map(({ folder }) => folder));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen !== undefined) void chooseCandidate(id, part, chosen);
      }}
    >
      <fieldset>
        <legend className="text-sm">{strings.files.question[part]}</legend>
        {shared !== '' && <p className="mt-1 text-xs wrap-anywhere text-muted">{strings.files.inFolder(shared)}</p>}
        <div className="mt-3 max-h-72 overflow-y-auto rounded-xl border border-line">
          {options.map((option) => (
            <OptionRow
              key={option.path}
              option={option}
              folder={option.folder.slice(shared.length).replace(/^[\\/]/, '')}
              isChosen={option.path === chosen}
              onChoose={() => setChosen(option.path)}
            />
          ))}
        </div>
      </fieldset>
      {cut && <p className="mt-3 text-xs text-muted">{strings.files.cut}</p>}
      <Unusable files={unusable} />
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onCancel}>{strings.files.cancel}</Button>
        <Button look="solid" type="submit" disabled={chosen === undefined}>
          {strings.files.use}
        </Button>
      </div>
    </form>
  );
}

function OptionRow({
  option: { path, name, sketch },
  folder,
  isChosen,
  onChoose,
}: {
  readonly option: Option;
  /** Below the folder that all options share. */
  readonly folder: string;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}): ReactNode {
  const facts = sketch === undefined ? [] : factsOf(sketch);
  return (
    <label className="flex cursor-pointer items-center gap-3 border-b border-line px-4 py-2.5 first:rounded-t-xl last:rounded-b-xl last:border-b-0 hover:bg-hover has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent">
      <input
        type="radio"
        name="candidate"
        value={path}
        checked={isChosen}
        className="size-4 shrink-0 accent-accent outline-none"
        onChange={onChoose}
      />
      <span className="min-w-0 flex-1">
        <span className="block text-sm font-medium wrap-anywhere">{name}</span>
        {facts.length > 0 && <span className="block text-xs tabular-nums">{facts.join(' · ')}</span>}
        {folder !== '' && <span className="block text-xs wrap-anywhere text-muted">{folder}</span>}
      </span>
    </label>
  );
}

/** The facts that are known, in the order of a person's question: how large, how exact, where, how long. */
function factsOf({ size, precision, backend, contextLength, bytes: fileBytes }: ProgramSketch): readonly string[] {
  return [
    ...(size === undefined ? [] : [size]),
    ...(precision === undefined ? [] : [precision]),
    ...(backend === undefined ? [] : [backend]),
    ...(contextLength === undefined ? [] : [strings.library.tokens(count(contextLength))]),
    ...(fileBytes === undefined ? [] : [bytes(fileBytes)]),
  ];
}

/** The folder that has all of these, without a separator at its end; empty if they are on different drives. */
function commonFolder(folders: readonly string[]): string {
  const [first = [], ...others] = folders.map((folder) => folder.split(/(?=[\\/])/));
  let length = first.length;
  for (const other of others) {
    while (length > 0 && !first.slice(0, length).every((part, index) => part === other[index])) length--;
  }
  return first.slice(0, length).join('');
}
