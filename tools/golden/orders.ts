// The order of the C(m, n) patterns of n of m.
import { patternOrder } from '@lacuna/layouts';
import { same } from './compare.ts';
import type { Fields } from './fields.ts';

export function runOrders(file: Fields): string {
  const orders = file.object('orders');
  for (const key of orders.names()) {
    const [n, m] = key.split(':').map(Number);
    const [ours, theirs] = [patternOrder(n!, m!), orders.rows(key)];
    same(`the number of ${key} patterns`, [ours.length], [theirs.length]);
    ours.forEach((pattern, p) => same(`${key} pattern ${p}`, pattern, theirs[p]!));
  }
  return `the order of patterns for ${orders.names().length} pairs n:m`;
}
