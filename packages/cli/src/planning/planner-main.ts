import {
  type BoundJob,
  type Column,
  type JobBinder,
  ShardmillError,
  Stores,
  toShardmillError,
} from '@shardmill/core';
import { lookAtInput, makePlan } from '@shardmill/scheduler';
import { endWithParent } from '@shardmill/worker/end-with-parent';
import type {
  BinderAnswer,
  LookOrder,
  PlannerMessage,
  PlannerOrder,
  PlanOrder,
} from './planner-protocol.js';

/**
 * The planner process: lists the input and reads its footers, away from the scheduler. A pattern
 * that never ends or footers without end cost this process and nothing else. It is ended with
 * SIGKILL, as engines are.
 */

endWithParent();
const waiting = new Map<number, (answer: BinderAnswer) => void>();
let nextId = 0;

process.once('message', (order: PlannerOrder) => {
  process.on('message', (answer: BinderAnswer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  void (order.kind === 'plan' ? plan(order) : look(order)).then(send);
});

async function look({ storage, request, rules }: LookOrder): Promise<PlannerMessage> {
  const { job, jobFile } = request;
  const stores = new Stores(storage);
  try {
    const facts = await lookAtInput({ job, jobFile, stores, rules });
    return { kind: 'looked', facts };
  } catch (error) {
    return { kind: 'failed', error: toShardmillError(error).toRecord() };
  }
}

async function plan({ storage, request, rules, now }: PlanOrder): Promise<PlannerMessage> {
  const stores = new Stores(storage);
  try {
    const { job, jobFile, params, run: runId } = request;
    const planned = { job, jobFile, params, runId, now: new Date(now) };
    return { kind: 'planned', made: await makePlan({ ...planned, binder, stores, rules }) };
  } catch (error) {
    return { kind: 'failed', error: toShardmillError(error).toRecord() };
  }
}

/** The engine, which belongs to the process that started this one. */
const binder: JobBinder = {
  // The answer to a method is what the engine's protocol says it is.
  describeInput: async (argument) =>
    (await ask((id) => ({ kind: 'ask', id, method: 'describeInput', argument }))) as Column[],
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
