import { ExternalLink } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import type { FitReason, PublishedModel } from '../../preload/contract.ts';
import { askToOpen } from '../links/store.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { bytes, count, short } from '../ui/format.ts';

/** One published model: its facts, why it suits this computer or does not, and the way to its page. */
export function PublishedCard({
  model,
  gigabytes,
}: {
  readonly model: PublishedModel;
  /** Memory of this computer. */
  readonly gigabytes: number;
}): ReactNode {
  const { name, publisher, page, files, how, reason } = model;
  const titleId = useId();
  return (
    <li
      aria-labelledby={titleId}
      className="flex items-start gap-x-6 gap-y-3 border-b border-line px-5 py-4 last:border-b-0 max-[640px]:flex-col"
    >
      <div className="min-w-0 flex-1">
        <h3 id={titleId} className="text-sm wrap-anywhere">
          <span className="font-semibold">{name}</span>{' '}
          <span className="text-muted">{strings.getModels.by(publisher)}</span>
        </h3>
        <p className="mt-1 text-sm">{whyOf(reason, gigabytes)}</p>
        <p className="mt-1 text-xs text-muted tabular-nums">
          {[...factsOf(model), strings.getModels.how[how]].join(' · ')}
        </p>
        {files !== undefined && (
          <p className="mt-1 text-xs text-muted">
            {strings.getModels.download}: <span className="font-mono wrap-anywhere">{files.join(', ')}</span>
          </p>
        )}
      </div>
      <Button
        aria-label={strings.getModels.openPageOf(name, publisher)}
        className="shrink-0"
        onClick={() => askToOpen(page)}
      >
        {strings.getModels.openPage}
        <ExternalLink aria-hidden="true" className="size-3.5" />
      </Button>
    </li>
  );
}

/** Only the facts that are known. The size is already in the reason if nothing else takes memory. */
function factsOf(model: PublishedModel): readonly string[] {
  const { bytes: size, contextLength, parameters, license, backend, prefill, stateful, reason } = model;
  const isSaid = 'neededBytes' in reason && reason.neededBytes === size;
  return [
    ...(size === undefined || isSaid ? [] : [strings.getModels.fileSize(bytes(size))]),
    strings.getModels.runsOn[backend],
    ...(contextLength === undefined ? [] : [strings.library.tokens(count(contextLength))]),
    ...(parameters === undefined ? [] : [strings.getModels.parameters(short(parameters))]),
    ...(license === undefined ? [] : [license]),
    ...(prefill === undefined ? [] : [strings.getModels.singlePrefill]),
    ...(stateful === undefined ? [] : [strings.getModels.stateful]),
  ];
}

function whyOf(reason: FitReason, gigabytes: number): string {
  const { reasons } = strings.getModels;
  switch (reason.why) {
    case 'fits':
      return reasons.fits(bytes(reason.neededBytes), gigabytes);
    case 'tight':
      return reasons.tight(bytes(reason.neededBytes), gigabytes);
    case 'too-large':
      return reasons.tooLarge(bytes(reason.neededBytes), gigabytes);
    case 'size-unknown':
      return reasons.sizeUnknown;
    case 'other-chip':
      return reasons.otherChip(reason.chips);
  }
}
