import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RequestLimit } from './request-limit.js';

it('keeps both limits, the order, and lets a request that is too large run alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(15), { maxLength: 30 }), async (sizes) => {
      const limit = new RequestLimit(3, 10);
      const running = new Set<number>();
      const begun: number[] = [];
      await Promise.all(
        sizes.map((bytes, index) =>
          limit.run(bytes, async () => {
            running.add(index);
            begun.push(index);
            const sum = [...running].reduce((total, one) => total + (sizes[one] ?? 0), 0);
            expect(running.size).toBeLessThanOrEqual(3);
            expect(running.size === 1 || sum <= 10).toBe(true);
            for (let i = 0; i < bytes % 4; i++) await turn();
            running.delete(index);
          }),
        ),
      );
      expect(begun).toEqual(sizes.map((_, index) => index));
    }),
    { numRuns: 100 },
  );
});

it('goes on after a failure', async () => {
  const limit = new RequestLimit(1, 10);
  const failed = limit.run(1, () => Promise.reject(new Error('no')));
  const next = limit.run(1, async () => 'yes');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
