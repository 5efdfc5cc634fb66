import type { ReactNode } from 'react';
import type { AppError } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { loadModel, useModels } from './store.ts';

/** After an NPU failure, offers a CPU model by name. Wyvern never switches by itself. */
export function CpuOffer({ error }: { readonly error: AppError }): ReactNode {
  const { models, state } = useModels();
  const loaded = state.status === 'ready' || state.status === 'loading' ? state.modelId : undefined;
  const usable = models.filter(({ target, available }) => target === undefined && available);
  const model = usable.find(({ bundled }) => bundled) ?? usable[0];
  if (!error.code.startsWith('npu-') || model === undefined || model.id === loaded) return null;
  return <Button onClick={() => void loadModel(model.id)}>{strings.model.useOnCpu(model.name)}</Button>;
}
