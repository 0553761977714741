import { FunctionBody, type Local, wasm } from '@shardmill/trees';
import { Arrays, Differences } from './counter-memory.js';
import { SumCode } from './sum-code.js';

const { f32, f64, i32, i64, select } = wasm;

/**
 * A function that compares the values at `Arrays.input` with those at `Arrays.otherInput` as `NumberAgreement` of
 * core does, but for ranks and bands. Its parameters are the counter and how many values there are.
 */
export function compareValues(type: 'f32' | 'f64'): FunctionBody {
  const body = new FunctionBody(2);
  const [counter, count] = body.parameters as [Local, Local];
  const [at, left, isFinite, base] = body.locals(4, 'i32') as [Local, Local, Local, Local];
  const [difference, distance, largest] = body.locals(3, 'f64') as [Local, Local, Local];
  const [bits, high] = [body.local('i64'), body.local('i32')];
  const sums = new SumCode(body, base, 'rareValues');
  const load = (address: number): wasm.WasmExpression =>
    type === 'f32' ? f64.fromF32(f32.load(at, address)) : f64.load(at, address);

  body.set(at, 0);
  body.set(left, count);
  body.set(largest, f64.load(counter, Differences.largest));
  body.loop(() => {
    body.set(difference, f64.subtract(load(Arrays.otherInput), load(Arrays.input)));
    body.set(isFinite, f64.equal(f64.subtract(difference, difference), f64.constant(0)));
    body.if(isFinite, () => {
      const compared = i32.load(counter, Differences.compared);
      body.run(i32.store(counter, i32.add(compared, 1), Differences.compared));
      // Sums of negative differences are behind those of the others.
      body.set(bits, i64.ofBits(difference));
      body.set(high, i32.fromI64(i64.shiftRight(bits, i64.constant(32))));
      const behind = Differences.negative - Differences.positive;
      body.set(base, i32.add(counter, i32.multiply(i32.shiftRight(high, 31), behind)));
      body.set(distance, f64.absolute(difference));
      const { positive, lowerPositive } = Differences;
      sums.add(distance, high, { sums: positive, lower: lowerPositive, rare: difference });
      body.set(largest, select(distance, largest, f64.greater(distance, largest)));
    });
    body.add(at, type === 'f32' ? 4 : 8);
    body.set(left, i32.subtract(left, 1));
  }, left);
  body.run(f64.store(counter, largest, Differences.largest));
  sums.finish();
  return body;
}
