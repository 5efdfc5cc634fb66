/** Jinja's tests, the words after `is`. */
import {
  compare,
  equal,
  isFloat,
  isList,
  isNumber,
  isTable,
  isText,
  isUndefined,
  itemsOf,
  undefinedValue,
  type Value,
} from './values.ts';

type Test = (value: Value, args: readonly Value[]) => boolean;

export function testOf(name: string): Test | undefined {
  return Object.hasOwn(tests, name) ? tests[name] : undefined;
}

const first = (args: readonly Value[]): Value => args[0] ?? undefinedValue();
const isSame: Test = (value, args) => equal(value, first(args));
const isOther: Test = (value, args) => !equal(value, first(args));
const isLess: Test = (value, args) => compare(value, first(args)) < 0;
const isMore: Test = (value, args) => compare(value, first(args)) > 0;
const isAtMost: Test = (value, args) => compare(value, first(args)) <= 0;
const isAtLeast: Test = (value, args) => compare(value, first(args)) >= 0;
const cased =
  (change: (text: string) => string): Test =>
  (value) =>
    isText(value) && /\p{Cased}/u.test(value.value) && value.value === change(value.value);

const tests: Readonly<Record<string, Test>> = {
  defined: (value) => !isUndefined(value),
  undefined: isUndefined,
  none: (value) => value.type === 'NullValue',
  boolean: (value) => value.type === 'BooleanValue',
  true: (value) => value.value === true,
  false: (value) => value.value === false,
  integer: (value) => value.type === 'IntegerValue',
  float: isFloat,
  number: isNumber,
  string: isText,
  mapping: isTable,
  sequence: (value) => isList(value) || isTable(value) || isText(value),
  iterable: (value) => isList(value) || isTable(value) || isText(value) || isUndefined(value),
  callable: (value) => value.type === 'FunctionValue',
  odd: (value) => Math.abs(Number(value.value)) % 2 === 1,
  even: (value) => Number(value.value) % 2 === 0,
  divisibleby: (value, args) => Number(value.value) % Number(first(args).value) === 0,
  lower: cased((text) => text.toLowerCase()),
  upper: cased((text) => text.toUpperCase()),
  in: (value, args) => {
    const whole = first(args);
    if (isText(whole)) return isText(value) && whole.value.includes(value.value);
    return itemsOf(whole).some((item) => equal(item, value));
  },
  sameas: (value, args) => value.type === first(args).type && value.value === first(args).value,
  eq: isSame,
  equalto: isSame,
  ne: isOther,
  lt: isLess,
  lessthan: isLess,
  gt: isMore,
  greaterthan: isMore,
  le: isAtMost,
  ge: isAtLeast,
};
