import { resolve } from 'node:path';

/** The host's options; the launcher sets them before it loads the app. */
export const hostOptions = {
  /** Shows the window; otherwise Chromium runs headless. */
  headed: false,
  /** Opens links and folders with the desktop's programs; otherwise the host only records them. */
  desktop: false,
  /** The app's folder, with its `package.json`. */
  app: resolve(import.meta.dirname, '../..'),
};
