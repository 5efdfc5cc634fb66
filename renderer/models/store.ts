/** The library of models and the state of the loaded one. */
import { create } from 'zustand';
import type { HashProgress, ModelEntry, ModelState } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { tellImport } from './import-store.ts';
import { showError, showToast } from '../ui/toasts-store.ts';

interface ModelsState {
  readonly models: readonly ModelEntry[];
  readonly state: ModelState;
  /** Dropped or chosen files are being checked. */
  readonly opening: boolean;
  /** The model whose files are being hashed in the background, and the progress. */
  readonly hashing: HashProgress | undefined;
  /** The chat template dialog of the loaded model is open. */
  readonly templateOpen: boolean;
}

export const useModels = create<ModelsState>(() => ({
  models: [],
  state: { status: 'starting' },
  opening: false,
  hashing: undefined,
  templateOpen: false,
}));

export function showTemplate(templateOpen: boolean): void {
  useModels.setState({ templateOpen });
}

export async function loadModels(): Promise<void> {
  const before = useModels.getState().state;
  on('models.state', (state) => useModels.setState({ state }));
  on('models.changed', (models) => useModels.setState({ models }));
  on('models.hashing', (hashing) => useModels.setState({ hashing }));
  const result = await call('models.list', {});
  if (!result.ok) showError(result.error);
  // An event in the meantime is newer than this answer.
  else useModels.setState(({ state }) => ({ ...result.value, ...(state !== before && { state }) }));
}

/** Opens files dropped on the window. */
export async function openModels(paths: readonly string[]): Promise<void> {
  useModels.setState({ opening: true });
  const result = await call('models.open', { paths: [...paths] });
  useModels.setState({ opening: false });
  tellImport(result);
}

/** Opens the files that the person picks in the system's dialog. */
export async function chooseModel(): Promise<void> {
  tellImport(await call('models.choose', {}));
}

/** @param anyway Load although memory seems short, files changed, or the engine crashed twice */
export async function loadModel(id: string, anyway = false): Promise<void> {
  const result = await call('models.load', { id, anyway });
  if (!result.ok) showError(result.error);
}

export async function unloadModel(): Promise<void> {
  const result = await call('models.unload', {});
  if (!result.ok) showError(result.error);
}

/** @param files Deletes the files too; only for files in the library's folder */
export async function removeModel(model: ModelEntry, files = false): Promise<void> {
  const result = await call('models.remove', { id: model.id, files });
  if (!result.ok) showError(result.error);
  else {
    const title = files ? strings.library.deleted(model.name) : strings.model.removed(model.name);
    showToast({ tone: 'plain', title });
  }
}

export async function revealModel(id: string): Promise<void> {
  const result = await call('models.reveal', { id });
  if (!result.ok) showError(result.error);
}
