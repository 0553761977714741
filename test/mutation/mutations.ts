import type { Mutation } from './mutation.js';
import { treeMutations } from './tree-mutations.js';
import { waitingMutations } from './waiting-mutations.js';

const STORE = 'packages/core/src/store';
const SCHEDULER = 'packages/scheduler/src';
const ENGINE = 'packages/worker/src';

export const mutations: readonly Mutation[] = [
  {
    name: 'the condition on PUT',
    edits: [
      {
        file: `${STORE}/s3/s3-requests.ts`,
        text: "{ IfNoneMatch: '*', Metadata: { [WRITER]: writer } }",
        replacement: '{ Metadata: { [WRITER]: writer } }',
      },
    ],
    tests: [`${STORE}/store-contract.test.ts`],
    only: 'a prefix of a bucket as a store never changes what is there',
  },
  {
    name: 'the condition on a new file',
    edits: [
      {
        file: `${STORE}/file-store.ts`,
        text: 'await link(file, name);',
        replacement: 'await rename(file, name);',
      },
    ],
    tests: [`${STORE}/store-contract.test.ts`],
    only: 'a folder as a store never changes what is there',
  },
  {
    name: 'the condition on the decision about a tick',
    edits: [
      {
        file: `${SCHEDULER}/schedules/ticks/tick-log.ts`,
        text: 'const decided = await createOnce(this.store, tickKey(schedule, id, 0), event);',
        replacement: `const bytes = Buffer.from(JSON.stringify(event));
    await this.store.replace(tickKey(schedule, id, 0), bytes);
    const decided = true;`,
      },
    ],
    tests: [`${SCHEDULER}/schedules/ticks/tick-log.test.ts`],
    only: 'deciding a tick is done once, by whoever is first',
  },
  {
    name: 'the read-back after a PUT without a clear answer',
    edits: [
      {
        file: `${STORE}/s3/create-once.ts`,
        text: 'if (triesBefore > 0) {',
        replacement: 'if (triesBefore < 0) {',
      },
      {
        file: `${STORE}/s3/create-once.ts`,
        text: `so look.
      const found = await verdict(raw, key, body, writer);`,
        replacement: `so look.
      const found = 'exists' as const;`,
      },
    ],
    tests: [`${STORE}/s3/create-once.test.ts`],
    only: 'under a store that may lose any answer',
  },
  {
    name: 'the pin of an object by its ETag',
    edits: [
      {
        file: `${STORE}/s3/s3-requests.ts`,
        text: 'IfMatch: `"${etag}"`',
        replacement: '',
      },
      {
        file: `${STORE}/s3/s3-store.ts`,
        text: 'if (etag !== undefined && content.etag !== etag) {',
        replacement: 'if (etag === null) {',
      },
    ],
    tests: [`${STORE}/store-contract.test.ts`],
    only: 'a prefix of a bucket as a store refuses a range of another content',
  },
  {
    name: 'the pin of a file',
    edits: [
      {
        file: `${STORE}/file-store.ts`,
        text: 'if (etag !== undefined && fileEtag(',
        replacement: 'if (etag === null && fileEtag(',
      },
    ],
    tests: [`${STORE}/file-store.test.ts`],
    only: 'refuses a range of a file that was written again since',
  },
  {
    name: 'the trial of a store that may ignore conditions',
    edits: [
      {
        file: `${STORE}/probe-store.ts`,
        text: 'if (await store.refusesSecondCreate(key)) return;',
        replacement: 'if (!(await store.refusesSecondCreate(key))) return;\n    return;',
      },
    ],
    tests: [`${STORE}/stores.test.ts`],
    only: 'refuses a store that ignores them',
  },
  {
    name: 'the hash of a page of the plan',
    edits: [
      {
        file: 'packages/core/dist/plan/stored-plan.js',
        text: 'if (found !== expected.sha256) {',
        replacement: 'if (found === null) {',
      },
    ],
    tests: [`${SCHEDULER}/plan/publish-plan.test.ts`],
    only: 'refuses what is damaged',
  },
  {
    name: 'the reconcile of plan and queue',
    edits: [
      {
        file: `${SCHEDULER}/service/dispatch/run-dispatch.ts`,
        text: 'await this.#enqueue(await this.#outcomes.lookUp(absent));',
        replacement: 'await this.#outcomes.lookUp(absent);',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-service.test.ts`],
    only: 'fills the queue again after Redis was emptied',
  },
  {
    name: 'the accounting of rows',
    edits: [
      {
        file: `${SCHEDULER}/finalize/check-record.ts`,
        text: 'if (rows.read === rows.scored + rows.rejected + rows.filtered) return;',
        replacement: 'if (rows.read >= 0) return;',
      },
      {
        file: `${SCHEDULER}/finalize/check-record.ts`,
        text: 'if (part.rows.read !== planned.rows) {',
        replacement: 'if (part.rows.read < 0) {',
      },
      {
        file: `${SCHEDULER}/finalize/check-record.ts`,
        text: 'if (!sameCounts(sum, record.rows)) {',
        replacement: 'if (sum === null) {',
      },
    ],
    tests: [`${SCHEDULER}/finalize/finalize-run.test.ts`],
    only: 'finalizing refuses',
  },
  {
    name: 'the look for the parts before the manifest',
    edits: [
      {
        file: `${SCHEDULER}/finalize/collect-records.ts`,
        text: 'await checkObjects(store, plan, parts);',
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/finalize/finalize-run.test.ts`],
    only: 'finalizing refuses',
  },
  {
    name: 'the manifest before _SUCCESS',
    edits: [
      {
        file: `${SCHEDULER}/finalize/finalize-run.ts`,
        text: `const manifest =
    (await adoptManifest(`,
        replacement: `await announceSuccess(store, plan);
  const manifest =
    (await adoptManifest(`,
      },
    ],
    tests: [`${SCHEDULER}/finalize/finalize-run.test.ts`],
    only: 'comes to the same end after a crash',
  },
  {
    name: 'the record before a shard is settled',
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: 'await this.#store.create(shardRecordKey(run, shard), encode(record));',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard.test.ts`],
    only: 'a shard that is scored',
  },
  {
    name: 'the look for the plan before a record',
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: `if (!(await plans.exists(message))) return this.#runGone();
    // Whoever`,
        replacement: '// Whoever',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard.test.ts`],
    only: 'gets back the parts of a late worker that finishes',
  },
  {
    name: 'the wait for the engine before that look',
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: 'await this.world.untilOut?.(message);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard.test.ts`],
    only: 'gets back a part that the engine made',
  },
  {
    name: 'the setting that keeps bounds of floats from deciding expressions',
    edits: [
      {
        file: 'packages/worker/src/duckdb/open-database.ts',
        text: "disabled_optimizers: 'statistics_propagation',",
        replacement: '',
      },
    ],
    tests: ['packages/worker/src/scan/shield-floats.test.ts'],
    only: 'bounds that leave NaN out decide no expression',
  },
  {
    name: 'the function that keeps bounds of floats from deciding filters',
    edits: [
      {
        file: 'packages/worker/src/scan/shield-floats.ts',
        text: '? `least(${sql})`',
        replacement: '? sql',
      },
    ],
    tests: ['packages/worker/src/scan/shield-floats.test.ts'],
    only: 'bounds that leave NaN out decide no filter',
  },
  {
    name: 'the distrust of bounds of floats in a plan',
    edits: [
      {
        file: `${SCHEDULER}/plan/footers/row-group-statistics.ts`,
        text: `case 'float':
      return undefined;`,
        replacement: `case 'float':
      return {
        kind: 'float',
        min: min && Buffer.from(min).readDoubleLE(),
        max: max && Buffer.from(max).readDoubleLE(),
      };`,
      },
    ],
    tests: [`${SCHEDULER}/plan/make-plan.test.ts`],
    only: 'rule out by the values that DuckDB compares after widening',
  },
  {
    name: 'the comparison of a message with the log of runs',
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: 'return reason === undefined ? undefined : this.#refuse(reason);',
        replacement: 'return reason === null ? this.#refuse(reason) : undefined;',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard.test.ts`],
    only: 'is refused, and nothing of it is followed',
  },
  {
    name: 'what a message is compared by',
    edits: [
      {
        file: `${ENGINE}/shard/logged-runs.ts`,
        text: 'canonicalJson([said[name]]) === canonicalJson([value]) ? [] : [name],',
        replacement: 'said === value ? [name] : [],',
      },
    ],
    tests: [`${ENGINE}/shard/logged-runs.test.ts`],
    only: 'is refused where it says otherwise',
  },
  {
    name: 'the name of a message',
    edits: [
      {
        file: `${ENGINE}/shard/logged-runs.ts`,
        text: 'if (id !== shardId(message)) return',
        replacement: 'if (id === undefined) return',
      },
    ],
    tests: [`${ENGINE}/shard/logged-runs.test.ts`],
    only: 'is refused under another name',
  },
  {
    name: 'the form of ids in messages',
    edits: [
      {
        file: 'packages/queue/src/shards/stored-shard.ts',
        text: "z.string().refine(isRunId, 'expected the id of a run')",
        replacement: 'z.string()',
      },
    ],
    tests: ['packages/queue/src/shards/stored-shard.test.ts'],
    only: 'says what is wrong with a (run|plan) that leads elsewhere',
  },
  {
    name: 'the digest that is computed over a stored plan',
    edits: [
      {
        file: 'packages/core/dist/plan/stored-plan.js',
        text: 'if (found === digest && plan.digest === digest)',
        replacement: 'if (found !== null)',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-service.test.ts`],
    only: 'follows no plan that was changed',
  },
  {
    name: 'the form of ids in keys',
    edits: [
      {
        file: 'packages/core/src/plan/object-layout.ts',
        text: 'if (isRunId(runId)) return runId;',
        replacement: 'if (runId !== null) return runId;',
      },
    ],
    tests: ['packages/core/src/plan/object-layout.test.ts'],
    only: 'refuses what would lead out of the run',
  },
  {
    name: "the second parse of a plan's expressions",
    edits: [
      {
        file: `${ENGINE}/sql/check-scoring.ts`,
        text: 'await parseExpression(connection, rules, sql, where);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/sql/check-scoring.test.ts`],
    only: 'a plan is refused whose SQL',
  },
  {
    name: "the parse of a plan's types",
    edits: [
      {
        file: `${ENGINE}/sql/check-scoring.ts`,
        text: "if (cast.tree['class'] === 'CAST') return;",
        replacement: 'if (cast.sql !== null) return;',
      },
    ],
    tests: [`${ENGINE}/sql/check-scoring.test.ts`],
    only: 'more than types',
  },
  {
    name: 'the check of what was opened for a regular file',
    edits: [
      {
        file: `${STORE}/regular-file.ts`,
        text: 'if (info.isFile()) return file;',
        replacement: 'if (info !== null) return file;',
      },
    ],
    tests: [`${STORE}/regular-file.test.ts`],
    only: 'is nothing else',
  },
  {
    name: 'what jobs are allowed to name',
    edits: [
      {
        file: `${STORE}/allowed-locations.ts`,
        text: 'if (roots === undefined) return;',
        replacement: 'if (roots !== null) return;',
      },
    ],
    tests: [`${STORE}/allowed-locations.test.ts`],
    only: 'may lie nowhere else',
  },
  {
    name: 'the links that are followed before locations are compared',
    edits: [
      {
        file: `${STORE}/allowed-locations.ts`,
        text: 'return await realpath(target);',
        replacement: 'return target;',
      },
    ],
    tests: [`${STORE}/allowed-locations.test.ts`],
    only: 'may lie nowhere else',
  },
  {
    name: 'the patterns of jobs in what is allowed',
    edits: [
      {
        file: `${STORE}/allowed-locations.ts`,
        text: 'const usable = own.length > 0 ? own :',
        replacement: 'const usable = own.length < 0 ? own :',
      },
    ],
    tests: [`${STORE}/allowed-locations.test.ts`],
    only: 'are all that the jobs which they match',
  },
  {
    name: "the scheduler's check of what a job names",
    edits: [
      {
        file: `${SCHEDULER}/service/run/plan-run.ts`,
        text: 'await checkRules(rules, request.job, request.jobFile, stores);',
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-service.test.ts`],
    only: 'whose output is not allowed',
  },
  {
    name: "the worker's check of where it writes",
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: 'if (forbidden !== undefined) return forbidden;',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard.test.ts`],
    only: 'the output is refused',
  },
  {
    name: "the worker's check of what it reads",
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: 'await checkReads(this.world, found);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard.test.ts`],
    only: 'fails before it is staged',
  },
  {
    name: "the folder of a model's weights",
    edits: [
      {
        file: `${ENGINE}/model/model-files.ts`,
        text: 'await requireBelowModel(file, location, modelPath);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/model/model-files.test.ts`],
    only: 'lie below the folder',
  },
  {
    name: "the question for a model's weights",
    edits: [
      {
        file: `${ENGINE}/model/model-files.ts`,
        text: 'await mayRead(file);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/model/model-files.test.ts`],
    only: 'are asked for before',
  },
  {
    name: 'the range of times',
    edits: [
      {
        file: 'packages/core/src/job/bounds.ts',
        text: 'return ms >= parseDurationMs(least) && ms <= parseDurationMs(MAX_DURATION);',
        replacement: 'return ms >= 0;',
      },
    ],
    tests: ['packages/core/src/job/bounds.test.ts'],
    only: 'partTimeout',
  },
  {
    name: 'the mask of logins in addresses',
    edits: [
      {
        file: 'packages/cli/src/ui/settings-report.ts',
        text: "if (type === 'httpUrl') return withoutLogin(value, `${MASK}@`);",
        replacement: '',
      },
    ],
    tests: ['packages/cli/src/commands/config.test.ts'],
    only: 'shows no login',
  },
  {
    name: 'the digest of a transform',
    edits: [
      {
        file: `${ENGINE}/scan/allowed-module.ts`,
        text: 'if (found === sha256) return;',
        replacement: 'if (found !== null) return;',
      },
    ],
    tests: [`${ENGINE}/scan/allowed-module.test.ts`],
    only: 'must be the one that was planned',
  },
  {
    name: "the filter of engines' environment",
    edits: [
      {
        file: `${ENGINE}/engine-process/engine-environment.ts`,
        text: 'NAMES.has(name) ||',
        replacement: 'name !== null ||',
      },
    ],
    tests: [`${ENGINE}/engine-process/engine-environment.test.ts`],
    only: 'an engine of a fleet',
  },
  {
    name: 'the token of metrics',
    edits: [
      {
        file: 'packages/cli/src/serve/status-server.ts',
        text: 'if (!hasBearerToken(request.headers.authorization, token)) {',
        replacement: 'if (hasBearerToken(null, token)) {',
      },
    ],
    tests: ['packages/cli/src/serve/status-server.test.ts'],
    only: 'shows metrics only with the token',
  },
  {
    name: 'the limit of connections',
    edits: [
      {
        file: 'packages/cli/src/serve/status-server.ts',
        text: 'limitConnections(server, MAX_CONNECTIONS);',
        replacement: '',
      },
    ],
    tests: ['packages/cli/src/serve/status-server.test.ts'],
    only: 'closes the oldest connection',
  },
  {
    name: 'the deadline of planning',
    edits: [
      {
        file: `${ENGINE}/engine-process/limit-planning.ts`,
        text: 'const deadline = setTimeout(() => stop(late(timeoutMs)), timeoutMs);',
        replacement: 'const deadline = undefined;',
      },
    ],
    tests: [`${ENGINE}/engine-process/limit-planning.test.ts`],
    only: 'kills at the deadline',
  },
  {
    name: 'the memory limit of planning',
    edits: [
      {
        file: `${ENGINE}/engine-process/limit-planning.ts`,
        text: 'if (bytes > memoryLimitBytes)',
        replacement: 'if (bytes < 0)',
      },
    ],
    tests: [`${ENGINE}/engine-process/limit-planning.test.ts`],
    only: 'kills over the memory',
  },
  {
    name: 'the end of planning when its run is cancelled',
    edits: [
      {
        file: `${SCHEDULER}/service/run/run-steps.ts`,
        text: "if (now.phase !== 'submitted') this.#stopPlanning();",
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-service.test.ts`],
    only: 'is stopped where its run is cancelled',
  },
  {
    name: 'the share of slots for planning',
    edits: [
      {
        file: `${SCHEDULER}/service/run/plan-slots.ts`,
        text: '.filter(({ submitter }) => this.#of(submitter) < most)',
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/service/run/plan-slots.test.ts`],
    only: 'are never all of one submitter',
  },
  {
    name: 'the end of a run that all workers refuse',
    edits: [
      {
        file: `${SCHEDULER}/service/dispatch/run-dispatch.ts`,
        text: "if (decision === 'go-on' && refusal !== undefined) throw refusal;",
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-service.test.ts`],
    only: 'whose shards every worker of its pool refuses',
  },
  {
    name: 'the process in which patterns are matched',
    edits: [
      {
        file: 'packages/client/dist/planning/local-planner.js',
        text: "(typeof uri === 'string' ? [uri] : uri).some(hasWildcards)",
        replacement: 'false',
      },
    ],
    tests: ['packages/client/src/planning/local-planner.test.ts'],
    only: 'keeps this process free',
  },
  {
    name: 'the memory of damaged row groups',
    edits: [
      {
        file: `${ENGINE}/part/known-damage.ts`,
        text: 'if (reads) throw error;',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/part/known-damage.test.ts`],
    only: 'refuses the parts that read a damaged row group',
  },
  {
    name: 'the regions that jobs are allowed',
    edits: [
      {
        file: `${STORE}/allowed-regions.ts`,
        text: 'if (regions === undefined || !isS3(location)) return;',
        replacement: 'if (regions !== null) return;',
      },
    ],
    tests: [`${STORE}/allowed-regions.test.ts`],
    only: 'may not be used by',
  },
  {
    name: "the scheduler's check of regions",
    edits: [
      {
        file: `${SCHEDULER}/plan/job-rules.ts`,
        text: 'await requireRegion(allow, location, job.name, regionOf);',
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/plan/job-rules.test.ts`],
    only: 'are those of its input',
  },
  {
    name: "the worker's check of regions",
    edits: [
      {
        file: `${ENGINE}/shard/check-locations.ts`,
        text: 'await requireRegion(allow, uri, plan.job.name, regionOf);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/shard/check-locations.test.ts`],
    only: 'writes into those alone',
  },
  {
    name: 'the path of a request that is no URL',
    edits: [
      {
        file: 'packages/cli/src/serve/status-server.ts',
        text: "const path = request.url?.split('?', 1)[0] ?? '';",
        replacement: "const path = new URL(request.url ?? '', 'http://x').pathname;",
      },
    ],
    tests: ['packages/cli/src/serve/status-server.test.ts'],
    only: 'answers 404 to the path //$',
  },
  {
    name: 'the address that is listened on',
    edits: [
      {
        file: 'packages/cli/src/serve/status-server.ts',
        text: "host = '127.0.0.1'",
        replacement: "host = '0.0.0.0'",
      },
    ],
    tests: ['packages/cli/src/serve/status-server.test.ts'],
    only: 'listens on this machine alone',
  },
  {
    name: "the folders of a run's database",
    edits: [
      {
        file: `${ENGINE}/duckdb/open-database.ts`,
        text: "await setup.run('SET enable_external_access = false');",
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/duckdb/open-database.test.ts`],
    only: 'reaches no file but those',
  },
  {
    name: "the lock of a database's settings",
    edits: [
      {
        file: `${ENGINE}/duckdb/open-database.ts`,
        text: "await setup.run('SET lock_configuration = true');",
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/duckdb/open-database.test.ts`],
    only: 'keeps its settings',
  },
  {
    name: 'what is kept of a refused message',
    edits: [
      {
        file: 'packages/queue/src/shards/release-shard.ts',
        text: 'await keepRefused(link, this.refusedKey, { id, reason: outcome.reason, data });',
        replacement: '',
      },
    ],
    tests: ['packages/queue/src/shards/bull-shard-consumer.test.ts'],
    only: 'takes a shard out that is refused',
  },
  {
    name: 'the pin of a model that is demanded',
    edits: [
      {
        file: `${SCHEDULER}/plan/job-rules.ts`,
        text: 'if (requireSha256 === true && model.sha256 === undefined) {',
        replacement: 'if (model.sha256 === null) {',
      },
    ],
    tests: [`${SCHEDULER}/plan/job-rules.test.ts`],
    only: 'a model has to be pinned',
  },
  {
    name: 'the check of the files that were found',
    edits: [
      {
        file: `${SCHEDULER}/plan/job-rules.ts`,
        text: 'if (allow?.inputs === undefined) return;',
        replacement: 'if (allow !== null) return;',
      },
    ],
    tests: [`${SCHEDULER}/plan/job-rules.test.ts`],
    only: 'files that were found',
  },
  {
    name: 'the size of a footer',
    edits: [
      {
        file: 'packages/core/src/parquet/read-footer.ts',
        text: 'if (length > maxFooterBytes) {',
        replacement: 'if (length < 0) {',
      },
    ],
    tests: ['packages/core/src/parquet/read-footer.test.ts'],
    only: 'refuses a footer that is larger',
  },
  {
    name: 'what a footer claims of its file',
    edits: [
      {
        file: 'packages/core/src/parquet/lie-about-size.ts',
        text: 'if (end > fileBytes) {',
        replacement: 'if (end < 0) {',
      },
      {
        file: 'packages/core/src/parquet/lie-about-size.ts',
        text: 'if (footer.rows > most) {',
        replacement: 'if (footer.rows < 0) {',
      },
    ],
    tests: ['packages/core/src/parquet/lie-about-size.test.ts'],
    only: 'what a footer claims',
  },
  {
    name: 'the limit of aliases in YAML',
    edits: [
      {
        file: 'packages/client/src/read-definition/yaml.ts',
        text: 'maxAliasCount: MAX_ALIASES',
        replacement: 'maxAliasCount: 2 ** 40',
      },
    ],
    tests: ['packages/client/src/load-job.test.ts'],
    only: 'refuses YAML whose aliases multiply',
  },
  {
    name: 'the new plan of a run whose place was taken',
    edits: [
      {
        file: `${SCHEDULER}/service/run/run-steps.ts`,
        text: "await this.#append({ kind: 'unplanned', at: this.#now() });",
        replacement: 'throw planGone(this.#run.planRun, this.output);',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-service.test.ts`],
    only: 'plans a run afresh that is resumed',
  },
  {
    name: 'what killed processes left',
    edits: [
      {
        file: `${ENGINE}/stage/work-folder.ts`,
        text: 'if (await isLeftOver(other, target, now)) await rm(target, { recursive: true, force: true });',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/stage/work-folder.test.ts`],
    only: 'removes what killed processes left',
  },
  {
    name: "the secrets of the fleet in a command's engine",
    edits: [
      {
        file: `${ENGINE}/engine-process/engine-environment.ts`,
        text: '!SECRETS.test(name)',
        replacement: "name !== ''",
      },
    ],
    tests: [`${ENGINE}/engine-process/engine-environment.test.ts`],
    only: 'all but the secrets',
  },
  {
    name: 'the size of a definition',
    edits: [
      {
        file: 'packages/client/src/read-definition/read-definition.ts',
        text: 'if (bytes <= MAX_DEFINITION_BYTES)',
        replacement: 'if (bytes >= 0)',
      },
    ],
    tests: ['packages/client/src/read-definition/large-definition.test.ts'],
    only: 'a definition over 1 MB',
  },
  {
    name: 'control characters shown as text',
    edits: [
      {
        file: 'packages/cli/src/own-sequences.ts',
        text: 'text.split(MARK).map(showControls)',
        replacement: 'text.split(MARK)',
      },
    ],
    tests: ['packages/cli/src/own-sequences.test.ts'],
    only: 'has none from outside',
  },
  ...treeMutations,
  ...waitingMutations,
];
