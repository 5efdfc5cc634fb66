/** Messages between the host and a forked process. A port travels by its number. */
export type UtilityMessage =
  | { readonly type: 'message'; readonly data: unknown; readonly ports: readonly number[] }
  | { readonly type: 'port'; readonly port: number; readonly data: unknown }
  | { readonly type: 'close'; readonly port: number };
