/** Screen of the main area: the open chat, the library, one model of it, or the models that others publish. */
import { create } from 'zustand';

type Screen =
  | { readonly name: 'chat' }
  | {
      readonly name: 'models';
      /** The model shown in detail; absent: the whole library. */
      readonly modelId?: string;
      /** The model whose details were closed last, to restore the focus to it. */
      readonly leftId?: string;
    }
  | { readonly name: 'get-models' };

export const useScreen = create<Screen>(() => ({ name: 'chat' }));

export function showChat(): void {
  useScreen.setState({ name: 'chat' }, true);
}

export function showModels(modelId?: string): void {
  const before = useScreen.getState();
  const leftId = before.name === 'models' ? before.modelId : undefined;
  if (modelId !== undefined) useScreen.setState({ name: 'models', modelId }, true);
  else useScreen.setState({ name: 'models', ...(leftId !== undefined && { leftId }) }, true);
}

export function showGetModels(): void {
  useScreen.setState({ name: 'get-models' }, true);
}

export function toggleModels(): void {
  if (useScreen.getState().name !== 'chat') showChat();
  else showModels();
}

/** Goes one step back: from a model or the page “Get models” to the library, from there to the chat. @returns whether there was a step */
export function stepBack(): boolean {
  const screen = useScreen.getState();
  if (screen.name === 'chat') return false;
  if (screen.name === 'get-models' || screen.modelId !== undefined) showModels();
  else showChat();
  return true;
}
