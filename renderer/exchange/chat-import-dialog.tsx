import type { ReactNode } from 'react';
import type { ChatImportFile, ChatImportProgress, ChatImportReport, ChatProblem } from '../../preload/contract.ts';
import { ErrorNotice } from '../chat/notice.tsx';
import { openConversation } from '../conversations/store.ts';
import { strings } from '../strings/index.ts';
import { formatNames } from '../strings/names.ts';
import { Button } from '../ui/button.tsx';
import { Modal } from '../ui/modal.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { cancelChatImport, closeChatImport, type Dropped, importChats, useChatImport } from './import-store.ts';

/** Import of chats: a question after a drop, progress, and a report for each file. */
export function ChatImportDialog(): ReactNode {
  const { dropped, running, progress, report } = useChatImport();
  const isReading = running || progress !== undefined;
  if (!dropped && !report && !isReading) return null;
  return (
    <Modal
      title={strings.chatImport.title}
      width="w-[34rem]"
      onClose={() => (isReading ? void cancelChatImport() : closeChatImport())}
    >
      {isReading ? <Reading progress={progress} /> : dropped ? <Question dropped={dropped} /> : null}
      {!isReading && report && <Outcome report={report} />}
    </Modal>
  );
}

function Question({ dropped }: { readonly dropped: Dropped }): ReactNode {
  const words = strings.chatImport;
  const { paths, place, otherwise } = dropped;
  return (
    <div className="px-6 pb-6">
      <p className="text-sm wrap-anywhere">{words.question(paths.map(nameOf))}</p>
      <Footer>
        <Button onClick={closeChatImport}>{words.cancel}</Button>
        <Button
          onClick={() => {
            closeChatImport();
            otherwise();
          }}
        >
          {words.otherwise[place]}
        </Button>
        <Button autoFocus data-first-focus="" look="solid" onClick={() => void importChats(paths)}>
          {words.start}
        </Button>
      </Footer>
    </div>
  );
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
}

function Reading({ progress }: { readonly progress: ChatImportProgress | undefined }): ReactNode {
  const words = strings.chatImport;
  const { name, bytesDone, bytesTotal, chats } = progress ?? { name: '', bytesDone: 0, bytesTotal: 1, chats: 0 };
  return (
    <div className="px-6 pb-6">
      <p className="truncate text-sm">{name === '' ? words.looking : words.reading(name)}</p>
      <ProgressBar name={words.title} max={bytesTotal} value={bytesDone} className="mt-3 w-full" />
      <p className="mt-2 text-xs text-muted tabular-nums">{words.progress(chats, bytesDone, bytesTotal)}</p>
      <Footer>
        <Button autoFocus data-first-focus="" onClick={() => void cancelChatImport()}>
          {words.cancel}
        </Button>
      </Footer>
    </div>
  );
}

function Outcome({ report }: { readonly report: ChatImportReport }): ReactNode {
  const words = strings.chatImport;
  const { files, cancelled, openId } = report;
  const sum = (of: (file: ChatImportFile) => number): number => files.reduce((all, file) => all + of(file), 0);
  const chats = sum((file) => file.chats);
  return (
    <>
      {/* The report can be long and contains nothing focusable. */}
      <div tabIndex={0} role="group" aria-label={words.report} className="space-y-4 overflow-y-auto px-6 py-0.5">
        <p role="status" className="text-sm">
          {words.summary(
            chats,
            sum(({ messages }) => messages),
          )}{' '}
          {cancelled && words.cancelled}
        </p>
        <ul aria-label={words.files} className="space-y-3">
          {files.map((file) => (
            <FileOutcome key={`${file.format ?? ''} ${file.name}`} file={file} />
          ))}
        </ul>
      </div>
      <div className="px-6 pb-6">
        <Footer>
          {openId !== undefined && (
            <Button
              onClick={() => {
                closeChatImport();
                openConversation(openId);
              }}
            >
              {words.open}
            </Button>
          )}
          <Button autoFocus data-first-focus="" look="solid" onClick={closeChatImport}>
            {words.done}
          </Button>
        </Footer>
      </div>
    </>
  );
}

function FileOutcome({ file }: { readonly file: ChatImportFile }): ReactNode {
  const words = strings.chatImport;
  const { name, format, chats, messages, known, leftOut, problems, problemCount, error } = file;
  return (
    <li className="rounded-xl border border-line px-4 py-3 text-sm">
      <div className="flex items-baseline justify-between gap-4">
        <p className="min-w-0 font-medium wrap-anywhere">{name}</p>
        {format !== undefined && <p className="shrink-0 text-xs text-muted">{formatNames[format]}</p>}
      </div>
      {format !== undefined && <p className="mt-0.5 text-muted">{words.came(chats, messages, known)}</p>}
      {leftOut.length > 0 && (
        <details className="mt-2 text-xs text-muted">
          <summary>{words.leftOut(leftOut.map(({ kind, count }) => words.kinds[kind](count)))}</summary>
          <ul className="mt-1 max-h-40 list-inside list-disc overflow-auto wrap-anywhere">
            {leftOut.flatMap(({ kind, texts }) => texts.map((text) => <li key={`${kind} ${text}`}>{text}</li>))}
          </ul>
        </details>
      )}
      {problemCount > 0 && (
        <>
          <p className="mt-2 text-xs font-medium text-danger">{words.problems(problemCount)}</p>
          <ul className="mt-1 space-y-1 text-xs" aria-label={words.problems(problemCount)}>
            {problems.map((problem, index) => (
              <Problem key={index} problem={problem} />
            ))}
            {problemCount > problems.length && (
              <li className="text-muted">{words.more(problemCount - problems.length)}</li>
            )}
          </ul>
        </>
      )}
      {error && <ErrorNotice error={error} className="mt-2" />}
    </li>
  );
}

function Problem({ problem: { file, title, error } }: { readonly problem: ChatProblem }): ReactNode {
  const what = [file, title && strings.chatImport.quoted(title)].filter((part) => part !== undefined).join(' · ');
  return (
    <li className="wrap-anywhere">
      {what !== '' && <span className="font-medium">{what}: </span>}
      <span className="text-muted">{error.message}</span>
    </li>
  );
}

function Footer({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>;
}
