/** Names of presets and prompts, which differ from each other in one list. */
import type { Renamed } from '../../preload/contract.ts';

export interface Named {
  readonly name: string;
}

interface Addition<Item> {
  /** Items to add, with free names. */
  readonly added: readonly Item[];
  /** Number of items that the list has already. */
  readonly known: number;
  readonly renamed: readonly Renamed[];
}

/**
 * Prepares the items of a file for a list. An item with the name and content of a listed one is left out; a taken name gets
 * a number.
 * @param content equal for items that differ only in their name
 */
export function additionOf<Item extends Named>(
  found: readonly Item[],
  listed: readonly Item[],
  longestName: number,
  content: (item: Item) => string,
): Addition<Item> {
  const key = (item: Item): string => JSON.stringify([foldedName(item.name), content(item)]);
  const taken = foldedNames(listed);
  const present = new Set(listed.map(key));
  const added: Item[] = [];
  const renamed: Renamed[] = [];
  for (const item of found) {
    if (present.has(key(item))) continue;
    const name = freeName(item.name, taken, longestName);
    if (name !== item.name) renamed.push({ from: item.name, to: name });
    added.push({ ...item, name });
    taken.add(foldedName(name));
    present.add(key(item));
  }
  return { added, known: found.length - added.length, renamed };
}

/** The name, or the name with the first free number. @param taken folded names */
export function freeName(name: string, taken: ReadonlySet<string>, longest: number): string {
  if (!taken.has(foldedName(name))) return name;
  for (let number = 2; ; number++) {
    const end = ` ${number}`;
    const candidate = `${name.slice(0, longest - end.length).trimEnd()}${end}`;
    if (!taken.has(foldedName(candidate))) return candidate;
  }
}

export function foldedNames(items: readonly Named[]): Set<string> {
  return new Set(items.map(({ name }) => foldedName(name)));
}

/** Equal for names that the store considers equal: it folds only the letters A to Z. */
export function foldedName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
