import type { SessionReport } from './open-session.js';

/** Sentences on providers that were requested and are not used, or not for all of the model. */
export function noticesOf({ providers, missing }: SessionReport): string[] {
  const [used = 'cpu', ...others] = providers;
  const notices = missing.map(
    ({ provider, reason }) => `${provider} cannot be used, ${used} is instead: ${reason}`,
  );
  if (used !== 'cpu' && others.includes('cpu')) {
    notices.push(
      `${used} leaves some of the model's operators to the CPU (see shardmill docs gpu)`,
    );
  }
  return notices;
}
