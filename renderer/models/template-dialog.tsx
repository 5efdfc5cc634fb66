import type { ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import { Modal } from '../ui/modal.tsx';
import { showTemplate, useModels } from './store.ts';
import { TemplateSection } from './template-section.tsx';

export function TemplateDialog(): ReactNode {
  const { templateOpen, state } = useModels();
  if (!templateOpen || state.status !== 'ready') return null;
  return (
    <Modal title={strings.template.title(state.name)} width="w-[38rem]" onClose={() => showTemplate(false)}>
      <div className="overflow-y-auto px-6 pb-6">
        <TemplateSection model={state} onDone={() => showTemplate(false)} />
      </div>
    </Modal>
  );
}
