import { assign, createEngine, csr, bcsr, gradients, linear, matmul, mean, multiply, relu, scale, subtract, wasm, magnitude, toDense, nmg, nmgMagnitude } from '@lacuna/lacuna';
const events: string[] = [];
const engine = await createEngine(wasm(), { on: (e) => { if (e.type === 'fallback') events.push(e.op + ': ' + e.why); } });
const rnd = (n: number, s = 1) => Float32Array.from({ length: n }, () => (Math.random() - 0.5) * s);
const x = engine.tensor(rnd(32 * 16), [32, 16]), t = engine.tensor(rnd(32 * 8), [32, 8]);
const dense1 = engine.tensor(rnd(24 * 16), [24, 16]), w2 = engine.tensor(rnd(8 * 24), [8, 24]);
const w1 = await engine.sparsify(dense1, magnitude({ fraction: 0.5 }), csr);
const b1 = engine.tensor(new Float32Array(24), [24]);
const step = engine.compile((x, t, lr) => {
  const y = linear(relu(linear(x, w1, b1)), w2);
  const d = subtract(y, t);
  const loss = mean(multiply(d, d), { axes: [0, 1] });
  const params = [w1, b1, w2];
  gradients(loss, params).forEach((g, k) => assign(params[k]!, subtract(params[k]!, multiply(g, lr))));
  return loss;
});
for (let i = 0; i < 200; i++) {
  const l = step(x, t, 0.5);
  if (i % 40 === 0) console.log(i, (await l.read())[0], engine.usage);
  l.dispose();
}
console.log(step.explain());
console.log([...new Set(events)].join('\n'));
const t0 = performance.now(); for (let i = 0; i < 1000; i++) step(x, t, 0.01).dispose(); console.log('us/step', performance.now() - t0);
