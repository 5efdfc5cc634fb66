import { type ReactNode, useEffect, useState } from 'react';
import { call, pathOf } from '../bridge.ts';
import { attachFiles } from '../chat/attach-files.ts';
import { documentKindOf } from '../chat/document-kind.ts';
import { askAboutDropped } from '../exchange/import-store.ts';
import { strings } from '../strings/index.ts';
import { Mark } from '../ui/mark.tsx';
import { showToast } from '../ui/toasts-store.ts';
import { openModels } from './store.ts';

/** The whole window accepts models, chats and documents; the message box accepts text files too. */
export function DropTarget(): ReactNode {
  const over = useFileDrop((files, place) => void take(files, place));
  if (!over) return null;
  return (
    <div
      className="pointer-events-none fixed inset-0 z-50 bg-canvas/85 p-4 backdrop-blur-xs"
      data-testid="drop-overlay"
    >
      <div className="enter flex h-full flex-col items-center justify-center rounded-2xl border-2 border-dashed border-accent text-center">
        <Mark className="mb-5 size-12 text-accent" />
        <p className="font-display text-lg font-semibold tracking-tight">{strings.drop[over].title}</p>
        <p className="mt-1 text-sm text-muted">{strings.drop[over].body}</p>
      </div>
    </div>
  );
}

/** Chat files could be meant as an import, a model or text, so ask. */
async function take(files: readonly File[], place: Place): Promise<void> {
  const paths = files.map(pathOf).filter((path) => path !== '');
  const otherwise = (): void => {
    const areDocuments = files.length > 0 && files.every(({ name }) => documentKindOf(name) !== undefined);
    if (place === 'message' || areDocuments) void attachFiles(files);
    else if (paths.length > 0) void openModels(paths);
    else showToast({ tone: 'danger', title: strings.drop.nothing });
  };
  const result = paths.length > 0 ? await call('chats.recognise', { paths }) : undefined;
  const chats = result?.ok ? result.value.paths : [];
  if (chats.length > 0) askAboutDropped({ paths: chats, place, otherwise });
  else otherwise();
}

type Place = 'window' | 'message';

function placeOf({ target }: DragEvent): Place {
  return target instanceof Element && target.closest('[data-takes-files]') ? 'message' : 'window';
}

/** @returns where files hover over the window. Dragged text does not count. */
function useFileDrop(onDrop: (files: readonly File[], place: Place) => void): Place | undefined {
  const [over, setOver] = useState<Place>();
  useEffect(() => {
    const ours = (listen: (event: DragEvent) => void) => (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      listen(event);
    };
    const leave = (event: DragEvent): void => {
      // Moving between elements inside the window also fires this event; only leaving the window has no related target.
      if (event.relatedTarget === null) setOver(undefined);
    };
    const listeners = {
      dragenter: ours((event) => setOver(placeOf(event))),
      dragover: ours((event) => {
        setOver(placeOf(event));
        if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
      }),
      dragleave: ours(leave),
      drop: ours((event) => {
        setOver(undefined);
        onDrop([...(event.dataTransfer?.files ?? [])], placeOf(event));
      }),
    };
    const entries = Object.entries(listeners) as [keyof typeof listeners, (event: DragEvent) => void][];
    for (const [name, listener] of entries) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of entries) removeEventListener(name, listener);
    };
  }, [onDrop]);
  return over;
}
