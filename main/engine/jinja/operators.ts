/** Python's operators that @huggingface/jinja implements differently. */
import { percent } from './strings.ts';
import {
  compare,
  equal,
  floatOf,
  isFloat,
  isList,
  isNumber,
  isTable,
  isText,
  isUndefined,
  itemsOf,
  listOf,
  valueOf,
  written,
  type Value,
} from './values.ts';

/** Maximum length of a text or list that a repetition makes. */
const maxRepeated = 2 ** 20;

/** @returns undefined if the interpreter does the same as Python */
export function binary(operator: string, left: Value, right: Value): Value | undefined {
  switch (operator) {
    case '==':
      return valueOf(equal(left, right));
    case '!=':
      return valueOf(!equal(left, right));
    case '~':
      return valueOf(written(left) + written(right));
    case 'in':
      return valueOf(contains(right, left));
    case 'not in':
      return valueOf(!contains(right, left));
    case '<':
      return valueOf(compare(left, right) < 0);
    case '>':
      return valueOf(compare(left, right) > 0);
    case '<=':
      return valueOf(compare(left, right) <= 0);
    case '>=':
      return valueOf(compare(left, right) >= 0);
    case '%':
      if (isText(left)) return valueOf(percent(left.value, right.type === 'TupleValue' ? itemsOf(right) : [right]));
      return isNumber(left) && isNumber(right) ? remainder(left, right) : undefined;
    case '*':
      return repeated(left, right) ?? repeated(right, left);
    case '/':
    case '//':
      if (isNumber(right) && Number(right.value) === 0) throw new Error('A number cannot be divided by 0.');
      return undefined;
    case '+':
      return sum(left, right);
    default:
      return undefined;
  }
}

function sum(left: Value, right: Value): Value | undefined {
  if (isText(left) !== isText(right)) throw new Error(`“${written(left)}” and “${written(right)}” cannot be added.`);
  if (isList(left) && isList(right)) return listOf([...left.value, ...right.value]);
  return undefined;
}

function contains(whole: Value, part: Value): boolean {
  if (isUndefined(whole)) return false;
  if (isText(whole)) {
    if (!isText(part)) throw new Error('Only a text can be in a text.');
    return whole.value.includes(part.value);
  }
  if (isTable(whole)) return isText(part) && whole.value.has(part.value);
  return itemsOf(whole).some((item) => equal(item, part));
}

/** The remainder with the sign of the divisor. */
function remainder(left: Value, right: Value): Value {
  const [one, other] = [Number(left.value), Number(right.value)];
  if (other === 0) throw new Error('A number cannot be divided by 0.');
  const rest = one - other * Math.floor(one / other);
  return isFloat(left) || isFloat(right) ? floatOf(rest) : valueOf(rest);
}

function repeated(whole: Value, times: Value): Value | undefined {
  if (!isNumber(times) || (!isText(whole) && !isList(whole))) return undefined;
  const count = Math.max(0, Number(times.value));
  if (whole.value.length * count > maxRepeated) throw new Error(`A repetition is longer than ${maxRepeated}.`);
  if (isText(whole)) return valueOf(whole.value.repeat(count));
  return listOf(Array.from({ length: count }, () => itemsOf(whole)).flat());
}
