/** Electron's event object: its default action can be prevented. */
export interface HostEvent {
  readonly defaultPrevented: boolean;
  preventDefault(): void;
}

export function createEvent<T extends object>(facts: T = {} as T): HostEvent & T {
  let prevented = false;
  return Object.defineProperties(
    { ...facts, preventDefault: () => void (prevented = true) },
    { defaultPrevented: { get: () => prevented } },
  ) as HostEvent & T;
}
