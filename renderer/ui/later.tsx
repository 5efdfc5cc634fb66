/** Parts of the window that the first frame does not need. Their code loads after it, or when one is shown. */
import { type ComponentType, type ReactNode, useSyncExternalStore } from 'react';

const parts: (() => Promise<void>)[] = [];

/**
 * A component that stays empty until its code has loaded, and then renders synchronously. React's `lazy` shows a
 * fallback for a moment even after the code has loaded.
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

/** After the first frame, when the window is idle. */
export function loadWhatIsLater(): void {
  requestAnimationFrame(() => requestIdleCallback(() => parts.forEach((load) => void load())));
}
