import { CircleAlert } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { AdditionState, ModelPart } from '../../preload/contract.ts';
import { ErrorNotice } from '../chat/notice.tsx';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Modal } from '../ui/modal.tsx';
import { Candidates } from './candidates.tsx';
import { cancelImport, finishImport, locateMissing, useImport } from './import-store.ts';
import { Unusable } from './unusable-files.tsx';

type Asking = Extract<AdditionState, { status: 'asking' }>;
type Shown = Exclude<AdditionState, { status: 'copying' }>;

/** Questions before a model can open, and the reason when opened files contain no model. */
export function ImportDialog(): ReactNode {
  const { state, error } = useImport();
  if (state === undefined || state.status === 'copying') return null;
  return (
    <Modal key={state.id} title={titleOf(state)} width="w-[34rem]" onClose={() => void cancelImport(state.id)}>
      <div className="space-y-4 overflow-y-auto px-6 pb-6">
        {error !== undefined && <ErrorNotice error={error} />}
        {state.status === 'asking' && <Questions state={state} />}
        {state.status === 'failed' && (
          <>
            <ErrorNotice error={state.error} />
            <Footer>
              <Button look="solid" onClick={() => void cancelImport(state.id)}>
                {strings.files.close}
              </Button>
            </Footer>
          </>
        )}
      </div>
    </Modal>
  );
}

function titleOf(state: Shown): string {
  return state.status === 'failed' ? strings.files.failedTitle : strings.files.askingTitle(state.name);
}

function Questions({ state }: { readonly state: Asking }): ReactNode {
  const { id, found, question, missing, unpacked, unusable, cut } = state;
  const [copy, setCopy] = useState(false);
  if (question !== undefined) {
    return (
      <Candidates
        key={`${question.part} ${question.options.map(({ path }) => path).join()}`}
        state={state}
        question={question}
        onCancel={() => void cancelImport(id)}
      />
    );
  }
  return (
    <>
      {missing.length > 0 && (
        <ul className="space-y-2">
          {missing.map(({ part, name, weight }) => (
            <Missing key={`${part} ${name ?? weight ?? ''}`} id={id} part={part} what={nameOf(part, name, weight)} />
          ))}
        </ul>
      )}
      <Unusable files={unusable} />
      {cut && <p className="text-xs text-muted">{strings.files.cut}</p>}
      <Found files={found} />
      <CopyChoice copy={copy} unpacked={unpacked} onChange={setCopy} />
      <Footer>
        <Button onClick={() => void cancelImport(id)}>{strings.files.cancel}</Button>
        <OpenButton ready={missing.length === 0} onOpen={() => void finishImport(id, copy)} />
      </Footer>
    </>
  );
}

function nameOf(part: ModelPart, name: string | undefined, weight: string | undefined): string {
  return name ?? (weight === undefined ? strings.files.missingNames[part] : strings.files.missingWeight(weight));
}

function Missing({
  id,
  part,
  what,
}: {
  readonly id: string;
  readonly part: ModelPart;
  readonly what: string;
}): ReactNode {
  return (
    <li className="flex items-center gap-3 rounded-xl border border-danger-line bg-danger-soft px-4 py-3 text-sm">
      <CircleAlert aria-hidden="true" className="size-4 shrink-0 text-danger" />
      <div className="min-w-0 flex-1 wrap-anywhere">
        <p className="font-medium">{strings.files.missing(what)}</p>
        <p className="text-xs text-muted">
          {part === 'tokenizer' ? strings.files.tokenizerHint : strings.files.dropHint}
        </p>
      </div>
      <div className="flex shrink-0 flex-col gap-1.5">
        <Button aria-label={strings.files.chooseFor(what)} onClick={() => void locateMissing(id, part)}>
          {strings.files.choose}
        </Button>
        {part === 'tokenizer' && (
          <Button aria-label={strings.files.chooseFolderFor(what)} onClick={() => void locateMissing(id, part, true)}>
            {strings.files.chooseFolder}
          </Button>
        )}
      </div>
    </li>
  );
}

function Found({ files }: { readonly files: Asking['found'] }): ReactNode {
  const titleId = useId();
  if (files.length === 0) return null;
  return (
    <section>
      <h3 id={titleId} className="text-xs font-medium text-muted">
        {strings.files.found}
      </h3>
      <ul aria-labelledby={titleId} className="mt-1.5 rounded-xl border border-line">
        {files.map(({ part, path, name, folder }) => (
          <li key={path} className="flex items-baseline gap-4 border-b border-line px-4 py-2 text-sm last:border-b-0">
            <span className="w-36 shrink-0 text-muted">{strings.files.parts[part]}</span>
            <span className="min-w-0 flex-1">
              <span className="block wrap-anywhere">{name}</span>
              <span className="block text-xs wrap-anywhere text-muted">{folder}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function CopyChoice({
  copy,
  unpacked,
  onChange,
}: {
  readonly copy: boolean;
  readonly unpacked: boolean;
  readonly onChange: (copy: boolean) => void;
}): ReactNode {
  const hintId = useId();
  if (unpacked) return <p className="text-xs text-muted">{strings.files.unpackedHint}</p>;
  return (
    <label className="flex cursor-pointer items-start gap-3 text-sm">
      <input
        type="checkbox"
        checked={copy}
        aria-describedby={hintId}
        className="mt-0.5 size-4 shrink-0 accent-accent"
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {strings.files.copy}
        <span id={hintId} className="block text-xs text-muted">
          {strings.files.copyHint}
        </span>
      </span>
    </label>
  );
}

/** Takes the focus when the last missing file is chosen, because the button for it is gone. */
function OpenButton({ ready, onOpen }: { readonly ready: boolean; readonly onOpen: () => void }): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (ready) button.current?.focus();
  }, [ready]);
  return (
    <>
      <span role="status" className="sr-only">
        {ready ? strings.files.openSpoken : ''}
      </span>
      <Button ref={button} look="solid" disabled={!ready} onClick={onOpen}>
        {strings.files.open}
      </Button>
    </>
  );
}

function Footer({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="mt-5 flex justify-end gap-2">{children}</div>;
}
