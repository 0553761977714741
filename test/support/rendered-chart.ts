import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { readRepository } from './repository.js';

const labels = z.record(z.string(), z.string());
const envVariable = z.looseObject({ name: z.string(), value: z.string().optional() });
const container = z.looseObject({
  image: z.string(),
  args: z.array(z.string()),
  env: z.array(envVariable).default([]),
  ports: z.array(z.looseObject({ name: z.string(), containerPort: z.number() })),
  resources: z.looseObject({ limits: z.record(z.string(), z.unknown()).default({}) }),
});
const podSpec = z.looseObject({
  terminationGracePeriodSeconds: z.number(),
  containers: z.tuple([container]),
});
/** A rendered object, as far as the tests look into it. */
const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels }),
  spec: z
    .looseObject({
      replicas: z.number().optional(),
      selector: z.unknown().optional(),
      template: z
        .looseObject({
          metadata: z.looseObject({ labels, annotations: labels.default({}) }),
          spec: podSpec,
        })
        .optional(),
    })
    .optional(),
  data: z.record(z.string(), z.string()).optional(),
});
export type Manifest = z.output<typeof manifest>;

/**
 * The objects that an installation with test/deploy/values/VARIANT.yaml would make, as helm
 * rendered them for `npm run check:deploy`.
 */
export async function renderedChart(variant: string): Promise<Manifest[]> {
  const text = await readRepository('test', 'deploy', 'rendered', `${variant}.yaml`);
  return parseAllDocuments(text)
    .map((document): unknown => document.toJS())
    .filter((object) => object !== null)
    .map((object) => manifest.parse(object));
}

/** Why helm refused test/deploy/values/refused/VARIANT.yaml. */
export const refusalOfChart = (variant: string): Promise<string> =>
  readRepository('test', 'deploy', 'rendered', 'refused', `${variant}.txt`);
