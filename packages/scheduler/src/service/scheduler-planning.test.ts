import { type Job, planKey, ShardmillError } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { loadPlan } from '@shardmill/core/plans';
import { ModelRegistry } from '../models/model-registry.js';
import { resolveModel } from '../models/resolve-model.js';
import { checkRules } from '../plan/job-rules.js';
import { publishPlan } from '../plan/publish-plan.js';
import { modelFacts } from '../testing/model-facts.js';
import { keysOf } from '../testing/run.js';
import { eventually, type Fleet, jobWith, markersGone, withFleet } from '../testing/service.js';
import { syntheticPlan } from '../testing/synthetic-plan.js';

describe('planning a job that names a registered model', () => {
  const promote = async (fleet: Fleet, version: number): Promise<void> => {
    const models = new ModelRegistry(fleet.registry.store);
    const request = { kind: 'set', alias: 'production', version, how: 'promote' } as const;
    const author = { by: 'ann@one', now: new Date() };
    await models.changeAlias(await models.get('churn'), request, author);
  };
  const registered = async (fleet: Fleet): Promise<Job> => {
    const models = new ModelRegistry(fleet.registry.store);
    for (const name of ['a', 'b'])
      await models.add('churn', modelFacts(name), { by: 'ann@one', now: new Date() });
    const job = jobWith(fleet, {});
    return { ...job, model: { uri: 'models:/churn@production' } };
  };

  it('resolves the alias when it is planned, and not again', () =>
    withFleet(async (fleet) => {
      const job = await registered(fleet);
      const planned: unknown[] = [];
      const run = await fleet.submit({ job });
      await promote(fleet, 2);
      fleet.scheduler({
        makePlan: async (request, _signal, { release }) => {
          planned.push({ model: request.job.model, version: release?.version });
          return fleet.plan(request);
        },
      });
      await eventually(async () => (await fleet.registry.resolve(run)).planRun ?? undefined);
      await promote(fleet, 1);
      fleet.scheduler({ makePlan: async () => Promise.reject(new Error('planned again')) });
      fleet.worker();
      expect((await fleet.ended(run)).phase).toBe('finished');
      const { uri, sha256 } = modelFacts('b').file;
      expect(planned).toEqual([{ model: { uri, sha256 }, version: 2 }]);
    }));

  it('fails where the alias is not there, by its name', () =>
    withFleet(async (fleet) => {
      const job = await registered(fleet);
      fleet.scheduler();
      const run = await fleet.submit({ job });
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'failed',
        error: { code: 'MODEL_NOT_REGISTERED', where: 'model.uri' },
      });
    }));

  it('is held against allow.models by where the version lies', () =>
    withFleet(async (fleet) => {
      const job = await registered(fleet);
      await promote(fleet, 1);
      await expect(
        checkRules({ allow: { models: ['/other'] } }, job, 'job.json', fleet.stores),
      ).resolves.toBeUndefined();
      const { job: resolved } = await resolveModel(job, new ModelRegistry(fleet.registry.store));
      await expect(
        checkRules({ allow: { models: ['/other'] } }, resolved, 'job.json', fleet.stores),
      ).rejects.toMatchObject({ code: 'LOCATION_FORBIDDEN', where: '/models/a.onnx' });
      const rules = { allow: { models: ['/models'] }, requireSha256: true };
      await expect(checkRules(rules, resolved, 'job.json', fleet.stores)).resolves.toBeUndefined();
    }));
});

describe('planning', () => {
  it('ends the run where the job is at fault', () =>
    withFleet(async (fleet) => {
      fleet.scheduler({
        makePlan: async () => {
          throw new ShardmillError('COLUMN_NOT_FOUND', 'there is no "x"');
        },
      });
      const run = await fleet.submit();
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'failed',
        planRun: null,
        error: { code: 'COLUMN_NOT_FOUND' },
      });
      await markersGone(fleet);
    }));

  it('is tried again where the store does not answer', () =>
    withFleet(async (fleet) => {
      let calls = 0;
      fleet.scheduler({
        makePlan: async (request) => {
          if (++calls < 3) throw new ShardmillError('STORE_UNREACHABLE', 'no answer');
          return fleet.plan(request);
        },
      });
      fleet.worker();
      const run = await fleet.submit();
      await eventually(() => {
        const notice = fleet.redis.views.get(run)?.notice ?? '';
        return notice.includes('STORE_UNREACHABLE') ? notice : undefined;
      });
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));

  it('goes on with the plan of a scheduler that died before it could log it', () =>
    withFleet(async (fleet) => {
      const run = await fleet.submit();
      const made = syntheticPlan({ runId: run, output: fleet.output, shards: 2 });
      const seen = await fleet.registry.resolve(run);
      const planDigest = made.plan.digest;
      const intent = { kind: 'planning', at: 't', planRun: run, planDigest } as const;
      expect(await fleet.registry.append(seen, intent)).toBe(true);
      await publishPlan(fleet.store, made);
      fleet.scheduler({
        makePlan: async () => {
          throw new ShardmillError('INPUT_NOT_FOUND', 'gone by now');
        },
      });
      fleet.worker();
      expect((await fleet.ended(run)).phase).toBe('finished');
      expect(await keysOf(fleet.store, 'part-')).toHaveLength(4);
    }));

  it('follows no plan in the output location that the log does not know', () =>
    withFleet(async (fleet) => {
      const run = await fleet.submit({ job: jobWith(fleet, { mode: 'overwrite' }) });
      const at = { runId: run, output: fleet.output, shards: 2 };
      await publishPlan(fleet.store, syntheticPlan({ ...at, input: '/etc' }));
      fleet.scheduler();
      fleet.worker();
      const ended = await fleet.ended(run);
      expect(ended.phase).toBe('finished');
      expect(ended.planRun).toBe(`${run}-${ended.planDigest?.slice(0, 8)}`);
      expect((await loadPlan(fleet.store, ended.planRun ?? '')).inputUris).not.toContain('/etc');
    }));

  it('follows no plan that was changed after it was stored', () =>
    withFleet(async (fleet) => {
      const first = fleet.scheduler();
      const run = await fleet.submit();
      await fleet.until(run, ({ phase }) => phase === 'running');
      await first.close();
      const plan = await loadPlan(fleet.store, run);
      const forged = { ...plan, inputUris: ['/etc'] };
      await fleet.store.replace(planKey(run), Buffer.from(JSON.stringify(forged)));
      fleet.scheduler();
      const { error } = await fleet.ended(run);
      expect(error).toMatchObject({ code: 'PLAN_MISMATCH' });
      expect(error?.message).toContain('calls itself');
    }));

  it('notes the digest of a plan that an earlier version stored', () =>
    withFleet(async (fleet) => {
      const run = await fleet.submit();
      const made = syntheticPlan({ runId: run, output: fleet.output, shards: 2 });
      await publishPlan(fleet.store, made);
      const seen = await fleet.registry.resolve(run);
      await fleet.registry.append(seen, { kind: 'planned', at: 't', planRun: run });
      fleet.scheduler();
      fleet.worker();
      const { phase, planDigest } = await fleet.ended(run);
      expect([phase, planDigest]).toEqual(['finished', made.plan.digest]);
    }));

  it('plans a run afresh that is resumed after another took its place', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const job = jobWith(fleet, { mode: 'overwrite' });
      const first = await fleet.submit({ job });
      await fleet.until(first, ({ phase }) => phase === 'running');
      await fleet.registry.cancel(first, 'me', new Date());
      await fleet.ended(first);
      fleet.worker();
      const second = await fleet.submit({ job }, { input: '/data/new' });
      expect((await fleet.ended(second)).phase).toBe('finished');
      await eventually(async () =>
        (await fleet.store.head(planKey(first))) === undefined ? true : undefined,
      );
      const options = { by: 'me', now: new Date(), of: 'failed-or-cancelled' } as const;
      await fleet.registry.reopen(first, options);
      const { phase, planRun, events } = await fleet.ended(first);
      expect([phase, planRun]).toEqual(['finished', `${first}-1`]);
      expect(events.map(({ kind }) => kind)).toContain('unplanned');
    }));

  it('gets around the pages of a scheduler that died before it stored its plan', () =>
    withFleet(async (fleet) => {
      const run = await fleet.submit();
      const dead = syntheticPlan({ runId: run, output: fleet.output, shards: 2, input: '/other' });
      await publishPlan(fleet.store, dead);
      await fleet.store.delete(planKey(run));
      fleet.scheduler();
      fleet.worker();
      const ended = await fleet.ended(run);
      expect(ended.phase).toBe('finished');
      expect(ended.planRun).toMatch(new RegExp(`^${run}-[0-9a-f]{8}$`));
    }));

  it('of one run holds up no other', () =>
    withFleet(async (fleet) => {
      fleet.scheduler({
        settings: { intervalMs: 50, viewMs: 20, plansAtOnce: 1 },
        makePlan: async (request) =>
          request.run === 'slow' ? new Promise(() => {}) : fleet.plan(request),
      });
      fleet.worker();
      const quick = await fleet.submit({ run: 'quick' });
      await fleet.until(quick, ({ phase }) => phase === 'running');
      const job = jobWith(fleet, { uri: `${fleet.folder}/slow` });
      await fleet.submit({ run: 'slow', job });
      expect((await fleet.ended(quick)).phase).toBe('finished');
      await fleet.registry.cancel('slow', 'me', new Date());
      expect((await fleet.ended('slow')).phase).toBe('cancelled');
      expect(await keysOf(fleet.stores.open(`${fleet.folder}/slow`))).toEqual([]);
    }));

  it('is stopped where its run is cancelled, and its slot is free for others', () =>
    withFleet(async (fleet) => {
      const stopped: unknown[] = [];
      fleet.scheduler({
        settings: { intervalMs: 50, viewMs: 20, plansAtOnce: 1 },
        makePlan: async (request, signal) => {
          if (request.run !== 'slow') return fleet.plan(request);
          signal.addEventListener('abort', () => stopped.push(signal.reason));
          return new Promise(() => {});
        },
      });
      fleet.worker();
      const job = jobWith(fleet, { uri: `${fleet.folder}/slow` });
      await fleet.submit({ run: 'slow', job });
      await eventually(() =>
        fleet.redis.viewsSide.get('slow').then((seen) => seen?.state === 'planning' || undefined),
      );
      const quick = await fleet.submit({ run: 'quick' });
      await fleet.registry.cancel('slow', 'me', new Date());
      expect((await fleet.ended('slow')).phase).toBe('cancelled');
      expect(stopped).toMatchObject([{ code: 'INTERRUPTED' }]);
      expect((await fleet.ended(quick)).phase).toBe('finished');
    }));
});
