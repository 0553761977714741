import { existsSync } from 'node:fs';
import type { JobDefinition } from '@shardmill/core';
import { usualJob, type Workplace } from './workplace.js';

/**
 * A place where a run stops until the gate is opened, so that a test can act in its middle without
 * a guess at times: the job's transform, which waits for a file before rows from one id on.
 */
export class Gate {
  private constructor(
    readonly place: Workplace,
    readonly job: JobDefinition,
  ) {}

  /** The usual job (in `job.json`) in parts of 100 rows, which waits before row `firstId`. */
  static async before(
    firstId: number,
    place: Workplace,
    change: Partial<JobDefinition> = {},
  ): Promise<Gate> {
    const job = {
      ...usualJob,
      transform: { columns: ['id', 'a', 'b', 'c'], module: 'gate.mjs' },
      plan: { partRows: 100, shardParts: 2 },
      ...change,
    };
    await place.write('gate.mjs', gateModule(firstId, place.path('gate-is-')));
    await place.writeJob(job);
    return new Gate(place, job);
  }

  async open(): Promise<void> {
    await this.place.write('gate-is-open', '');
  }

  /** Whether an engine stands before it, or did. */
  get reached(): boolean {
    return existsSync(this.place.path('gate-is-reached'));
  }
}

function gateModule(firstId: number, files: string): string {
  return `import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export default async function wait(batch) {
  for (const id of batch.getChild('id')) {
    if (id < ${firstId}n || existsSync(${JSON.stringify(`${files}open`)})) continue;
    writeFileSync(${JSON.stringify(`${files}reached`)}, '');
    while (!existsSync(${JSON.stringify(`${files}open`)})) await sleep(10);
  }
  return batch;
}
`;
}
