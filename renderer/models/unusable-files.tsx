import type { ReactNode } from 'react';
import type { UnusableFile } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';

/** A short list is open: its files are often the reason of the question. */
const fewFiles = 3;

/** Files that look like parts of the model and are not offered, with the reason of each. */
export function Unusable({ files }: { readonly files: readonly UnusableFile[] }): ReactNode {
  if (files.length === 0) return null;
  return (
    <details open={files.length <= fewFiles} className="mt-3 text-sm">
      <summary className="w-fit cursor-pointer rounded-md text-muted hover:text-ink">
        {strings.files.notOffered(files.length)}
      </summary>
      <ul className="mt-1.5 max-h-44 overflow-y-auto rounded-xl border border-line">
        {files.map(({ path, name, fault, detail = '' }) => (
          <li key={path} title={path} className="border-b border-line px-4 py-2 last:border-b-0">
            <span className="block wrap-anywhere">{name}</span>
            <span className="block text-xs wrap-anywhere text-muted">{strings.files.faults[fault](detail)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
