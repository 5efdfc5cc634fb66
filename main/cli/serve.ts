import { open } from 'node:fs/promises';
import { defaultServerPort } from '../../preload/contract/values.ts';
import type { ServerLogEntry } from '../../preload/contract.ts';
import { asFailure, failure } from '../engine/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { GenerateInput } from '../engine/protocol.ts';
import { AppFailure } from '../failure.ts';
import { readText } from '../files/reading.ts';
import { samplingOf } from '../models/default-sampling.ts';
import { isToken, loopback, newToken } from '../server/gate.ts';
import type { AnswerPart, ModelAccess, ServedModel } from '../server/protocol.ts';
import { LocalServer } from '../server/server.ts';
import { integer, invalid, modelOptions, parse, templateOptions } from './options.ts';
import { remark, withoutControls, writeJson, writeText } from './output.ts';
import { openSession, type Session } from './session.ts';

/** `wyvern serve`: the local server without a window. It ends with Ctrl+C or the system's signal. */
export async function serve(args: readonly string[]): Promise<void> {
  const { values } = parse(
    args,
    {
      ...modelOptions,
      ...templateOptions,
      port: { type: 'string' },
      host: { type: 'string' },
      'token-file': { type: 'string' },
      'allow-origin': { type: 'string', multiple: true },
    },
    0,
  );
  const port = integer('--port', values.port, 0, 65_535) ?? defaultServerPort;
  requireLoopback(values.host);
  const origins = (values['allow-origin'] ?? []).map(originOf);
  const file = values['token-file'];
  const token = file === undefined ? newToken() : await tokenOf(file);
  const session = await openSession(values);
  try {
    const onLog = (entry: ServerLogEntry): void => logLine(entry, values.json);
    const server = await LocalServer.start({ port, token, access: accessTo(session), origins, onLog }).catch(asOurs);
    announce(server.port, session.model.name, file === undefined ? token : undefined, values.json);
    await signalToEnd();
    remark('\nEnding…\n');
    await server.close();
  } finally {
    await session.engine.unload();
  }
}

function requireLoopback(host: string | undefined): void {
  if (host === undefined || host === loopback || host === 'localhost') return;
  throw invalid(
    `--host takes ${loopback} or localhost, not “${host}”: the server is for programs on this machine alone.`,
  );
}

function originOf(text: string): string {
  const origin = URL.parse(text)?.origin;
  // The origin of an unknown scheme, such as an app's own, is opaque. Browsers send such an origin as it is.
  const known = origin === 'null' ? text : origin;
  if (known === undefined || known === '*' || known !== text.replace(/\/$/, '')) {
    throw invalid(`--allow-origin takes an origin such as http://localhost:3000, not “${text}”.`);
  }
  return known;
}

/** The token in a file. A file that does not exist gets a new token that only its owner may read. */
async function tokenOf(path: string): Promise<string> {
  try {
    const file = await open(path, 'wx', 0o600);
    const token = newToken();
    await file.writeFile(`${token}\n`);
    await file.close();
    return token;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw invalid(`--token-file: ${(cause as Error).message}`);
  }
  const token = (await readText(path)).trim();
  if (isToken(token)) return token;
  throw invalid(`--token-file: “${path}” has no token: 24 to 512 visible ASCII characters without spaces.`);
}

function asOurs(cause: unknown): never {
  if (!(cause instanceof AppFailure)) throw cause;
  const { message, hint } = cause.error;
  throw failure('option-invalid', { reason: message, ...(hint === undefined ? {} : { hint }) });
}

/** @param token absent if the person has it in a file */
function announce(port: number, model: string, token: string | undefined, json: boolean): void {
  const address = `http://${loopback}:${port}/v1`;
  if (json) {
    writeJson({ type: 'listening', address, model, ...(token === undefined ? {} : { token }) });
    return;
  }
  const shown = token === undefined ? 'in your file' : token;
  writeText(`Address: ${address}\nModel:   ${model}\nToken:   ${shown}\nPress Ctrl+C to end the server.\n`);
}

/** One line when a request ends, without any of its text. */
function logLine(entry: ServerLogEntry, json: boolean): void {
  if (entry.state !== 'done') return;
  if (json) {
    writeJson({ type: 'request', ...entry });
    return;
  }
  const { at, route, status = 0, code, promptTokens, generatedTokens, ms = 0, times = 1 } = entry;
  const tokens = promptTokens === undefined ? '' : `, ${promptTokens} + ${generatedTokens ?? 0} tokens`;
  const more = `${code === undefined ? '' : ` ${code}`}${tokens}, ${ms} ms${times === 1 ? '' : `, ${times} times`}`;
  process.stderr.write(withoutControls(`${new Date(at).toISOString()} ${route} ${status}${more}\n`));
}

/** Resolves at the first Ctrl+C or signal to end. A second one ends the process at once. */
async function signalToEnd(): Promise<void> {
  const asked = Promise.withResolvers<undefined>();
  const end = (): void => asked.resolve(undefined);
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, end);
  await asked.promise;
  for (const signal of signals) process.off(signal, end);
}

/** The engine in this process, for the server. */
function accessTo({ engine, model, bundle }: Session): ModelAccess {
  const served: ServedModel = {
    id: model.name,
    name: model.name,
    contextLength: model.facts.contextLength,
    created: Math.floor(Date.now() / 1000),
    chatTemplate: model.chatTemplate,
    sampling: samplingOf(bundle.sampling),
  };
  return {
    model: () => Promise.resolve(served),
    generate: (_model, input, signal) => answer(engine, input, signal),
  };
}

async function* answer(engine: Engine, input: GenerateInput, signal: AbortSignal): AsyncGenerator<AnswerPart> {
  if (signal.aborted) return;
  const stop = (): void => engine.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    yield { type: 'turn' };
    // The engine stops only an answer that it has begun.
    if (isAborted(signal)) return;
    for await (const event of engine.generate(input)) {
      if (event.type === 'prefilled') {
        yield { type: 'started', promptTokens: event.promptTokens, cachedTokens: event.reusedTokens };
      } else if (event.type === 'token') {
        const { text, thought } = event.token;
        yield { type: 'tokens', tokens: [thought === undefined ? { text } : { text, thought }] };
      } else {
        const { text, thought, reason, statistics } = event;
        const { promptTokens, reusedTokens: cachedTokens, generatedTokens } = statistics;
        const whole = thought === undefined ? { text } : { text, thought };
        yield { type: 'done', ...whole, reason, promptTokens, cachedTokens, generatedTokens };
      }
    }
  } catch (error) {
    yield { type: 'failed', error: asFailure(error).toError() };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

// A function, because the compiler takes the signal's state for a constant.
function isAborted({ aborted }: AbortSignal): boolean {
  return aborted;
}
