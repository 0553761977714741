import { Worker } from 'node:worker_threads';
import {
  type BoundJob,
  type Column,
  type JobBinder,
  ShardmillError,
  Stores,
  toShardmillError,
  unreachable,
} from '@shardmill/core';
import { listInput, checkInput, makePlan } from '@shardmill/scheduler';
import { endWithParent } from '@shardmill/worker/end-with-parent';
import type { BinderAnswer, PlannerMessage, PlannerOrder } from './planner-protocol.js';

/**
 * The planner process: lists the input and reads its footers, away from the process that wants the
 * plan. A pattern that never ends or footers without end cost this process and nothing else. It is
 * ended with SIGKILL, as engines are.
 */

endWithParent();
// Matching may keep this thread from ever hearing that the other process is gone.
new Worker(new URL('./watch-parent.js', import.meta.url)).unref();
const waiting = new Map<number, (answer: BinderAnswer) => void>();
let nextId = 0;

process.once('message', (order: PlannerOrder) => {
  process.on('message', (answer: BinderAnswer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  void fulfil(order).then(send);
});

async function fulfil({ kind, storage, request }: PlannerOrder): Promise<PlannerMessage> {
  const stores = new Stores(storage);
  stores.onWaiting = (message) => send({ kind: 'waiting', message });
  try {
    switch (kind) {
      case 'plan':
        return { kind: 'planned', made: await makePlan({ ...request, binder, stores }) };
      case 'list': {
        const { sources: _, ...listed } = await listInput({ ...request, stores });
        return { kind: 'listed', listed };
      }
      case 'check-input':
        return { kind: 'checked', facts: await checkInput({ ...request, stores }) };
      case 'profile': {
        const { profileApart } = await import('../profiles/profile-apart.js');
        return { kind: 'profiled', profile: await profileApart(request, stores) };
      }
      default:
        return unreachable(kind, 'order');
    }
  } catch (error) {
    return { kind: 'failed', error: toShardmillError(error).toRecord() };
  }
}

/** The engine, which belongs to the process that started this one. */
const binder: JobBinder = {
  // The answer to a method is what the engine's protocol says it is.
  describeInput: async (argument) =>
    (await ask((id) => ({ kind: 'ask', id, method: 'describeInput', argument }))) as Column[],
  readCheckpoint: async (argument) =>
    (await ask((id) => ({ kind: 'ask', id, method: 'readCheckpoint', argument }))) as string[],
  bindJob: async (argument) =>
    (await ask((id) => ({ kind: 'ask', id, method: 'bindJob', argument }))) as BoundJob,
};

function ask(question: (id: number) => PlannerMessage): Promise<unknown> {
  const id = nextId++;
  return new Promise((resolve, reject) => {
    waiting.set(id, (answer) => {
      if ('error' in answer) reject(ShardmillError.fromRecord(answer.error));
      else resolve(answer.answer);
    });
    send(question(id));
  });
}

function send(message: PlannerMessage): void {
  process.send?.(message);
}
