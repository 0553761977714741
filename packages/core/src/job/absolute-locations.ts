import { parentLocation, resolveLocation } from '../store/location.js';
import { absoluteBaseline } from './quality/baseline-reference.js';
import { isTokenized } from './features/feature-sql.js';
import { isImageFeature } from './features/image-feature.js';
import type { Job } from './job-schema.js';
import { isModelReference } from './model/model-reference.js';

/**
 * A job whose locations are all absolute, so that any machine can plan it. Relative ones start at
 * the job file's folder. @throws URI_UNSUPPORTED
 */
export function withAbsoluteLocations(job: Job, jobFile: string): Job {
  const base = parentLocation(jobFile);
  const absolute = (uri: string): string => resolveLocation(uri, base);
  const { input, model, challengers, output, transform, drift } = job;
  const modelLocation = (uri: string): string => (isModelReference(uri) ? uri : absolute(uri));
  const featureLocations = (features: Job['features']): Job['features'] =>
    Object.fromEntries(
      Object.entries(features).map(([name, feature]) => [
        name,
        isTokenized(feature)
          ? { ...feature, tokenizer: absolute(feature.tokenizer) }
          : isImageFeature(feature) && feature.from !== undefined
            ? { ...feature, from: absolute(feature.from) }
            : feature,
      ]),
    );
  return {
    ...job,
    input: {
      ...input,
      uri: Array.isArray(input.uri) ? input.uri.map(absolute) : absolute(input.uri),
    },
    model: { ...model, uri: modelLocation(model.uri) },
    ...(challengers !== undefined && {
      challengers: challengers.map((challenger) => ({
        ...challenger,
        model: { ...challenger.model, uri: modelLocation(challenger.model.uri) },
        ...(challenger.features !== undefined && {
          features: featureLocations(challenger.features),
        }),
      })),
    }),
    features: featureLocations(job.features),
    output: { ...output, uri: absolute(output.uri) },
    ...(drift === undefined
      ? {}
      : { drift: { ...drift, baseline: absoluteBaseline(drift.baseline, absolute) } }),
    ...(transform?.module === undefined
      ? {}
      : { transform: { ...transform, module: absolute(transform.module) } }),
  };
}
