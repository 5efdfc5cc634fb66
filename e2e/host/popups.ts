import type { HandlerDetails } from 'electron';
import { toAppUrl } from './origin.ts';

/** A window that a script or a link of the page asks for. */
export interface WantedWindow {
  readonly url: string;
  readonly windowName: string;
  /** Each as `name=value`. */
  readonly windowFeatures: readonly string[];
}

/** The handler's view of a window that the page wants. */
export function popupDetails({ url, windowName, windowFeatures }: WantedWindow): Partial<HandlerDetails> {
  const features = windowFeatures.join(',');
  const hasOwnPlace = windowFeatures.some((feature) => /^(?:width|height|left|top|innerWidth|popup)\b/i.test(feature));
  return {
    url: toAppUrl(url),
    frameName: windowName.startsWith('_') ? '' : windowName,
    features,
    disposition: hasOwnPlace ? 'new-window' : 'foreground-tab',
  };
}
