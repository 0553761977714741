import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningCommand } from '../support/command.js';
import { type Manifest, refusalOfChart, renderedChart } from '../support/rendered-chart.js';
import { readRepository } from '../support/repository.js';

// These tests read what helm rendered, in test/deploy/rendered. `npm run check:deploy`, which needs
// Go, lints the chart, renders it, and has kubectl-validate hold the objects against the schemas of
// Kubernetes 1.27 and 1.30: no package of npm refuses a misspelt field of them. check-deploy.test.ts
// holds that nothing changed since then.

/** Kinds that are not of Kubernetes itself: their schemas are checked here. */
const CUSTOM = ['keda.sh/v1alpha1', 'monitoring.coreos.com/v1'];
const isOwnKind = ({ apiVersion }: Manifest): boolean => !CUSTOM.includes(apiVersion);

function only(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.filter((object) => object.kind === kind && object.metadata.name === name);
  expect(found, `${kind} ${name}`).toHaveLength(1);
  const [object] = found;
  if (object === undefined) throw new Error('none');
  return object;
}

/** The pod of a deployment. */
function podOf(manifests: readonly Manifest[], name: string) {
  const template = only(manifests, 'Deployment', name).spec?.template;
  if (template === undefined) throw new Error(`${name} has no pods`);
  return { ...template, container: template.spec.containers[0] };
}

const argument = (args: readonly string[], flag: string): string | undefined =>
  args[args.indexOf(flag) + 1];

let folder = '';
let least: Manifest[] = [];
let all: Manifest[] = [];
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-chart-'));
  least = await renderedChart('least');
  all = await renderedChart('all');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the chart', () => {
  it('renders what KEDA and the Prometheus operator accept', () => {
    const custom = all.filter((object) => !isOwnKind(object));
    expect(custom.map(({ kind }) => kind).toSorted()).toEqual([
      'PodMonitor',
      'PrometheusRule',
      'ScaledObject',
      'ScaledObject',
      'ScaledObject',
    ]);
    const models = new Map<string, new (data: never) => { validate(): void }>([
      ['PodMonitor', PodMonitor],
      ['PrometheusRule', PrometheusRule],
      ['ScaledObject', ScaledObject],
    ]);
    for (const object of custom) {
      const model = models.get(object.kind);
      if (model === undefined) throw new Error(`no schema of ${object.kind}`);
      Reflect.construct(model, [object]).validate();
    }
  });

  it('gives every object a name of its own', () => {
    const names = all.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['where the log of runs is', 'no-state', 'config.state.uri'],
    ['where Redis is', 'no-redis', 'Redis must be told'],
    ['a value that is misspelt', 'misspelt-value', 'schedular'],
    ['a key of a pool that is misspelt', 'misspelt-pool-key', 'replics'],
    ['a setting that is none', 'unknown-setting', 'reddis'],
    ['how KEDA is to get past a token', 'token-for-keda', 'keda.source: schedulers'],
    ['a pool that Kubernetes cannot name', 'pool-name', 'pools.big_cpu: a pool of Kubernetes'],
  ])('refuses to be installed without being told, or told wrongly, %s', async (_, values, text) => {
    expect(await refusalOfChart(values)).toContain(text);
  });
});

describe('status ports', () => {
  it('can be asked by pods of the cluster alone, and on no other port', async () => {
    const { spec } = only(least, 'NetworkPolicy', 'shardmill');
    expect(spec).toMatchObject({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'shardmill' } },
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ namespaceSelector: {} }], ports: [{ protocol: 'TCP', port: 'status' }] },
      ],
    });
    const narrow = only(await renderedChart('guarded'), 'NetworkPolicy', 'shardmill').spec;
    expect(narrow).toMatchObject({
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }] }],
    });
  });

  it('have a token and TLS where secrets are named, and are asked accordingly', async () => {
    const guarded = await renderedChart('guarded');
    const { container } = podOf(guarded, 'shardmill-worker-cpu');
    expect(container.env).toEqual(
      expect.arrayContaining([
        {
          name: 'SHARDMILL_STATUS_TOKEN',
          valueFrom: { secretKeyRef: { name: 'status', key: 'bearer' } },
        },
        { name: 'SHARDMILL_STATUS_TLS_CERT', value: '/etc/shardmill-tls/tls.crt' },
        { name: 'SHARDMILL_STATUS_TLS_KEY', value: '/etc/shardmill-tls/tls.key' },
      ]),
    );
    expect(container).toMatchObject({
      livenessProbe: { httpGet: { scheme: 'HTTPS' } },
      readinessProbe: { httpGet: { scheme: 'HTTPS' } },
    });
    const monitor = only(guarded, 'PodMonitor', 'shardmill');
    expect(JSON.stringify(monitor.spec)).toContain('"bearerTokenSecret":{"name":"status"');
    Reflect.construct(PodMonitor, [monitor]).validate();
  });
});

describe('pods', () => {
  const names = ['shardmill-scheduler', 'shardmill-worker-cpu', 'shardmill-worker-gpu'];

  it.each(names)('of %s run without rights that they do not need', (name) => {
    const { spec, container } = podOf(all, name);
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 },
    });
    expect(container).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      livenessProbe: { httpGet: { path: '/healthz', port: 'status' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'status' } },
    });
  });

  it('are those that their deployments, budgets and the service select', () => {
    for (const { kind, spec, metadata } of all) {
      if (!['Deployment', 'PodDisruptionBudget', 'Service'].includes(kind)) continue;
      const pod = podOf(all, metadata.name).metadata.labels;
      const selector: object = Object(spec?.selector);
      const chosen: unknown = kind === 'Service' ? selector : Reflect.get(selector, 'matchLabels');
      expect(pod, `${kind} ${metadata.name}`).toMatchObject(Object(chosen));
    }
  });

  it('are replaced when the configuration changes', async () => {
    const sum = (manifests: readonly Manifest[]): string | undefined =>
      podOf(manifests, 'shardmill-worker-cpu').metadata.annotations['checksum/config'];
    expect(sum(await renderedChart('debug'))).not.toBe(sum(least));
  });

  it('have passwords from secrets, and no other', () => {
    const secret = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } });
    const { env } = podOf(all, 'shardmill-worker-cpu').container;
    expect(env).toEqual(
      expect.arrayContaining([
        { name: 'SHARDMILL_REDIS_URL', ...secret('redis', 'url') },
        { name: 'SHARDMILL_REDIS_USERNAME', ...secret('redis', 'user') },
        { name: 'SHARDMILL_REDIS_PASSWORD', ...secret('redis', 'password') },
        { name: 'AWS_ACCESS_KEY_ID', ...secret('s3', 'AWS_ACCESS_KEY_ID') },
        { name: 'AWS_SECRET_ACCESS_KEY', ...secret('s3', 'AWS_SECRET_ACCESS_KEY') },
      ]),
    );
    expect(podOf(least, 'shardmill-worker-cpu').container.env).toEqual([
      { name: 'SHARDMILL_CONFIG', value: '/etc/shardmill/shardmill.config.yaml' },
      { name: 'SHARDMILL_STATUS_HOST', value: '0.0.0.0' },
    ]);
  });

  it('have images of one version, by digest where one is given', async () => {
    expect(podOf(least, 'shardmill-scheduler').container.image).toBe('shardmill-scheduler:0.1.0');
    expect(podOf(all, 'shardmill-worker-gpu').container.image).toBe('shardmill-worker-cuda:0.1.0');
    const digest = `sha256:${'a'.repeat(64)}`;
    const pinned = await renderedChart('pinned');
    expect(podOf(pinned, 'shardmill-worker-cpu').container.image).toBe(
      `registry.internal/worker:1.2.3@${digest}`,
    );
  });
});

describe('workers', () => {
  it('have longer to end than they take to hand back', () => {
    for (const [name, grace] of [
      ['shardmill-worker-cpu', 45],
      ['shardmill-worker-spot', 90],
    ] as const) {
      const { spec, container } = podOf(all, name);
      expect(argument(container.args, '--grace')).toBe(`${grace}s`);
      expect(spec.terminationGracePeriodSeconds).toBe(grace + 15);
    }
  });

  it('take the shards of the pool that they are of', () => {
    for (const pool of ['cpu', 'gpu', 'spot']) {
      const { args } = podOf(all, `shardmill-worker-${pool}`).container;
      expect(args[0]).toBe('worker');
      expect(argument(args, '--pool')).toBe(pool);
    }
    expect(podOf(all, 'shardmill-worker-spot').container.args).toEqual([
      'worker',
      '--pool',
      'spot',
      '--port',
      '9464',
      '--grace',
      '90s',
      '--notices',
      'aws',
      '--engines',
      '2',
      '--lanes',
      '3',
      '--log-level',
      'debug',
    ]);
  });

  it('of a pool with devices ask for them, and one engine has one', () => {
    const { spec, container } = podOf(all, 'shardmill-worker-gpu');
    expect(container.resources.limits['nvidia.com/gpu']).toBe(1);
    expect(argument(container.args, '--engines')).toBe('1');
    expect(spec).toMatchObject({
      runtimeClassName: 'nvidia',
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    });
    expect(podOf(all, 'shardmill-worker-cpu').container.resources.limits).not.toHaveProperty([
      'nvidia.com/gpu',
    ]);
    expect(least.filter(({ metadata }) => metadata.name.includes('gpu'))).toEqual([]);
  });

  it('may be drained, half of them at once', () => {
    const budget = only(all, 'PodDisruptionBudget', 'shardmill-worker-cpu');
    expect(budget.spec).toMatchObject({ maxUnavailable: '50%' });
  });

  it('are counted by KEDA alone where it scales them', () => {
    expect(only(all, 'Deployment', 'shardmill-worker-cpu').spec).not.toHaveProperty('replicas');
    expect(only(least, 'Deployment', 'shardmill-worker-cpu').spec?.replicas).toBe(2);
  });
});

describe('autoscaling', () => {
  it('asks the schedulers for the backlog of the pool', async () => {
    const service = only(all, 'Service', 'shardmill-scheduler');
    expect(service.spec).toMatchObject({ ports: [{ port: 9465, targetPort: 'status' }] });
    const scheduler = podOf(all, 'shardmill-scheduler').container;
    expect(scheduler.ports).toEqual([{ name: 'status', containerPort: 9465 }]);
    expect(argument(scheduler.args, '--port')).toBe('9465');
    expect(only(all, 'ScaledObject', 'shardmill-worker-cpu').spec).toMatchObject({
      scaleTargetRef: { name: 'shardmill-worker-cpu' },
      minReplicaCount: 0,
      maxReplicaCount: 20,
      cooldownPeriod: 300,
      triggers: [
        {
          type: 'metrics-api',
          metadata: {
            url: 'http://shardmill-scheduler.scoring.svc:9465/metrics',
            format: 'prometheus',
            valueLocation: 'shardmill_backlog_shards{pool="cpu"}',
            targetValue: '4',
          },
        },
      ],
    });
  });

  it('asks Prometheus for it instead', async () => {
    const manifests = await renderedChart('prometheus');
    expect(only(manifests, 'ScaledObject', 'shardmill-worker-spot').spec).toMatchObject({
      triggers: [
        {
          type: 'prometheus',
          metadata: {
            serverAddress: 'http://prometheus:9090',
            query: 'max(shardmill_backlog_shards{pool="spot",namespace="scoring"})',
            threshold: '4',
          },
        },
      ],
    });
  });

  it('names a metric that the scheduler has, with that label', async () => {
    const source = await readRepository(
      'packages/scheduler/src/service/runtime/scheduler-metrics.ts',
    );
    expect(source).toMatch(/name: 'shardmill_backlog_shards',[^}]*labelNames: \['pool'\]/);
  });
});

describe('what the chart says to the command line', () => {
  it.each(['scheduler', 'worker'])('is understood: flags of %s', async (command) => {
    const help = await RunningCommand.start([command, '--help'], folder).ended;
    const flags = all
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ metadata }) => podOf(all, metadata.name).container.args)
      .filter(([first]) => first === command)
      .flatMap((args) => args.filter((text) => text.startsWith('--')));
    expect(flags.length).toBeGreaterThan(0);
    for (const flag of new Set(flags)) expect(help.stdout).toContain(`${flag} <`);
  });

  it('is understood: the configuration file', async () => {
    const file = path.join(folder, 'shardmill.config.yaml');
    await writeFile(
      file,
      only(all, 'ConfigMap', 'shardmill').data?.['shardmill.config.yaml'] ?? '',
    );
    const ended = await RunningCommand.start(['config', '--config', file, '--json'], folder).ended;
    expect(ended.stderr).toBe('');
    expect(ended.stdout).toContain('s3://lake/shardmill');
    expect(ended.stdout).toContain('redis://valkey:6379');
  });
});
