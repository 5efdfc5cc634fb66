/** The parts of a `tokenizer.json`: objects with a `type`. Some are sequences of others. */

export interface Component {
  readonly type: string;
  readonly [key: string]: unknown;
}

function isComponent(value: unknown): value is Component {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Returns a sequence's parts, at any depth, in order. `children` is the key of the parts. Returns none for null. */
export function flatten(component: Component | null, children: string): Component[] {
  if (component === null) return [];
  const inner = component[children];
  if (component.type !== 'Sequence' || !Array.isArray(inner)) return [component];
  return inner.filter(isComponent).flatMap((child) => flatten(child, children));
}

/** Returns a string of a component, or `fallback` if it is absent. */
export function stringOf(component: Component, key: string, fallback: string): string {
  const value = component[key];
  return typeof value === 'string' ? value : fallback;
}
