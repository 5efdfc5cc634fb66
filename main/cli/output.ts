/** Standard output gets answers and results only. Everything else goes to standard error. */
import { asFailure } from '../engine/errors.ts';
import { familyOf } from '../engine/chat-templates/families.ts';
import type { EngineError, TemplateInfo } from '../engine/protocol.ts';

/**
 * Writes text for people or for a pipe. Models may write control characters, and a terminal obeys them. On a terminal they
 * are replaced by U+FFFD, except line ends and tabs.
 */
export function writeText(text: string): void {
  process.stdout.write(process.stdout.isTTY ? withoutControls(text) : text);
}

/**
 * Writes an answer and, on a terminal, the thought before it in dim letters. A pipe gets the answer alone.
 */
export class AnswerWriter {
  #text = '';
  #inThought = false;

  push({ text, thought = '' }: { readonly text: string; readonly thought?: string }): void {
    if (thought !== '' && process.stdout.isTTY) {
      process.stdout.write(`\x1b[2m${withoutControls(thought)}\x1b[0m`);
      this.#inThought = true;
    }
    if (text === '') return;
    if (this.#inThought) process.stdout.write('\n\n');
    this.#inThought = false;
    this.#text += text;
    writeText(text);
  }

  /** Writes the rest of an answer. @param whole all its text */
  end(whole: string): void {
    this.push({ text: whole.slice(this.#text.length) });
    if (!whole.endsWith('\n')) writeText('\n');
  }
}

export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}--[\n\t]]/gv, '\ufffd');
}

/** Writes one JSON object on its own line. */
export function writeJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Writes a remark for a person at a terminal. Scripts do not get it. */
export function remark(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(text);
}

/** Reports a failure, as JSON on standard output or as text on standard error. The caller ends with exit status 1. */
export function writeFailure(thrown: unknown, json: boolean): void {
  const error = asFailure(thrown).toError();
  if (json) writeJson({ type: 'error', ...error });
  else process.stderr.write(`wyvern: ${sentence(error)}\n`);
  if (error.code === 'internal' && process.env['WYVERN_LOG'] === 'debug' && thrown instanceof Error) {
    process.stderr.write(`${thrown.stack ?? ''}\n`);
  }
}

export function sentence({ message, hint }: EngineError): string {
  return hint === undefined ? message : `${message}\n        ${hint}`;
}

/** The reader of the pipe may close it early (`| head`). That is not an error. */
export function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

/** The source of a chat template, for people. */
export function templateName({ source, family, candidates }: TemplateInfo): string {
  const name = family === undefined ? '' : familyOf(family).name;
  switch (source) {
    case 'runner':
      return 'by the model’s own runner';
    case 'file':
      return 'chat_template.jinja';
    case 'tokenizer-config':
      return 'tokenizer_config.json';
    case 'manifest':
      return 'wyvern.json';
    case 'recognised':
      return `${name} (recognised by the tokenizer’s control tokens)`;
    case 'chosen':
      return name;
    case 'own':
      return 'a file of yours';
    case 'completion':
      return 'none, as asked: the last message is continued';
    case 'none':
      return candidates === undefined
        ? 'none: the last message is continued'
        : `none: the tokens fit ${candidates.map((id) => familyOf(id).name).join(' and ')}; choose with --template`;
  }
}
