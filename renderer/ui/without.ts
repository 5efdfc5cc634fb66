/** A copy of a record without one of its entries. */
export function without<T>(all: Readonly<Record<string, T>>, id: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => key !== id));
}
