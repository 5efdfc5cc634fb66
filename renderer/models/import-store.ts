/** Adding a model to the library: open questions and progress of the copy. */
import { create } from 'zustand';
import type {
  AppError,
  CallName,
  CallOutputs,
  AdditionState,
  ModelEntry,
  ModelPart,
  Result,
} from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { showError, showToast } from '../ui/toasts-store.ts';

interface ImportStore {
  readonly state: AdditionState | undefined;
  /** Why the last answer did not work. The dialog shows it, because the dialog covers notifications. */
  readonly error: AppError | undefined;
}

export const useImport = create<ImportStore>(() => ({ state: undefined, error: undefined }));

export async function loadImport(): Promise<void> {
  const before = useImport.getState();
  on('additions.changed', (state) => useImport.setState({ state, error: undefined }));
  const result = await call('additions.get', {});
  // An event in the meantime is newer than this answer.
  if (result.ok && useImport.getState() === before) useImport.setState({ state: result.value });
}

/** Shows an error in the dialog if it is still open, else as a notification. */
export function tellImport<N extends CallName>(result: Result<CallOutputs[N]>): boolean {
  if (result.ok) return true;
  if (useImport.getState().state === undefined) showError(result.error);
  else useImport.setState({ error: result.error });
  return false;
}

export async function chooseCandidate(id: string, part: ModelPart, path: string): Promise<void> {
  tellImport(await call('additions.choose', { id, part, path }));
}

/** @param folder Asks for a folder that has the file, such as the model's own repository */
export async function locateMissing(id: string, part: ModelPart, folder = false): Promise<void> {
  tellImport(await call('additions.locate', { id, part, folder }));
}

export async function finishImport(id: string, copy: boolean): Promise<void> {
  tellImport(await call('additions.finish', { id, copy }));
}

export async function cancelImport(id: string): Promise<void> {
  tellImport(await call('additions.cancel', { id }));
}

export async function copyModel(model: ModelEntry): Promise<void> {
  const result = await call('models.copy', { id: model.id });
  if (tellImport(result) && result.ok && result.value.copied) {
    showToast({ tone: 'plain', title: strings.files.copied(model.name) });
  }
}

export async function locateModel(model: ModelEntry): Promise<void> {
  const result = await call('models.locate', { id: model.id });
  if (tellImport(result) && result.ok && result.value) {
    showToast({ tone: 'plain', title: strings.files.located(model.name) });
  }
}
