/**
 * Connects the page's JavaScript world with the preload's. Both see the same DOM objects but none of each
 * other's JavaScript, so a detached element that only the two links hold carries custom events: synchronous, and
 * Chromium clones `detail` between worlds. Functions become proxies, promises settle later, files keep their identity.
 *
 * Injected as source text, so it must be self-contained.
 */
export interface WorldLink {
  /** Hands `value` to the other world's `receive` under `key`. */
  expose(key: string, value: unknown): void;
}

export function linkWorlds(
  carrier: HTMLInputElement,
  side: 'page' | 'preload',
  receive: (key: string, value: unknown) => void,
): WorldLink {
  type Parcel =
    | { readonly kind: 'plain'; readonly value: unknown }
    | { readonly kind: 'list'; readonly items: readonly Parcel[] }
    | { readonly kind: 'record'; readonly entries: readonly (readonly [string, Parcel])[] }
    | { readonly kind: 'function' | 'promise'; readonly id: number }
    | { readonly kind: 'file'; readonly index: number }
    | { readonly kind: 'error'; readonly name: string; readonly message: string };
  type Reply = { readonly ok: boolean; readonly value: Parcel };
  type Callable = (...values: unknown[]) => unknown;

  const other = side === 'page' ? 'preload' : 'page';
  // Read them now, before a script of the page can replace them.
  const Event = CustomEvent;
  const Transfer = DataTransfer;
  const dispatch = carrier.dispatchEvent.bind(carrier);
  const listen = carrier.addEventListener.bind(carrier);
  const forget = carrier.removeEventListener.bind(carrier);
  const post = (type: string, detail: unknown): void => void dispatch(new Event(type, { detail }));
  const on = (type: string, listener: (detail: never) => void): void =>
    listen(type, (event) => listener((event as CustomEvent).detail as never));

  const functions = new Map<number, Callable>();
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const released = new FinalizationRegistry<number>((id) => post(`release-${other}`, id));
  let lastId = 0;

  function pack(value: unknown, files: File[], depth: number): Parcel {
    if (depth > 100) throw new TypeError('Too deep for the bridge');
    if (typeof value === 'function') {
      functions.set(++lastId, value as Callable);
      return { kind: 'function', id: lastId };
    }
    if (typeof value === 'symbol') throw new TypeError('A symbol cannot cross the bridge');
    if (value === null || typeof value !== 'object') return { kind: 'plain', value };
    if (value instanceof File) return { kind: 'file', index: files.push(value) - 1 };
    if (value instanceof Error) return { kind: 'error', name: value.name, message: value.message };
    if (value instanceof Promise) {
      const id = ++lastId;
      const settle = (ok: boolean) => (result: unknown) => {
        const settledFiles: File[] = [];
        post(`settle-${other}`, { id, ok, value: pack(result, settledFiles, 0) });
      };
      value.then(settle(true), settle(false));
      return { kind: 'promise', id };
    }
    if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => pack(item, files, depth + 1)) };
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      const entries = Object.entries(value).map(([key, item]) => [key, pack(item, files, depth + 1)] as const);
      return { kind: 'record', entries };
    }
    return { kind: 'plain', value };
  }

  function unpack(parcel: Parcel): unknown {
    switch (parcel.kind) {
      case 'plain':
        return parcel.value;
      case 'list':
        return parcel.items.map(unpack);
      case 'record':
        return Object.fromEntries(parcel.entries.map(([key, item]) => [key, unpack(item)]));
      case 'file':
        return carrier.files?.[parcel.index];
      case 'error':
        return Object.assign(new Error(parcel.message), { name: parcel.name });
      case 'promise': {
        const settled = Promise.withResolvers<unknown>();
        waiting.set(parcel.id, settled);
        return settled.promise;
      }
      case 'function': {
        const proxy = (...values: unknown[]): unknown => callOther(parcel.id, values);
        released.register(proxy, parcel.id);
        return proxy;
      }
    }
  }

  /** Files travel in the carrier's own list, as the same objects: a clone would lose their paths. */
  function send(type: string, id: number, value: unknown): void {
    const files: File[] = [];
    const parcel = pack(value, files, 0);
    const transfer = new Transfer();
    for (const file of files) transfer.items.add(file);
    carrier.files = transfer.files;
    post(type, { id, value: parcel });
  }

  function callOther(id: number, values: unknown[]): unknown {
    const replyType = `reply-${side}-${++lastId}`;
    let reply: Reply | undefined;
    const take = (event: globalThis.Event): void => {
      reply = (event as CustomEvent<Reply>).detail;
    };
    listen(replyType, take);
    try {
      send(`call-${other}`, id, [replyType, ...values]);
    } finally {
      forget(replyType, take);
    }
    if (!reply) throw new Error('The other side of the bridge is gone');
    const value = unpack(reply.value);
    if (!reply.ok) throw value;
    return value;
  }

  on(`call-${side}`, ({ id, value }: { id: number; value: Parcel }) => {
    const [replyType, ...values] = unpack(value) as [string, ...unknown[]];
    let reply: Reply;
    try {
      const target = functions.get(id);
      if (!target) throw new Error('The function is gone');
      reply = { ok: true, value: pack(target(...values), [], 0) };
    } catch (cause) {
      reply = { ok: false, value: pack(cause, [], 0) };
    }
    post(replyType, reply);
  });
  on(`settle-${side}`, ({ id, ok, value }: { id: number } & Reply) => {
    const settled = waiting.get(id);
    waiting.delete(id);
    if (ok) settled?.resolve(unpack(value));
    else settled?.reject(unpack(value));
  });
  on(`release-${side}`, (id: number) => void functions.delete(id));
  on(`expose-${side}`, ({ key, value }: { key: string; value: Parcel }) => receive(key, unpack(value)));

  return { expose: (key, value) => post(`expose-${other}`, { key, value: pack(value, [], 0) }) };
}
