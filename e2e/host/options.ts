/** How the host was started; set by the launcher before the app is loaded. */
export const hostOptions = { headed: false };
