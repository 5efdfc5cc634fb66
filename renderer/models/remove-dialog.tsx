import type { ReactNode } from 'react';
import type { ModelEntry } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Modal } from '../ui/modal.tsx';
import { removeModel } from './store.ts';

/** Asks before deleting files in the library's folder, because that cannot be undone. */
export function RemoveDialog({
  model,
  onClose,
  onRemoved,
}: {
  readonly model: ModelEntry;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}): ReactNode {
  const remove = (files: boolean): void => {
    onClose();
    onRemoved();
    void removeModel(model, files);
  };
  return (
    <Modal title={strings.library.removeTitle(model.name)} width="w-[27rem]" onClose={onClose}>
      <p className="px-6 text-sm text-muted">{strings.library.removeBody}</p>
      <div className="flex flex-wrap justify-end gap-2 px-6 pt-5 pb-6">
        <Button look="quiet" onClick={onClose}>
          {strings.library.cancel}
        </Button>
        <Button onClick={() => remove(false)}>{strings.library.removeOnly}</Button>
        <Button className="text-danger!" onClick={() => remove(true)}>
          {strings.library.deleteFiles(model.bytes)}
        </Button>
      </div>
    </Modal>
  );
}
