/** Standard output is for answers and results alone; everything else goes to standard error. */
import { asFailure } from '../engine/errors.ts';
import { familyOf } from '../engine/chat-templates/families.ts';
import type { EngineError, TemplateInfo } from '../engine/protocol.ts';

/**
 * Text for people or for a pipe. A terminal obeys control characters, and models write what they like: on a terminal
 * they are shown as U+FFFD, but for line ends and tabs.
 */
export function writeText(text: string): void {
  process.stdout.write(process.stdout.isTTY ? withoutControls(text) : text);
}

export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}--[\n\t]]/gv, '\ufffd');
}

/** One JSON object on a line of its own. */
export function writeJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** A remark for the person at a terminal; scripts do not see it. */
export function remark(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(text);
}

/** Reports a failure where its reader looks for it. The caller ends with exit status 1. */
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

/** Whoever reads us may leave early (`| head`): then there is nobody to write to and nothing to complain about. */
export function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

/** Where a chat template comes from, in words. */
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
