// Numbers for objects that keys of caches must tell apart, without keeping the objects alive.
const numbers = new WeakMap<object, number>();
let last = 0;

/** A number that is this object's alone. */
export function identity(object: object): number {
  let number = numbers.get(object);
  if (number === undefined) numbers.set(object, (number = ++last));
  return number;
}
