/** The host's options; the launcher sets them before it loads the app. */
export const hostOptions = { headed: false };
