import type { OutputMode } from '@shardmill/core';
import { jobSchema } from '@shardmill/core/schemas';
import { describe, expect, it } from 'vitest';
import { backfillRange } from './backfill-range.js';

function rangeOf(uri: string, mode: OutputMode, to = '2026-11-03') {
  const job = jobSchema.parse({
    name: 'test',
    input: { uri: 'in/{{ ds }}' },
    model: { uri: 'm.onnx' },
    output: { uri, columns: { score: 'score' }, mode },
    schedule: { cron: '0 5 * * *' },
  });
  return backfillRange(
    { job, definition: job, file: '/jobs/job.json' },
    { from: '2026-11-03', to },
    '/jobs',
  );
}

describe('a location of a backfill', () => {
  it.each<[string, string, OutputMode, boolean]>([
    ['with a run of each date beside the others', 'out', 'append', true],
    ['of its own', 'out/{{ ds }}', 'append', false],
    ['of a month', 'out/{{ ds | yyyy-MM }}', 'append', true],
    ['of its own, which is replaced', 'out/{{ ds }}', 'overwrite', false],
  ])('of one date is %s: %s in mode %s', (_, uri, mode, shared) => {
    // A range of a single date has no other that would show it.
    expect(rangeOf(uri, mode)).toMatchObject({ dates: [{ ds: '2026-11-03' }], shared });
  });

  it('has several dates in mode append, and is refused where they would replace each other', () => {
    expect(rangeOf('out', 'append', '2026-11-05').shared).toBe(true);
    expect(() => rangeOf('out', 'overwrite', '2026-11-05')).toThrow(
      expect.objectContaining({ code: 'BACKFILL_OUTPUT_SHARED', where: 'output.uri' }),
    );
    expect(rangeOf('out/{{ ds }}', 'overwrite', '2026-11-05')).toMatchObject({ shared: false });
  });
});
