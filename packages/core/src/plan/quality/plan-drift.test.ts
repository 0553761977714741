import { describe, expect, it } from 'vitest';
import { jobDriftSchema } from '../../job/quality/drift-schema.js';
import type { Profile } from '../../profile/profile-schema.js';
import { digestJson } from '../../text/canonical-json.js';
import { profiledColumn } from '../../testing/profiled-column.js';
import { type Baseline, planDrift } from './plan-drift.js';
import type { ProfiledPlace } from './profiled-place.js';

const PLACES: ProfiledPlace[] = [
  { name: 'age', of: 'feature', type: 'float64', holds: 'numbers' },
  { name: 'city', of: 'feature', type: 'string', holds: 'texts' },
  { name: 'score', of: 'output', type: 'float64', holds: 'numbers' },
];

function baselineOf(features: Profile['features']['columns']): Baseline {
  const profile: Profile = {
    format: 'shardmill-profile/1',
    runId: 'r1',
    planDigest: 'd',
    job: { name: 'j', params: {} },
    model: { uri: 'm', sha256: 's' },
    features: { sampling: { every: 1, blockRows: 64, rows: 2 }, omitted: 0, columns: features },
    outputs: { columns: [profiledColumn([0.5], 'score')] },
  };
  return { uri: '/b.json', profile };
}

const WHOLE = baselineOf([profiledColumn([1, 2], 'age'), profiledColumn(['Oslo'], 'city')]);
const LESS = baselineOf([profiledColumn(['1'], 'age')]);

const plan = (drift: object, baseline: Baseline | undefined = WHOLE) =>
  planDrift(jobDriftSchema.parse({ baseline: '/b.json', ...drift }), PLACES, baseline);

describe('what a run is compared with', () => {
  it('is the baseline as it was planned with, by its digest, column by column', () => {
    const { planned, kept, notices } = plan({});
    expect(planned.columns).toEqual(
      PLACES.map(({ name, of }) => ({ name, of, thresholds: { psi: 0.2 } })),
    );
    expect(planned.baseline).toEqual({
      uri: '/b.json',
      runId: 'r1',
      sha256: digestJson(JSON.parse(kept ?? '')),
    });
    expect(notices).toEqual([]);
  });

  it('has thresholds of its own for a column, in whatever case, and leaves out what the job does', () => {
    const { planned } = plan({
      metrics: { ks: 0.1 },
      columns: { AGE: { wasserstein: 0.3 }, city: false },
    });
    expect(planned.columns).toEqual([
      { name: 'age', of: 'feature', thresholds: { wasserstein: 0.3 } },
      { name: 'score', of: 'output', thresholds: { ks: 0.1 } },
    ]);
    expect(plan({ features: false }).planned.columns.map(({ name }) => name)).toEqual(['score']);
  });

  it('is refused where the baseline lacks a column or has it with another type, by name', () => {
    expect(() => plan({}, LESS)).toThrow(
      'feature "age" is float64, the baseline has it as string; feature "city" is string, the baseline does not have it',
    );
    expect(() => plan({ columns: { citi: false } })).toThrow('Did you mean "city"?');
    expect(plan({ columns: { age: false, city: false } }, LESS).planned.columns).toHaveLength(1);
  });

  it('leaves out texts of the output that a baseline of an earlier version does not have, and says so', () => {
    const band: ProfiledPlace = {
      name: 'band',
      of: 'output',
      type: 'VARCHAR',
      holds: 'texts',
    };
    const jobDrift = jobDriftSchema.parse({ baseline: '/b.json' });
    const { planned, notices } = planDrift(jobDrift, [...PLACES, band], WHOLE);
    expect(planned.columns.map(({ name }) => name)).toEqual(['age', 'city', 'score']);
    expect(notices).toEqual([expect.stringContaining('output "band" is VARCHAR')]);
  });

  it('is what an earlier run has, since the first run with a profile follows on one without', () => {
    const { planned, notices } = plan({ baseline: 'previous' }, LESS);
    expect(planned.columns.map(({ name }) => name)).toEqual(['score']);
    expect(notices).toEqual([
      expect.stringMatching(/^drift: not compared with run r1: feature "age"/),
    ]);
  });

  it('is nothing where there is no earlier run, which is said', () => {
    const jobDrift = jobDriftSchema.parse({ baseline: 'previous' });
    const { planned, kept, notices } = planDrift(jobDrift, PLACES, undefined);
    expect([planned.baseline, kept]).toEqual([null, undefined]);
    expect(notices).toEqual([expect.stringContaining('no earlier run')]);
  });
});
