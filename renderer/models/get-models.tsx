/** The page “Get models”: published models that the app knows, the most suitable for this computer first. */
import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { PublishedModel, PublishedModels } from '../../preload/contract.ts';
import { fitGroups } from '../../preload/contract/values.ts';
import { call } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { day } from '../ui/format.ts';
import { showModels } from '../ui/screen.ts';
import { showError } from '../ui/toasts-store.ts';
import { PublishedCard } from './published-card.tsx';

export function GetModelsScreen(): ReactNode {
  const published = usePublished();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <main className="flex min-h-0 flex-1 flex-col overflow-y-auto" data-testid="get-models">
      <div className="mx-auto w-full max-w-[56rem] px-8 pt-3 pb-12 max-[640px]:px-5">
        <Button look="quiet" className="-ml-3" onClick={() => showModels()}>
          <ArrowLeft aria-hidden="true" className="size-4" />
          {strings.library.back}
        </Button>
        <h1
          ref={heading}
          tabIndex={-1}
          className="mt-3 font-display text-xl font-semibold tracking-[-0.018em] outline-none"
        >
          {strings.getModels.title}
        </h1>
        <p className="mt-2 max-w-[42rem] text-sm text-muted">{strings.getModels.intro}</p>
        {published && <Groups published={published} />}
      </div>
    </main>
  );
}

function usePublished(): PublishedModels | undefined {
  const [published, setPublished] = useState<PublishedModels>();
  useEffect(() => {
    let isShown = true;
    void call('models.published', {}).then((result) => {
      if (!isShown) return;
      if (result.ok) setPublished(result.value);
      else showError(result.error);
    });
    return () => {
      isShown = false;
    };
  }, []);
  return published;
}

function Groups({ published }: { readonly published: PublishedModels }): ReactNode {
  const { readOn, memoryBytes, chip, models } = published;
  // Memory is sold by 2^30 bytes, and everybody calls that a gigabyte.
  const gigabytes = Math.round(memoryBytes / 2 ** 30);
  const groups = Map.groupBy(models, ({ group }) => group);
  return (
    <>
      <p className="mt-4 text-sm">{strings.getModels.machine(gigabytes, chip)}</p>
      {chip !== undefined && <p className="mt-1 text-sm text-muted">{strings.getModels.npu}</p>}
      {fitGroups.map((group) => (
        <Group
          key={group}
          title={strings.getModels.groups[group]}
          gigabytes={gigabytes}
          models={groups.get(group) ?? []}
        >
          {group === 'fits' && strings.getModels.first}
        </Group>
      ))}
      {/* At noon, every time zone agrees on the day. */}
      <p className="mt-8 text-xs text-muted">{strings.getModels.readOn(day(Date.parse(`${readOn}T12:00`)))}</p>
    </>
  );
}

function Group({
  title,
  gigabytes,
  models,
  children,
}: {
  readonly title: string;
  readonly gigabytes: number;
  readonly models: readonly PublishedModel[];
  /** A note under the title. */
  readonly children: ReactNode;
}): ReactNode {
  const titleId = useId();
  if (models.length === 0) return null;
  return (
    <section className="mt-8">
      <h2 id={titleId} className="text-base font-semibold tracking-tight">
        {title}
      </h2>
      {children !== false && <p className="mt-0.5 text-xs text-muted">{children}</p>}
      <ul aria-labelledby={titleId} className="mt-3 rounded-2xl border border-line bg-raised">
        {models.map((model) => (
          <PublishedCard key={model.id} model={model} gigabytes={gigabytes} />
        ))}
      </ul>
    </section>
  );
}
