// Protocol buffers, as much as an ONNX model needs: a message is its fields one after another, each a key
// (number << 3 | wire type) and a varint (0) or a length and bytes (2).

/** A field: its number, and a whole number, text, bytes or another message. */
export type Field = readonly [number: number, value: number | string | Uint8Array | Message];

/** Fields in order. */
export type Message = readonly Field[];

/** The bytes of a message. */
export function encode(message: Message): Uint8Array<ArrayBuffer> {
  return join(
    message.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint(number * 8), varint(value)];
      const bytes =
        typeof value === 'string'
          ? new TextEncoder().encode(value)
          : value instanceof Uint8Array
            ? value
            : encode(value);
      return [varint(number * 8 + 2), varint(bytes.length), bytes];
    }),
  );
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Uint8Array.from([...bytes, value]);
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
