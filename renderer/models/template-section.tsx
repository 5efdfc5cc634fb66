import { type ReactNode, useEffect, useId, useState } from 'react';
import { templateFamilies } from '../../preload/contract/values.ts';
import type {
  AppError,
  CallInput,
  ModelState,
  TemplateChoice,
  TemplateFamily,
  TemplatePreview,
} from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { familyNames } from '../strings/names.ts';
import { Button } from '../ui/button.tsx';
import { ErrorText } from '../ui/error-text.tsx';

const previewAfterMs = 200;

/** A chat with every kind of message: a system prompt and a second turn. */
function sampleChat(): CallInput<'models.previewTemplate'>['messages'] {
  const words = strings.template;
  return [
    { role: 'system', content: words.sampleSystem },
    { role: 'user', content: words.sampleQuestion },
    { role: 'assistant', content: words.sampleAnswer },
    { role: 'user', content: words.sampleNext },
  ];
}

/** Chat template of the loaded model: the one in use, the choice, and a preview. */
export function TemplateSection({
  model,
  onDone,
}: {
  readonly model: Extract<ModelState, { status: 'ready' }>;
  readonly onDone?: () => void;
}): ReactNode {
  const words = strings.template;
  const { modelId, chatTemplate: used } = model;
  const { choice, failed, choose, keep } = useChoice(modelId, onDone);
  const { preview, error } = usePreview(modelId, choice);
  const problem = failed ?? error;
  return (
    <div className="space-y-4 text-sm">
      <p data-testid="template-in-use">
        <span className="text-muted">{words.inUse}</span> {words.sources[used.source](familyName(used.family))}
      </p>
      {used.systemPrompt && (
        <p className="text-xs text-muted" data-testid="system-prompt-place">
          {words.systemInFirst}
        </p>
      )}
      {model.notes && (
        <div className="text-xs text-muted" data-testid="not-used">
          <p>{words.notUsed}</p>
          <ul className="list-disc pl-5">
            {model.notes.map(({ file, field = '', value }) => (
              <li key={`${file} ${field}`}>{`${file}: ${field === '' ? value : `${field} = ${value}`}`}</li>
            ))}
          </ul>
        </div>
      )}
      {used.candidates && (
        <p className="text-xs text-muted">{words.several(strings.formats.list(used.candidates.map(familyName)))}</p>
      )}
      <TemplateSelect choice={choice} onChoose={(value) => choose(choiceOf(value, preview))} />
      {choice?.kind === 'own' && <OwnTemplate text={choice.text} onChange={(text) => choose({ kind: 'own', text })} />}
      <Preview preview={preview} />
      {problem && (
        <div role="alert" className="text-danger">
          <ErrorText error={problem} />
        </div>
      )}
      <div className="flex justify-end">
        <Button look="solid" disabled={!choice || !preview || error !== undefined} onClick={() => void keep()}>
          {words.use}
        </Button>
      </div>
    </div>
  );
}

/** The stored choice for the model, and changes to it that are not stored before `keep`. */
function useChoice(
  modelId: string,
  onDone: (() => void) | undefined,
): {
  readonly choice: TemplateChoice | undefined;
  readonly failed: AppError | undefined;
  readonly choose: (choice: TemplateChoice) => void;
  readonly keep: () => Promise<void>;
} {
  const [choice, setChoice] = useState<TemplateChoice>();
  const [failed, setFailed] = useState<AppError>();
  useEffect(() => {
    let left = false;
    void call('models.template', { id: modelId }).then((result) => {
      if (left) return;
      if (result.ok) setChoice(result.value.choice);
      else setFailed(result.error);
    });
    return () => {
      left = true;
    };
  }, [modelId]);
  const keep = async (): Promise<void> => {
    if (!choice) return;
    const result = await call('models.setTemplate', { id: modelId, choice });
    if (result.ok) onDone?.();
    setFailed(result.ok ? undefined : result.error);
  };
  const choose = (changed: TemplateChoice): void => {
    setFailed(undefined);
    setChoice(changed);
  };
  return { choice, failed, choose, keep };
}

/** The choice for a value of the drop-down list. An own template starts from the one in the preview. */
function choiceOf(value: string, preview: TemplatePreview | undefined): TemplateChoice {
  if (value === 'automatic' || value === 'completion') return { kind: value };
  if (value === 'own') return { kind: 'own', text: preview?.template ?? strings.template.begin };
  return { kind: 'family', family: value as TemplateFamily };
}

function TemplateSelect({
  choice,
  onChoose,
}: {
  readonly choice: TemplateChoice | undefined;
  readonly onChoose: (value: string) => void;
}): ReactNode {
  const words = strings.template;
  return (
    <label className="flex items-center justify-between gap-6">
      {words.choice}
      <select
        value={choice?.kind === 'family' ? choice.family : (choice?.kind ?? 'automatic')}
        className="h-8 w-64 rounded-lg border border-line-strong bg-canvas px-2"
        onChange={(event) => onChoose(event.target.value)}
      >
        <option value="automatic">{words.automatic}</option>
        {templateFamilies.map((family) => (
          <option key={family} value={family}>
            {familyName(family)}
          </option>
        ))}
        <option value="completion">{words.completion}</option>
        <option value="own">{words.own}</option>
      </select>
    </label>
  );
}

function OwnTemplate({
  text,
  onChange,
}: {
  readonly text: string;
  readonly onChange: (text: string) => void;
}): ReactNode {
  return (
    <label className="block">
      {strings.template.ownLabel}
      <textarea
        rows={8}
        spellCheck={false}
        value={text}
        className="mt-1.5 w-full resize-y rounded-lg border border-line-strong bg-canvas px-3 py-2 font-mono text-xs outline-none focus:border-accent"
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

/** The rendered sample chat, with control tokens marked. */
function Preview({ preview }: { readonly preview: TemplatePreview | undefined }): ReactNode {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className="flex items-baseline justify-between text-xs text-muted">
        {strings.template.preview}
        {preview && <span className="tabular-nums">{strings.figures.tokens(preview.tokens)}</span>}
      </h3>
      <pre
        tabIndex={0}
        data-testid="template-preview"
        aria-labelledby={id}
        className="mt-1.5 max-h-52 overflow-auto rounded-lg bg-sunken px-3 py-2 font-mono text-xs leading-5 whitespace-pre-wrap"
      >
        {preview?.parts.map(({ text, control }, index) =>
          control ? (
            <mark key={index} className="rounded-xs bg-accent-soft text-ink">
              {text}
            </mark>
          ) : (
            text
          ),
        )}
      </pre>
    </section>
  );
}

function familyName(family: TemplateFamily | undefined): string {
  return family === undefined ? '' : familyNames[family];
}

interface Previewed {
  readonly preview?: TemplatePreview;
  readonly error?: AppError;
}

/** Updates the preview shortly after the last change. A template that fails keeps the last preview. */
function usePreview(modelId: string, choice: TemplateChoice | undefined): Previewed {
  const [previewed, setPreviewed] = useState<Previewed>({});
  useEffect(() => {
    if (!choice) return;
    let left = false;
    const timer = setTimeout(() => {
      void call('models.previewTemplate', { id: modelId, choice, messages: sampleChat() }).then((result) => {
        if (left) return;
        if (result.ok) setPreviewed({ preview: result.value });
        else setPreviewed(({ preview }) => ({ ...(preview && { preview }), error: result.error }));
      });
    }, previewAfterMs);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [modelId, choice]);
  return previewed;
}
