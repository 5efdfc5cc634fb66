/** Whether the app is ready; several modules refuse before or after that. */
let ready = false;

export const isAppReady = (): boolean => ready;

/** For the host's `app`. */
export const markAppReady = (): void => void (ready = true);
