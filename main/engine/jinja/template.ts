/**
 * Jinja as `transformers` configures it for chat templates, over the parser and interpreter of @huggingface/jinja. This file
 * evaluates the nodes for which that interpreter differs from Jinja: printed values, operators, filters, tests and methods of
 * texts. `template.test.ts` compares both with more than 500 templates.
 */
import { filterOf } from './filters.ts';
import { json, jsonOptions } from './json.ts';
import { binary } from './operators.ts';
import { strftime } from './strftime.ts';
import { stringMethod } from './strings.ts';
import { testOf } from './tests.ts';
import { Environment, Interpreter, parse, tokenize, type Node, type Scope } from './upstream.ts';
import {
  isList,
  isTable,
  isText,
  isUndefined,
  itemsOf,
  undefinedValue,
  valueOf,
  written,
  type Value,
} from './values.ts';

export interface JinjaOptions {
  readonly now?: () => Date;
}

export class JinjaTemplate {
  readonly #program: Node;
  readonly #now: () => Date;

  /** @throws Error with a sentence that names the template's fault */
  constructor(source: string, { now = () => new Date() }: JinjaOptions = {}) {
    const program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
    this.#program = printing(program);
    this.#now = now;
  }

  /** @throws Error with the message that the template raised, or with the operation that Jinja does not allow */
  render(context: Readonly<Record<string, unknown>>): string {
    const scope = new Environment();
    const names: Readonly<Record<string, unknown>> = { ...constants, ...globals(this.#now), ...context };
    for (const [name, value] of Object.entries(names)) {
      if (value instanceof Native) scope.set(name, () => null).value = value.call;
      else scope.set(name, value);
    }
    return String(new PythonInterpreter(scope).run(this.#program).value);
  }
}

const constants = { true: true, True: true, false: false, False: false, none: null, None: null };

function globals(now: () => Date): Readonly<Record<string, unknown>> {
  return {
    raise_exception: (message: unknown) => {
      throw new Error(String(message));
    },
    strftime_now: (format: unknown) => strftime(now(), String(format)),
    range: (...numbers: readonly unknown[]) => range(numbers.map(Number)),
    // Keyword arguments arrive as one object.
    dict: functionOf((tables) => {
      const table = valueOf({});
      table.value = new Map(tables.flatMap((one) => (isTable(one) ? [...one.value] : [])));
      return table;
    }),
    ...Object.fromEntries(['cycler', 'joiner', 'lipsum'].map((name) => [name, () => unsupported(name)])),
  };
}

/** A function over the interpreter's values. An ordinary function takes and returns plain JavaScript values. */
class Native {
  readonly call: (args: readonly Value[]) => Value;
  constructor(call: (args: readonly Value[]) => Value) {
    this.call = call;
  }
}

function functionOf(call: (args: readonly Value[]) => Value): Native {
  return new Native(call);
}

function unsupported(name: string): never {
  throw new Error(`“${name}” is not supported in a chat template.`);
}

const maxRange = 100_000;

/** Python's `range`, with the limit of Jinja's sandbox. */
function range([first = 0, second, step = 1]: readonly number[]): number[] {
  const [from, to] = second === undefined ? [0, first] : [first, second];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length <= maxRange)) throw new Error(`A range has more than ${maxRange} numbers.`);
  return Array.from({ length }, (_, at) => from + at * step);
}

const statements: ReadonlySet<string> = new Set([
  ...[
    'Program',
    'If',
    'For',
    'Set',
    'Macro',
    'Break',
    'Continue',
    'Comment',
    'CallStatement',
    'FilterStatement',
    'Output',
  ],
]);

/** Returns the tree with each expression among statements marked as printed. */
function printing(node: Node): Node {
  const copy: Record<string, unknown> & { type: string } = Object.assign(
    Object.create(Object.getPrototypeOf(node) as object) as Node,
    node,
  );
  for (const part of ['body', 'alternate', 'defaultBlock']) {
    const children = copy[part];
    if (!Array.isArray(children)) continue;
    copy[part] = (children as readonly Node[]).map((child) =>
      statements.has(child.type) ? printing(child) : { type: 'Output', value: child },
    );
  }
  return copy;
}

/** A node that stands for a value. */
const given = (value: Value): Node => ({ type: 'Given', value });

class PythonInterpreter extends Interpreter {
  override evaluate(node: Node | undefined, scope: Scope): Value {
    // Upstream evaluates an absent node, such as a slice's missing end, to undefined.
    if (node === undefined) return super.evaluate(undefined as unknown as Node, scope);
    switch (node.type) {
      case 'Given':
        return node['value'] as Value;
      case 'Output':
        return valueOf(written(this.#value(node['value'], scope)));
      case 'BinaryExpression':
        return this.#binary(node, scope);
      case 'FilterExpression':
        return this.#filter(node, scope);
      case 'TestExpression':
        return this.#test(node, scope);
      case 'CallExpression':
        return this.#call(node, scope);
      case 'MemberExpression':
        return this.#member(node, scope);
      case 'For':
        return this.#for(node, scope);
      default:
        return super.evaluate(node, scope);
    }
  }

  #value(node: unknown, scope: Scope): Value {
    return this.evaluate(node as Node, scope);
  }

  #upstream(node: Node, scope: Scope): Value {
    return super.evaluate(node, scope);
  }

  #binary(node: Node, scope: Scope): Value {
    const operator = (node['operator'] as { readonly value: string }).value;
    const left = this.#value(node['left'], scope);
    if (operator === 'and') return left.__bool__().value ? this.#value(node['right'], scope) : left;
    if (operator === 'or') return left.__bool__().value ? left : this.#value(node['right'], scope);
    const right = this.#value(node['right'], scope);
    return binary(operator, left, right) ?? this.#upstream({ ...node, left: given(left), right: given(right) }, scope);
  }

  #arguments(nodes: unknown, scope: Scope): { readonly args: Value[]; readonly named: Map<string, Value> } {
    const args: Value[] = [];
    const named = new Map<string, Value>();
    for (const node of nodes as readonly Node[]) {
      if (node.type === 'KeywordArgumentExpression') {
        named.set((node['key'] as { readonly value: string }).value, this.#value(node['value'], scope));
      } else if (node.type === 'SpreadExpression') args.push(...itemsOf(this.#value(node['argument'], scope)));
      else if (node.type === 'KeywordSpreadExpression') {
        const table = this.#value(node['argument'], scope);
        if (isTable(table)) for (const [name, value] of table.value) named.set(name, value);
      } else args.push(this.#value(node, scope));
    }
    return { args, named };
  }

  #filter(node: Node, scope: Scope): Value {
    const operand = this.#value(node['operand'], scope);
    const filter = node['filter'] as Node;
    const isCall = filter.type === 'CallExpression';
    const name = String((isCall ? (filter['callee'] as Node) : filter)['value']);
    const { args, named } = isCall
      ? this.#arguments(filter['args'], scope)
      : { args: [], named: new Map<string, Value>() };
    return this.#filtered(name, operand, args, named, () =>
      this.#upstream({ ...node, operand: given(operand) }, scope),
    );
  }

  #filtered(
    name: string,
    operand: Value,
    args: readonly Value[],
    named: ReadonlyMap<string, Value>,
    otherwise: () => Value,
  ): Value {
    if (name === 'tojson') return valueOf(json(operand, jsonOptions(named, args)));
    const unknown = (inner: string) => (): Value => {
      throw new Error(`The filter “${inner}” is not known.`);
    };
    const own = filterOf(name);
    if (own === undefined) return otherwise();
    return own(operand, {
      args,
      named,
      filter: (inner, value, more) => this.#filtered(inner, value, more, new Map(), unknown(inner)),
      test: (inner, value, more) => {
        const test = testOf(inner);
        if (test === undefined) throw new Error(`The test “${inner}” is not known.`);
        return test(value, more);
      },
    });
  }

  #test(node: Node, scope: Scope): Value {
    const operand = this.#value(node['operand'], scope);
    const own = node['test'] as Node;
    const test = testOf(String(own['value']));
    if (test === undefined) return this.#upstream({ ...node, operand: given(operand) }, scope);
    const args = this.#arguments(node['args'] ?? [], scope).args;
    return valueOf(test(operand, args) !== (node['negate'] === true));
  }

  /** Calls methods of texts, tables and lists. */
  #call(node: Node, scope: Scope): Value {
    const callee = node['callee'] as Node;
    if (callee.type !== 'MemberExpression' || callee['computed'] === true) return this.#upstream(node, scope);
    const object = this.#value(callee['object'], scope);
    const name = String((callee['property'] as Node)['value']);
    if (isText(object)) {
      const method = stringMethod(name);
      if (method === undefined) throw new Error(`A text has no method “${name}”.`);
      const result = method(object.value, this.#arguments(node['args'], scope).args);
      return isValue(result) ? result : valueOf(result);
    }
    if (isTable(object) && name === 'items' && !object.value.has(name)) {
      return this.#filtered('items', object, [], new Map(), () => object);
    }
    if (isList(object) && name === 'index') {
      const [wanted] = this.#arguments(node['args'], scope).args;
      const at = object.value.findIndex((item) => binary('==', item, wanted ?? undefinedValue())?.value === true);
      if (at < 0) throw new Error('The list has no such item.');
      return valueOf(at);
    }
    return this.#upstream({ ...node, callee: { ...callee, object: given(object) } }, scope);
  }

  /** Takes parts of texts by code points. An undefined value has no parts. */
  #member(node: Node, scope: Scope): Value {
    const object = this.#value(node['object'], scope);
    if (isUndefined(object)) throw new Error('A part of something that is not defined was asked for.');
    const property = node['property'] as Node;
    const known = { ...node, object: given(object) };
    if (!isText(object) || node['computed'] !== true) return this.#upstream(known, scope);
    const characters = Array.from(object.value, valueOf);
    const list = valueOf([]);
    list.value = characters;
    const part = this.#upstream({ ...known, object: given(list) }, scope);
    return property.type === 'SliceExpression' ? valueOf(itemsOf(part).map(written).join('')) : part;
  }

  /** Iterates over the characters of texts and the pairs of tables. */
  #for(node: Node, scope: Scope): Value {
    const iterable = node['iterable'] as Node;
    const select = iterable.type === 'SelectExpression';
    const value = this.#value(select ? iterable['lhs'] : iterable, scope);
    const items = isTable(value) ? value : listLike(value);
    const inner = select ? { ...iterable, lhs: given(items) } : given(items);
    return this.#upstream({ ...node, iterable: inner }, scope);
  }
}

/** The interpreter's loops do not accept tuples as lists. */
function listLike(value: Value): Value {
  const list = valueOf([]);
  list.value = itemsOf(value).map((item) => {
    if (item.type !== 'TupleValue') return item;
    const plain = valueOf([]);
    plain.value = item.value;
    return plain;
  });
  return list;
}

function isValue(result: unknown): result is Value {
  return typeof result === 'object' && result !== null && 'type' in result && '__bool__' in result;
}
