import { parse } from 'yaml';
import { z } from 'zod';
import { readRepository } from './repository.js';

const service = z.looseObject({
  image: z.string(),
  build: z.looseObject({ target: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string() })).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
});
const project = z.looseObject({ services: z.record(z.string(), service) });
export type ComposeService = z.output<typeof service>;

/** deploy/compose.yaml as it is written, its merge keys and aliases resolved. */
export async function composeDocument(): Promise<unknown> {
  return parse(await readRepository('deploy', 'compose.yaml'), { merge: true });
}

/** Its services, as far as the tests look into them: lists, not the other forms of Compose. */
export async function composeServices(): Promise<Record<string, ComposeService>> {
  return project.parse(await composeDocument()).services;
}
