/** One model in detail, with its actions. */
import { ArrowLeft, FolderSearch, Trash2 } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ModelDetails, ModelEntry, ModelState } from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { ErrorNotice } from '../chat/notice.tsx';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { bytes, count } from '../ui/format.ts';
import { showModels } from '../ui/screen.ts';
import { showError } from '../ui/toasts-store.ts';
import { BenchmarkSection } from './benchmark-section.tsx';
import { ConditionLine } from './condition.tsx';
import { CpuOffer } from './cpu-offer.tsx';
import { conditionOf, factsOf } from './facts.ts';
import { FileActions, FileTrouble, LoadAnyway } from './import-entry.tsx';
import { LoadButton } from './load-button.tsx';
import { LoadProgress } from './load-progress.tsx';
import { Methods } from './methods.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import { Section } from './section.tsx';
import { removeModel, revealModel, useModels } from './store.ts';
import { TemplateSection } from './template-section.tsx';

export function ModelDetailsView({ model }: { readonly model: ModelEntry }): ReactNode {
  const state = useModels((models) => models.state);
  const details = useDetails(model);
  const own = 'modelId' in state && state.modelId === model.id ? state : undefined;
  return (
    <div className="mx-auto w-full max-w-[56rem] px-8 pt-3 pb-12 max-[640px]:px-5">
      <Button look="quiet" className="-ml-3" onClick={() => showModels()}>
        <ArrowLeft aria-hidden="true" className="size-4" />
        {strings.library.back}
      </Button>
      <Heading model={model} condition={conditionOf(model, state)} />
      <div className="mt-3 empty:hidden">
        <FileTrouble model={model} />
      </div>
      {own?.status === 'loading' && <LoadProgress state={own} className="mt-5" />}
      {own?.status === 'failed' && (
        <ErrorNotice
          error={own.error}
          className="mt-5"
          actions={
            <>
              <CpuOffer error={own.error} />
              <LoadAnyway state={own} />
            </>
          }
        />
      )}
      {own?.status !== 'failed' && details?.problem && <ErrorNotice error={details.problem} className="mt-5" />}
      <div className="mt-8 space-y-9">
        <About model={model} details={details} loaded={own?.status === 'ready' ? own : undefined} />
        <Section title={strings.benchmark.title}>
          <BenchmarkSection model={model} loaded={own?.status === 'ready'} />
        </Section>
        {own?.status === 'ready' && (
          <Section title={strings.library.template}>
            <TemplateSection model={own} />
          </Section>
        )}
        {details && <Files details={details} folder={model.folder} />}
        {details && details.methods.length > 0 && <Methods details={details} />}
      </div>
    </div>
  );
}

type ModelCondition = ReturnType<typeof conditionOf>;

/** Name, condition and actions. The name takes the focus when the model opens. */
function Heading({ model, condition }: { readonly model: ModelEntry; readonly condition: ModelCondition }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="mt-3 flex flex-wrap items-start justify-between gap-x-8 gap-y-4">
      <div className="min-w-0">
        <h1
          ref={heading}
          tabIndex={-1}
          className="font-display text-xl font-semibold tracking-[-0.018em] wrap-anywhere outline-none"
        >
          {model.name}
        </h1>
        <div className="mt-1.5">
          <ConditionLine condition={condition} />
        </div>
      </div>
      <Actions model={model} condition={condition} />
    </div>
  );
}

/** Reads the details again after each load and each check of the files. */
function useDetails(model: ModelEntry): ModelDetails | undefined {
  const [details, setDetails] = useState<ModelDetails>();
  useEffect(() => {
    let current = true;
    void call('models.details', { id: model.id }).then((result) => {
      if (!current) return;
      if (result.ok) setDetails(result.value);
      else showError(result.error);
    });
    return () => {
      current = false;
    };
  }, [model]);
  return details;
}

function Actions({ model, condition }: { readonly model: ModelEntry; readonly condition: ModelCondition }): ReactNode {
  const [removing, setRemoving] = useState(false);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <LoadButton model={model} condition={condition} />
      {model.available && (
        <Button onClick={() => void revealModel(model.id)}>
          <FolderSearch aria-hidden="true" className="size-4" />
          {strings.library.reveal}
        </Button>
      )}
      <FileActions model={model} />
      {!model.bundled && (
        <Button
          onClick={() => {
            if (model.owned) setRemoving(true);
            else {
              showModels();
              void removeModel(model);
            }
          }}
        >
          <Trash2 aria-hidden="true" className="size-4" />
          {strings.library.remove}
        </Button>
      )}
      {removing && <RemoveDialog model={model} onClose={() => setRemoving(false)} onRemoved={() => showModels()} />}
    </div>
  );
}

function About({
  model,
  details,
  loaded,
}: {
  readonly model: ModelEntry;
  readonly details: ModelDetails | undefined;
  readonly loaded: Extract<ModelState, { status: 'ready' }> | undefined;
}): ReactNode {
  const { facts, runsOn, tokenizers } = strings.library;
  const { compiledFor, tokenizer, vocabSize, stateBytes, rewinds, unusedMedia } = details ?? {};
  const rows: readonly (readonly [string, string | undefined])[] = [
    ...factsOf(model),
    [facts.state, stateBytes === undefined || stateBytes === 0 ? undefined : bytes(stateBytes)],
    [facts.unused, unusedMedia?.map((medium) => strings.library.media[medium]).join(', ')],
    [facts.warning, compiledFor?.otherChip && strings.library.otherChip(compiledFor.chip, compiledFor.otherChip)],
    [facts.edits, rewinds === false ? strings.library.readsAgain : undefined],
    ...npuRows(details, loaded?.npu?.release),
    [facts.memory, loaded && bytes(loaded.residentBytes)],
    [facts.vocabulary, vocabSize === undefined ? undefined : strings.library.tokens(count(vocabSize))],
    [
      facts.tokenizer,
      tokenizer &&
        `${Object.hasOwn(tokenizers, tokenizer.kind) ? tokenizers[tokenizer.kind as keyof typeof tokenizers] : tokenizer.kind}, ${strings.library.tokens(count(tokenizer.vocabSize))}`,
    ],
    [
      facts.compiled,
      compiledFor &&
        `${strings.library.compiled(compiledFor.parts, compiledFor.contextBytes)}, ${runsOn[compiledFor.runsOn]}`,
    ],
  ];
  return (
    <Section title={strings.library.about}>
      <dl className="grid grid-cols-2 gap-x-10 gap-y-1.5 text-sm max-[760px]:grid-cols-1">
        {rows.map(
          ([name, value]) =>
            value !== undefined && (
              <div key={name} className="flex items-baseline justify-between gap-6">
                <dt className="shrink-0 text-muted">{name}</dt>
                <dd className="min-w-0 text-right wrap-anywhere tabular-nums">{value}</dd>
              </div>
            ),
        )}
      </dl>
    </Section>
  );
}

/** For models whose files name the release of QNN: the release, and the memory for graphs, weights and KV cache. */
function npuRows(
  { compiledFor, stateBytes = 0 }: Partial<ModelDetails> = {},
  here: string | undefined,
): readonly (readonly [string, string])[] {
  if (compiledFor?.release === undefined) return [];
  const { facts, madeWith, needsAbout, needsMoreThan } = strings.library;
  const size = bytes(compiledFor.contextBytes + stateBytes);
  return [
    [facts.release, madeWith(compiledFor.release, here)],
    [facts.needs, stateBytes === 0 ? needsMoreThan(size) : needsAbout(size)],
  ];
}

function Files({ details, folder }: { readonly details: ModelDetails; readonly folder: string }): ReactNode {
  return (
    <Section title={strings.library.files}>
      <p className="mb-2 text-xs wrap-anywhere text-faint">{folder}</p>
      <ul className="space-y-1 text-sm">
        {details.files.map(({ name, bytes: size }) => (
          <li key={name} className="flex justify-between gap-6">
            <span className="min-w-0 wrap-anywhere">{name}</span>
            <span className="shrink-0 text-muted tabular-nums">
              {size === undefined ? strings.library.missingFile : bytes(size)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
