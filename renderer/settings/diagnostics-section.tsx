import { type ReactNode, useEffect, useState } from 'react';
import { call } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { announce } from '../ui/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { copyText } from '../ui/copy-text.ts';
import { showError, showToast } from '../ui/toasts-store.ts';

/** The diagnostics report, to read, copy or save. */
export function DiagnosticsSection(): ReactNode {
  const words = strings.diagnostics;
  const [report, setReport] = useState<string>();
  useEffect(() => {
    let left = false;
    void call('diagnostics.get', {}).then((result) => {
      if (left) return;
      if (result.ok) setReport(result.value.markdown);
      else showError(result.error);
    });
    return () => {
      left = true;
    };
  }, []);

  const copy = async (): Promise<void> => {
    if (report === undefined) return;
    if (await copyText(report)) {
      announce(strings.chat.copied);
      showToast({ tone: 'plain', title: words.copied });
    } else showToast({ tone: 'danger', title: strings.chat.copyFailed });
  };
  const save = async (form: 'md' | 'json'): Promise<void> => {
    const result = await call('diagnostics.save', { form });
    if (!result.ok) showError(result.error);
    else if (result.value) showToast({ tone: 'plain', title: words.saved });
  };
  return (
    <>
      <p className="text-xs text-faint">{words.hint}</p>
      <details className="mt-3 rounded-lg border border-line">
        <summary className="cursor-pointer rounded-lg px-3 py-2 text-sm">{words.show}</summary>
        <pre
          tabIndex={0}
          aria-label={words.report}
          className="max-h-72 overflow-auto border-t border-line bg-sunken px-3 py-2 font-mono text-xs leading-5 whitespace-pre-wrap"
        >
          {report ?? words.collecting}
        </pre>
      </details>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button disabled={report === undefined} onClick={() => void copy()}>
          {words.copy}
        </Button>
        <Button look="quiet" onClick={() => void save('md')}>
          {words.save}
        </Button>
        <Button look="quiet" onClick={() => void save('json')}>
          {words.saveJson}
        </Button>
      </div>
    </>
  );
}
