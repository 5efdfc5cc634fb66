/** File problems of a model in the list, and the actions that fix them. */
import { FolderInput, FolderSearch } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ModelEntry, ModelState } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { copyModel, locateModel } from './import-store.ts';
import { loadModel, useModels } from './store.ts';

/** Moved, changed or mismatched files, or the progress of the check. */
export function FileTrouble({ model }: { readonly model: ModelEntry }): ReactNode {
  const hashing = useModels((models) => models.hashing);
  const { moved, changed, mismatched } = model.files;
  const troubles = [
    ...(moved.length > 0 ? [strings.files.moved(moved)] : []),
    ...(changed.length > 0 ? [strings.files.changed(changed)] : []),
    ...(mismatched.length > 0 ? [strings.files.mismatched(mismatched)] : []),
    ...(model.quarantined ? [strings.files.quarantined] : []),
  ];
  if (troubles.length > 0) {
    return troubles.map((trouble) => (
      <span key={trouble} className="block text-xs wrap-anywhere text-danger">
        {trouble}
      </span>
    ));
  }
  if (hashing?.modelId !== model.id || hashing.bytesDone >= hashing.bytesTotal) return null;
  return (
    <span className="block truncate text-xs text-muted tabular-nums">
      {strings.files.hashing(hashing.bytesDone / hashing.bytesTotal)}
    </span>
  );
}

/** Locates moved files, or copies the files into the library's folder. */
export function FileActions({ model }: { readonly model: ModelEntry }): ReactNode {
  const lost = !model.available || model.files.changed.length > 0;
  if (lost) {
    return (
      <IconButton name={strings.files.locateNamed(model.name)} onClick={() => void locateModel(model)}>
        <FolderSearch />
      </IconButton>
    );
  }
  if (model.bundled || model.owned) return null;
  return (
    <IconButton name={strings.files.copyNamed(model.name)} onClick={() => void copyModel(model)}>
      <FolderInput />
    </IconButton>
  );
}

const insistable: ReadonlySet<string> = new Set(['model-quarantined', 'model-changed', 'memory-short']);

/** Loads the model although Wyvern refused it. */
export function LoadAnyway({ state }: { readonly state: Extract<ModelState, { status: 'failed' }> }): ReactNode {
  const { modelId, error } = state;
  if (modelId === undefined || !insistable.has(error.code)) return null;
  return <Button onClick={() => void loadModel(modelId, true)}>{strings.files.loadAnyway}</Button>;
}
