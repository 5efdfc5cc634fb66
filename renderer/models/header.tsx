import clsx from 'clsx';
import { Activity, ChevronDown, PanelLeft, SquarePen } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type ReactNode, useRef, useState } from 'react';
import type { ModelState } from '../../preload/contract.ts';
import { openConversation } from '../conversations/store.ts';
import { TemporaryPart } from '../conversations/temporary-part.tsx';
import { ServerMark } from '../server/server-mark.tsx';
import { strings } from '../strings/index.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { useLayout } from '../ui/layout.ts';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { useScreen } from '../ui/screen.ts';
import { ModelPanel } from './model-panel.tsx';
import { useModels } from './store.ts';

/** The model in use, always visible: its name, where it runs, and its state. */
export function Header(): ReactNode {
  const { sidebar, toggleSidebar, latency, toggleLatency } = useLayout();
  return (
    <header className="flex h-14 shrink-0 items-center gap-1 px-3">
      {!sidebar && (
        <>
          <IconButton name={strings.sidebar.show} keys="Ctrl+B" onClick={toggleSidebar}>
            <PanelLeft />
          </IconButton>
          <IconButton name={strings.sidebar.newChat} keys="Ctrl+N" onClick={() => openConversation(undefined)}>
            <SquarePen />
          </IconButton>
        </>
      )}
      <ModelButton />
      <TemporaryPart />
      <ServerMark />
      <IconButton
        name={latency ? strings.latency.hide : strings.latency.show}
        keys="Ctrl+Shift+L"
        aria-pressed={latency}
        className="aria-pressed:text-accent"
        onClick={toggleLatency}
      >
        <Activity />
      </IconButton>
    </header>
  );
}

function ModelButton(): ReactNode {
  const [open, setOpen] = useState(false);
  const screen = useRef(useScreen.getState());
  const state = useModels((models) => models.state);
  const name = nameOf(state);
  const status = statusOf(state);
  return (
    <Popover.Root
      open={open}
      onOpenChange={(opens) => {
        screen.current = useScreen.getState();
        setOpen(opens);
      }}
    >
      <div className="flex min-w-0 items-center gap-3">
        <Popover.Trigger
          aria-label={strings.model.current(name, status)}
          className="flex h-9 min-w-0 items-center gap-2 rounded-lg px-2.5 text-sm font-medium transition-colors hover:bg-hover data-[state=open]:bg-hover"
        >
          <StatusDot state={state} />
          <span className="truncate">{name}</span>
          <ChevronDown aria-hidden="true" className="size-3.5 shrink-0 text-faint" />
        </Popover.Trigger>
        <div
          className="flex min-w-0 items-center gap-3 text-xs text-muted"
          data-testid="model-state"
          data-status={state.status}
        >
          {state.status === 'ready' && <Chip>{state.backend}</Chip>}
          {state.status === 'loading' && <LoadingBar fraction={state.fraction} words={status} />}
          {state.status === 'failed' && <span className="truncate text-danger">{status}</span>}
        </div>
      </div>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={12}
          aria-label={strings.model.menu}
          onCloseAutoFocus={(event) => {
            // The choice opened another screen, which now has the focus.
            if (useScreen.getState() !== screen.current) event.preventDefault();
          }}
          className="enter z-40 w-88 rounded-xl border border-line bg-raised shadow-high outline-none"
        >
          <ModelPanel onDone={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function StatusDot({ state }: { readonly state: ModelState }): ReactNode {
  return (
    <span
      aria-hidden="true"
      className={clsx('size-2 shrink-0 rounded-full', {
        'bg-positive': state.status === 'ready',
        'breathe bg-accent': state.status === 'loading' || state.status === 'starting',
        'bg-danger': state.status === 'failed',
        'bg-line-strong': state.status === 'none',
      })}
    />
  );
}

function Chip({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <span data-testid="backend" className="rounded-md border border-line px-2 py-0.5 whitespace-nowrap">
      {children}
    </span>
  );
}

function LoadingBar({ fraction, words }: { readonly fraction: number; readonly words: string }): ReactNode {
  return (
    <>
      <ProgressBar name={strings.model.loadingShort} value={fraction} className="w-28" />
      <span className="truncate tabular-nums">{words}</span>
    </>
  );
}

function nameOf(state: ModelState): string {
  if (state.status === 'starting') return strings.model.starting;
  return ('name' in state ? state.name : undefined) ?? strings.model.none;
}

function statusOf(state: ModelState): string {
  switch (state.status) {
    case 'starting':
      return strings.model.loadingShort;
    case 'none':
      return strings.model.notLoaded;
    case 'loading':
      return strings.model.loading(state.stage, state.fraction);
    case 'ready':
      return strings.model.ready;
    case 'failed':
      return strings.model.failed;
  }
}
