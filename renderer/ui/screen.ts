/** Screen of the main area: the open chat, the library, or one model of it. */
import { create } from 'zustand';

type Screen =
  | { readonly name: 'chat' }
  | {
      readonly name: 'models';
      /** The model shown in detail; absent: the whole library. */
      readonly modelId?: string;
      /** The model whose details were closed last, to restore the focus to it. */
      readonly leftId?: string;
    };

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

export function toggleModels(): void {
  if (useScreen.getState().name === 'models') showChat();
  else showModels();
}

/** Goes one step back: from a model to the library, from there to the chat. @returns whether there was a step */
export function stepBack(): boolean {
  const screen = useScreen.getState();
  if (screen.name !== 'models') return false;
  if (screen.modelId !== undefined) showModels();
  else showChat();
  return true;
}
