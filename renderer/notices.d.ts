/** Third-party packages in the app and their licences. `scripts/notices` creates the module during the build. */
declare module 'virtual:notices' {
  export interface Notice {
    readonly name: string;
    readonly version?: string;
    /** SPDX identifier. */
    readonly license: string;
    /** Address of the source code. */
    readonly source?: string;
    readonly text: string;
  }
  const notices: readonly Notice[];
  export default notices;
}
