import { FileDown, FolderOpen, MessageCircleDashed } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ModelState } from '../../preload/contract.ts';
import { hasTemplate } from '../../preload/contract/values.ts';
import { useIsTemporary } from '../conversations/store.ts';
import { chooseModel, useModels } from '../models/store.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Mark } from '../ui/mark.tsx';
import { showGetModels } from '../ui/screen.ts';
import { useDrafts } from './drafts.ts';
import { focusComposer } from './focus.ts';

/** An empty chat: the loaded model, example prompts, and how to add another model. A temporary chat says what it is. */
export function Welcome({ conversationId }: { readonly conversationId: string | undefined }): ReactNode {
  const temporary = useIsTemporary(conversationId);
  const state = useModels((models) => models.state);
  const hasModel = state.status !== 'none' && state.status !== 'failed';
  const write = useDrafts((drafts) => drafts.write);
  const examples =
    state.status === 'ready' && !hasTemplate(state.chatTemplate)
      ? strings.welcome.completionExamples
      : strings.welcome.chatExamples;
  return (
    <div className="flex min-h-0 flex-1 overflow-y-auto" data-testid="welcome">
      <div className="m-auto w-full max-w-column px-8 py-6">
        {temporary ? (
          <MessageCircleDashed aria-hidden="true" className="mb-5 size-9 stroke-[1.5] text-accent" />
        ) : (
          <Mark className="mb-5 size-9 text-accent" />
        )}
        <h1 className="font-display text-xl font-semibold tracking-[-0.018em]">
          {temporary ? strings.temporary.title : strings.welcome.title}
        </h1>
        <p className="mt-2 max-w-[38rem] text-balance text-muted">
          {temporary ? strings.temporary.explanation : sentence(state)}
        </p>
        {hasModel ? (
          <ul aria-label={strings.welcome.examples} className="mt-8 grid grid-cols-2 gap-2.5 max-[640px]:grid-cols-1">
            {examples.map((example) => (
              <li key={example}>
                <button
                  type="button"
                  className="h-full w-full rounded-xl border border-line bg-raised px-4 py-3 text-left text-sm transition-colors hover:border-line-strong hover:bg-sunken"
                  onClick={() => {
                    write(conversationId, { text: example, attachments: [] });
                    focusComposer();
                  }}
                >
                  {example}
                </button>
              </li>
            ))}
          </ul>
        ) : (
          <Button look="solid" className="mt-6" onClick={() => void chooseModel()}>
            <FolderOpen aria-hidden="true" className="size-4" />
            {strings.commands.chooseModel}
          </Button>
        )}
        <p className="mt-6 flex items-center gap-2 text-xs text-faint">
          <FileDown aria-hidden="true" className="size-4 shrink-0 stroke-[1.75]" />
          {hasModel ? strings.welcome.drop : strings.library.drop}
        </p>
        <button
          type="button"
          className="mt-2.5 rounded-sm text-xs text-muted underline decoration-line-strong underline-offset-4 transition-colors hover:text-ink"
          onClick={showGetModels}
        >
          {strings.getModels.where}
        </button>
      </div>
    </div>
  );
}

function sentence(state: ModelState): string {
  switch (state.status) {
    case 'ready':
      return (hasTemplate(state.chatTemplate) ? strings.welcome.ready : strings.welcome.completion)(state.name);
    case 'loading':
      return strings.welcome.loading(state.name);
    case 'starting':
      return strings.welcome.starting;
    case 'none':
    case 'failed':
      return strings.welcome.none;
  }
}
