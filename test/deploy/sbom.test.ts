import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inRepository, readRepository } from '../support/repository.js';
import { runProgram } from '../support/run-program.js';

// What of CycloneDX 1.6 a reader relies on: the whole schema refers to others that are not here.
const reference = z.string().min(1);
const component = z.object({
  'bom-ref': reference,
  type: z.enum(['application', 'library']),
  name: z.string().min(1),
  version: z.string().regex(/^\d+\.\d+\.\d+/),
  purl: z.string().regex(/^pkg:npm\/.+@.+$/),
});
const bomSchema = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  serialNumber: z
    .string()
    .regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  version: z.literal(1),
  metadata: z.object({ timestamp: z.iso.datetime(), component }),
  components: z.array(component),
  dependencies: z.array(z.object({ ref: reference, dependsOn: z.array(reference).optional() })),
});

let bom: z.output<typeof bomSchema>;
beforeAll(async () => {
  const made = await runProgram(process.execPath, [inRepository('scripts', 'sbom.mjs')]);
  expect(made.code, made.stderr).toBe(0);
  bom = bomSchema.parse(JSON.parse(made.stdout));
}, 120_000);

describe('the bill of materials', () => {
  it('is of the command line', () => {
    expect(bom.metadata.component).toMatchObject({ type: 'application', name: 'shardmill' });
  });

  it('names each component once, and depends on nothing that it does not name', () => {
    const named = [bom.metadata.component, ...bom.components].map((one) => one['bom-ref']);
    expect(new Set(named).size).toBe(named.length);
    const missing = bom.dependencies
      .flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn])
      .filter((ref) => !named.includes(ref));
    expect(missing).toEqual([]);
  });

  it('has what the packages pin, and nothing that only development needs', async () => {
    const purls = bom.components.map(({ purl }) => decodeURIComponent(purl));
    for (const name of ['core', 'queue', 'scheduler', 'worker', 'cli']) {
      const file: unknown = JSON.parse(await readRepository('packages', name, 'package.json'));
      const pinned = Object.entries(Object(Reflect.get(Object(file), 'dependencies')));
      for (const [dependency, version] of pinned) {
        if (String(version).startsWith('workspace:')) continue;
        expect(purls).toContain(`pkg:npm/${dependency}@${String(version)}`);
      }
    }
    expect(purls.join(' ')).not.toMatch(/\/(vitest|typescript|turbo|knip|fast-check)@/);
  });

  it('goes into the images', async () => {
    expect(await readRepository('deploy', 'Dockerfile')).toContain(
      'node scripts/sbom.mjs /app/sbom.cdx.json',
    );
  });
});
