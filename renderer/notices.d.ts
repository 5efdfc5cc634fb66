/** Whose work is in the app, with the licence of each; made by `scripts/notices` while the window is built. */
declare module 'virtual:notices' {
  export interface Notice {
    readonly name: string;
    readonly version?: string;
    /** SPDX identifier. */
    readonly license: string;
    /** Address of its source. */
    readonly source?: string;
    readonly text: string;
  }
  const notices: readonly Notice[];
  export default notices;
}
