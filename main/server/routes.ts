/** The routes, and how an answer gets its turn. */
import { Answer, type Usage } from './answer.ts';
import { chatInput, offeredTools, readChatRequest } from './chat-request.ts';
import { completionInput, readCompletionRequest } from './completion-request.ts';
import { ApiError } from './errors.ts';
import type { AnswerFields } from './fields.ts';
import type { GenerateInput } from '../engine/protocol.ts';
import { Line } from './line.ts';
import type { ModelAccess, ServedModel } from './protocol.ts';
import type { EntryChange } from './request-log.ts';
import type { Responder } from './responder.ts';
import { chatShape, completionShape, type Shape } from './shapes.ts';
import { callReader, type CallReader } from './tool-calls.ts';

/** The model that is loaded, whatever its name is. */
const anyModel = 'default';

export interface Exchange {
  readonly responder: Responder;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
  readonly note: (change: EntryChange) => void;
}

interface Asked {
  readonly input: GenerateInput;
  readonly reader: CallReader;
  readonly shape: Shape;
}

/** A request that was read, and becomes an input once its model is known. */
interface Plan {
  readonly fields: AnswerFields;
  /** @throws ApiError */
  forModel(model: ServedModel): Asked;
}

export class Routes {
  readonly #access: ModelAccess;
  readonly #line = new Line();

  constructor(access: ModelAccess) {
    this.#access = access;
  }

  async models({ responder, signal }: Exchange): Promise<void> {
    const model = await this.#access.model(signal).catch((error: unknown) => {
      // A list is complete without a model.
      if (error instanceof ApiError) return undefined;
      throw error;
    });
    responder.json(200, { object: 'list', data: model === undefined ? [] : [modelBody(model)] });
  }

  /** @throws ApiError `model-unknown` */
  async model(name: string, { responder, signal }: Exchange): Promise<void> {
    responder.json(200, modelBody(named(name, await this.#access.model(signal))));
  }

  /** @throws ApiError */
  async chat(body: unknown, exchange: Exchange): Promise<void> {
    const request = readChatRequest(body);
    await this.#answer(exchange, {
      fields: request,
      forModel: (model) => {
        const tools = offeredTools(request, model);
        const options = { model: model.name, includesUsage: includesUsage(request) };
        return {
          input: chatInput(request, model, tools),
          reader: callReader(model.chatTemplate.tools, tools),
          shape: chatShape(options),
        };
      },
    });
  }

  /** @throws ApiError */
  async completion(body: unknown, exchange: Exchange): Promise<void> {
    const request = readCompletionRequest(body);
    await this.#answer(exchange, {
      fields: request,
      forModel: (model) => ({
        input: completionInput(request, model),
        reader: callReader(undefined, []),
        shape: completionShape({ model: model.name, includesUsage: includesUsage(request) }),
      }),
    });
  }

  async #answer(exchange: Exchange, plan: Plan): Promise<void> {
    const { signal, note } = exchange;
    const find = async (): Promise<ServedModel> => named(plan.fields.model, await this.#access.model(signal));
    // A wrong request fails at once. The model may become another one while the request waits.
    const first = await find();
    note({ model: first.name });
    plan.forModel(first);
    const leave = await this.#line.enter(signal);
    try {
      const model = await find();
      const asked = plan.forModel(model);
      const answer = new Answer(asked.reader);
      await (plan.fields.stream === true
        ? this.#stream(exchange, plan.fields, { ...asked, model, answer })
        : this.#whole(exchange, { ...asked, model, answer }));
    } finally {
      leave();
    }
  }

  async #whole({ responder, signal, note }: Exchange, { input, model, answer, shape }: Answering): Promise<void> {
    for await (const part of this.#access.generate(model, input, signal)) {
      if (part.type === 'turn') note({ state: 'running' });
      if (!signal.aborted) answer.push(part);
    }
    if (signal.aborted) return;
    const { whole } = answer;
    if (whole === undefined) throw new Error('An answer ended without its last part.');
    note({ status: 200, ...figuresOf(whole.usage) });
    responder.json(200, shape.whole(whole));
  }

  async #stream(
    { responder, signal, note }: Exchange,
    fields: AnswerFields,
    { input, model, answer, shape }: Answering,
  ): Promise<void> {
    for await (const part of this.#access.generate(model, input, signal)) {
      if (signal.aborted) continue;
      if (part.type === 'turn') note({ state: 'running' });
      const pieces = answer.push(part);
      // Until the prompt is read, an error still gets its own status.
      if (part.type === 'turn') continue;
      if (!responder.begun) {
        note({ status: 200 });
        responder.openStream();
        if (shape.opening !== undefined) responder.event(shape.opening);
      }
      for (const piece of pieces) responder.event(shape.piece(piece));
    }
    const { whole } = answer;
    if (signal.aborted || whole === undefined) return;
    note(figuresOf(whole.usage));
    responder.event(shape.closing(whole.finish));
    if (includesUsage(fields)) responder.event(shape.usage(whole.usage));
    responder.endStream();
  }
}

interface Answering extends Asked {
  readonly model: ServedModel;
  readonly answer: Answer;
}

function figuresOf({ promptTokens, cachedTokens, generatedTokens }: Usage): EntryChange {
  return { promptTokens, cachedTokens, generatedTokens };
}

function includesUsage({ stream_options: options }: AnswerFields): boolean {
  return options?.include_usage === true;
}

/** @throws ApiError `model-unknown` */
function named(name: string, model: ServedModel): ServedModel {
  if (name === model.name || name === anyModel) return model;
  const loaded = `Wyvern has loaded “${model.name}”, not “${name.slice(0, 200)}”.`;
  throw new ApiError(
    404,
    'model-unknown',
    `${loaded} Use this name or “${anyModel}”, or load the other model in Wyvern.`,
    {
      param: 'model',
    },
  );
}

function modelBody({ name, created, contextLength }: ServedModel): object {
  return { id: name, object: 'model', created, owned_by: 'wyvern', max_model_len: contextLength };
}
