// JSON.parse keeps the last of two equal keys without a word, so that two readers may see two files. This
// scan of text that is known to be JSON finds the first key that an object repeats.

/**
 * The first key that occurs twice in one object of `json`, escapes resolved.
 *
 * @example
 * ```ts
 * duplicateKey('{"a": 1, "b": {"a": 2}, "\\u0061": 3}'); // 'a'
 * ```
 */
export function duplicateKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // the keys of each object we are in; undefined for arrays
  let keyNext = false;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case '{':
        open.push(new Set());
        keyNext = true;
        break;
      case '[':
        open.push(undefined);
        keyNext = false;
        break;
      case '}':
      case ']':
        open.pop();
        keyNext = false;
        break;
      case ',':
        keyNext = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = stringEnd(json, at);
        if (keyNext) {
          const key = String(JSON.parse(json.slice(at, end + 1)));
          const keys = open.at(-1);
          if (keys?.has(key)) return key;
          keys?.add(key);
        }
        keyNext = false;
        at = end;
        break;
      }
      default:
    }
  }
  return undefined;
}

/** Index of the quote that closes the string opened at `at`. */
function stringEnd(json: string, at: number): number {
  let end = at + 1;
  while (end < json.length && json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
  return end;
}
