/** Parts of the window that a start can do without: their code comes once the window is drawn, or as soon as one is shown. */
import { type ComponentType, type ReactNode, useSyncExternalStore } from 'react';

const parts: (() => Promise<void>)[] = [];

/**
 * The part, empty until its code is there. Once it is, it is drawn at once, as one that was there from the start: React's
 * own `lazy` shows a part a moment late even then.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let Part: ComponentType<P> | undefined;
  let loading: Promise<void> | undefined;
  const loaded = (): Promise<void> => (loading ??= load().then((part) => void (Part = part)));
  const subscribe = (changed: () => void): (() => void) => {
    void loaded().then(changed);
    return () => undefined;
  };
  parts.push(loaded);
  return function Later(props: P): ReactNode {
    const Known = useSyncExternalStore(subscribe, () => Part);
    return Known && <Known {...props} />;
  };
}

/** When the window has been drawn and has nothing else to do. */
export function loadWhatIsLater(): void {
  requestAnimationFrame(() => requestIdleCallback(() => parts.forEach((load) => void load())));
}
