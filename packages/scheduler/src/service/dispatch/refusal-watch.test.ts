import type { RoundRefusal, WorkerInfo } from '@shardmill/queue';
import { describe, expect, it } from 'vitest';
import { RefusalWatch } from './refusal-watch.js';

const round = '20260101T000000Z-00000001.0';

const refusal = (shards: number, change: Partial<RoundRefusal> = {}): RoundRefusal => ({
  round,
  shards,
  code: 'LOCATION_FORBIDDEN',
  reason: 'its output is not below /results',
  ...change,
});

const worker = (
  id: string,
  refusals: RoundRefusal[] = [],
  change: Partial<WorkerInfo> = {},
): WorkerInfo => ({
  kind: 'worker',
  id,
  host: 'h',
  pid: 1,
  version: '1',
  startedAt: '',
  seenAt: 0,
  pool: 'cpu',
  state: 'taking',
  concurrency: 1,
  residentBytes: 0,
  rowsPerSecond: 0,
  shardsDone: 0,
  providers: [],
  tasks: [],
  refusals,
  ...change,
});

/** What is found once the workers `a` and `b` that had refused nothing are as given. */
function lookAfter(workers: readonly WorkerInfo[]): ReturnType<RefusalWatch['look']> {
  const watch = new RefusalWatch(round, 'cpu');
  expect(watch.look([worker('a'), worker('b')])).toBeUndefined();
  return watch.look(workers);
}

describe('a round cannot go on', () => {
  it('where each worker refuses it, and the first one says why', () => {
    const workers = [worker('a', [refusal(2)]), worker('b', [refusal(1, { reason: 'no' })])];
    expect(lookAfter(workers)).toMatchObject({
      code: 'LOCATION_FORBIDDEN',
      message:
        'each of the 2 workers of pool "cpu" refuses the shards of this run; a says: its output is not below /results',
      remedy: expect.stringContaining('allow.outputs of the workers'),
    });
  });

  it('where the log that its worker reads knows nothing of it', () => {
    const one = worker('a', [refusal(3, { code: 'MESSAGE_REFUSED', reason: 'no such run' })]);
    expect(lookAfter([one])).toMatchObject({
      code: 'MESSAGE_REFUSED',
      message: 'the only worker of pool "cpu" refuses the shards of this run; a says: no such run',
      remedy: expect.stringContaining('state.uri'),
    });
  });

  it('where the workers that do not refuse it are about to end', () => {
    const workers = [worker('a', [refusal(3)]), worker('b', [], { state: 'draining' })];
    expect(lookAfter(workers)).toBeDefined();
  });
});

describe('a round can go on', () => {
  it.each<readonly [string, WorkerInfo[]]>([
    ['there is no worker', []],
    ['one of them has not refused it', [worker('a', [refusal(9)]), worker('b')]],
    ['another round was refused', [worker('a', [refusal(9, { round: `${round}1` })])]],
    ['two messages were refused', [worker('a', [refusal(2)])]],
    [
      'a worker that is about to end refuses it',
      [worker('a', [refusal(9)], { state: 'draining' })],
    ],
  ])('where %s', (_, workers) => {
    expect(lookAfter(workers)).toBeUndefined();
  });

  it('where all that was refused was refused before', () => {
    const watch = new RefusalWatch(round, 'cpu');
    expect(watch.look([worker('a', [refusal(50)])])).toBeUndefined();
    expect(watch.look([worker('a', [refusal(52)])])).toBeUndefined();
    expect(watch.look([worker('a', [refusal(53)])])).toBeDefined();
  });

  it('where its worker has taken a shard in between', () => {
    const watch = new RefusalWatch(round, 'cpu');
    expect(watch.look([worker('a', [refusal(50)])])).toBeUndefined();
    expect(watch.look([worker('a')])).toBeUndefined();
    expect(watch.look([worker('a', [refusal(2)])])).toBeUndefined();
    expect(watch.look([worker('a', [refusal(3)])])).toBeDefined();
  });
});
