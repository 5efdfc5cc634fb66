import { Download, Flame, Pin } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode, RefObject } from 'react';
import type { CallOutputs, Result } from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { showError, showToast } from '../ui/toasts-store.ts';
import { partsOf, reportedParts } from './parts.ts';
import { drawPicture } from './picture.ts';
import { type ShownRun, useLatency } from './store.ts';

const item =
  'flex h-8 cursor-pointer items-center rounded-md px-2 text-sm outline-none select-none data-highlighted:bg-hover';

/** Actions on the run in the panel. */
export function Actions({
  panel,
  shown,
}: {
  readonly panel: RefObject<HTMLElement | null>;
  readonly shown: ShownRun;
}): ReactNode {
  const { pinned, heat } = useLatency();
  return (
    <>
      <IconButton
        name={pinned ? strings.latency.unpin : strings.latency.pin}
        aria-pressed={pinned !== undefined}
        className="aria-pressed:text-accent"
        onClick={() => useLatency.setState({ pinned: pinned ? undefined : shown })}
      >
        <Pin />
      </IconButton>
      <IconButton
        name={strings.latency.heat}
        aria-pressed={heat}
        className="aria-pressed:text-accent"
        onClick={() => useLatency.setState({ heat: !heat })}
      >
        <Flame />
      </IconButton>
      <SaveMenu panel={panel} shown={shown} />
    </>
  );
}

/** Saves the times of the run as CSV, or its plot as PNG. */
function SaveMenu({
  panel,
  shown,
}: {
  readonly panel: RefObject<HTMLElement | null>;
  readonly shown: ShownRun;
}): ReactNode {
  const { run } = shown;
  const { messageId } = run;

  const savePicture = async (): Promise<void> => {
    const parts = reportedParts(run.tokens.map(partsOf));
    const png = panel.current && drawPicture(panel.current, shown, parts);
    if (png) tell(await call('runs.savePicture', { messageId, png }));
  };
  const saveTable = async (): Promise<void> => tell(await call('runs.saveTable', { messageId }));
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <button
          type="button"
          aria-label={strings.latency.export}
          title={strings.latency.export}
          className="inline-flex size-8 shrink-0 items-center justify-center rounded-lg text-muted transition-colors hover:bg-hover hover:text-ink [&_svg]:size-[1.0625rem] [&_svg]:stroke-[1.75]"
        >
          <Download aria-hidden="true" />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="enter z-40 min-w-44 rounded-xl border border-line bg-raised p-1 shadow-high"
        >
          <DropdownMenu.Item className={item} onSelect={() => void saveTable()}>
            {strings.latency.saveTable}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={() => void savePicture()}>
            {strings.latency.savePicture}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function tell(result: Result<CallOutputs['runs.saveTable']>): void {
  if (!result.ok) showError(result.error);
  else if (result.value) showToast({ tone: 'plain', title: strings.latency.saved(result.value.path) });
}
