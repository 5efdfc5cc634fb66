/** The library of models and the state of the loaded one. */
import { create } from 'zustand';
import type { ModelEntry, ModelState } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { strings } from '../strings.ts';
import { showError, showToast } from '../ui/toasts-store.ts';

interface ModelsState {
  readonly models: readonly ModelEntry[];
  readonly state: ModelState;
  /** Dropped or chosen files are being looked at. */
  readonly opening: boolean;
}

export const useModels = create<ModelsState>(() => ({ models: [], state: { status: 'none' }, opening: false }));

export async function loadModels(): Promise<void> {
  const before = useModels.getState().state;
  on('models.state', (state) => useModels.setState({ state }));
  on('models.changed', (models) => useModels.setState({ models }));
  const result = await call('models.list', {});
  if (!result.ok) showError(result.error);
  // An event that came meanwhile is newer than this answer.
  else useModels.setState(({ state }) => ({ ...result.value, ...(state !== before && { state }) }));
}

/** Opens what was dropped on the window. */
export async function openModels(paths: readonly string[]): Promise<void> {
  useModels.setState({ opening: true });
  const result = await call('models.open', { paths: [...paths] });
  useModels.setState({ opening: false });
  if (!result.ok) showError(result.error);
}

/** Opens what the person picks in the system's dialog. */
export async function chooseModel(): Promise<void> {
  const result = await call('models.choose', {});
  if (!result.ok) showError(result.error);
}

export async function loadModel(id: string): Promise<void> {
  const result = await call('models.load', { id });
  if (!result.ok) showError(result.error);
}

export async function unloadModel(): Promise<void> {
  const result = await call('models.unload', {});
  if (!result.ok) showError(result.error);
}

export async function removeModel(model: ModelEntry): Promise<void> {
  const result = await call('models.remove', { id: model.id });
  if (result.ok) showToast({ tone: 'plain', title: strings.model.removed(model.name) });
  else showError(result.error);
}
