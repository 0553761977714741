import { ShardmillError } from '@shardmill/core';
import { expect, it } from 'vitest';
import { limitPlanning } from './limit-planning.js';

const ROOMY = { timeoutMs: 60_000, memoryLimitBytes: 2 ** 50 };
const NEVER = (): Promise<never> => new Promise(() => {});

/** This process in place of one that plans: it is not killed, only the call is noted. */
function planner() {
  const killed: string[] = [];
  return { killed, pid: process.pid, kill: ({ code }: ShardmillError) => killed.push(code) };
}

it('gives what is planned', async () => {
  const process = planner();
  expect(await limitPlanning(ROOMY, [process], undefined, async () => 'plan')).toBe('plan');
  expect(process.killed).toEqual([]);
});

it('kills at the deadline', async () => {
  const process = planner();
  const limits = { ...ROOMY, timeoutMs: 50 };
  await expect(limitPlanning(limits, [process], undefined, NEVER)).rejects.toMatchObject({
    code: 'PLAN_TIMEOUT',
  });
  expect(process.killed).toEqual(['PLAN_TIMEOUT']);
});

it('kills over the memory of all processes together', async () => {
  const processes = [planner(), planner()];
  const limits = { ...ROOMY, memoryLimitBytes: 2 ** 20 };
  await expect(limitPlanning(limits, processes, undefined, NEVER)).rejects.toMatchObject({
    code: 'PLAN_OUT_OF_MEMORY',
  });
  for (const { killed } of processes) expect(killed).toContain('PLAN_OUT_OF_MEMORY');
});

it.each(['before', 'meanwhile'])('kills where it was cancelled %s', async (when) => {
  const process = planner();
  const controller = new AbortController();
  const abort = (): void => controller.abort(new ShardmillError('INTERRUPTED', 'cancelled'));
  if (when === 'before') abort();
  else setTimeout(abort, 20);
  let reason: unknown;
  const planning = limitPlanning(ROOMY, [process], controller.signal, async (signal) => {
    signal.addEventListener('abort', () => (reason = signal.reason));
    return NEVER();
  });
  await expect(planning).rejects.toMatchObject({ code: 'INTERRUPTED', message: 'cancelled' });
  expect(process.killed).toEqual(['INTERRUPTED']);
  if (when === 'meanwhile') expect(reason).toMatchObject({ code: 'INTERRUPTED' });
});
