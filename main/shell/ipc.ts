/** Serves the window's calls and sends its events. The only file that names `ipcMain`. */
import { ipcMain } from 'electron';
import type { WebContents, WebFrameMain } from 'electron';
import type { z } from 'zod';
import { callInputs } from '../../preload/contract.ts';
import type { CallName, CallOutputs, Emit, Result } from '../../preload/contract.ts';
import { toAppError } from '../app-error.ts';
import { log } from '../log.ts';

/** One function for each name. The window gets a thrown {@link AppFailure} as a value. */
export type Handlers = {
  readonly [N in CallName]: (input: z.output<(typeof callInputs)[N]>) => CallOutputs[N] | Promise<CallOutputs[N]>;
};

/** Whether a call comes from the top frame of the app's own page. */
export type FrameCheck = (frame: Pick<WebFrameMain, 'url' | 'parent'> | null) => boolean;

/** Serves every name of the contract. Rejects a call from a frame that fails `isTrusted` before it reads the input. */
export function serve(handlers: Handlers, isTrusted: FrameCheck): void {
  for (const name of Object.keys(callInputs) as CallName[]) {
    ipcMain.handle(`call:${name}`, async (event, input: unknown) => {
      if (!isTrusted(event.senderFrame)) {
        log('warning', `Refused ${name} from ${event.senderFrame?.url ?? 'a frame that is gone'}`);
        throw new Error('Refused: not the app’s own page.');
      }
      return await answer(name, handlers, input);
    });
  }
}

async function answer<N extends CallName>(
  name: N,
  handlers: Handlers,
  input: unknown,
): Promise<Result<CallOutputs[N]>> {
  const parsed = callInputs[name].safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') ?? '';
    return {
      ok: false,
      error: {
        code: 'option-invalid',
        message: `${name}: ${where ? `${where}: ` : ''}${issue?.message ?? 'invalid input'}`,
      },
    };
  }
  try {
    const handler: (input: never) => CallOutputs[N] | Promise<CallOutputs[N]> = handlers[name];
    return { ok: true, value: await handler(parsed.data as never) };
  } catch (cause) {
    const error = toAppError(cause);
    if (error.code === 'internal' || error.code === 'store-failed') log('error', `${name} failed`, cause);
    return { ok: false, error };
  }
}

/** Sends events to the window. A closed or loading window gets none; it asks for the state once it is open. */
export function emitTo(contents: () => Pick<WebContents, 'isDestroyed' | 'send'> | undefined): Emit {
  return (name, payload) => {
    const target = contents();
    if (target && !target.isDestroyed()) target.send(`event:${name}`, payload);
  };
}
