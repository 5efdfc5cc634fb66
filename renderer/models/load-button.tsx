import type { ReactNode } from 'react';
import type { ModelEntry } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import type { Condition } from './facts.ts';
import { loadModel, unloadModel } from './store.ts';

/** Loads the model, cancels its load, or unloads it. */
export function LoadButton({
  model: { id, name },
  condition,
}: {
  readonly model: ModelEntry;
  readonly condition: Condition;
}): ReactNode {
  switch (condition) {
    case 'loading':
      return (
        <Button aria-label={strings.library.cancelLoad(name)} onClick={() => void unloadModel()}>
          {strings.library.cancel}
        </Button>
      );
    case 'loaded':
      return (
        <Button aria-label={strings.model.unloadNamed(name)} onClick={() => void unloadModel()}>
          {strings.model.unload}
        </Button>
      );
    case 'missing':
    case 'misfit':
      return (
        <Button aria-label={strings.model.load(name)} disabled>
          {strings.library.load}
        </Button>
      );
    case 'failed':
    case 'idle':
    case 'ready':
      return (
        <Button aria-label={strings.model.load(name)} onClick={() => void loadModel(id)}>
          {strings.library.load}
        </Button>
      );
  }
}
