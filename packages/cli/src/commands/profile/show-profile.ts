import { readProfile } from '@shardmill/client/profiles';
import type { Services } from '@shardmill/client/services';
import type { Result } from '../../result.js';
import type { Terminal } from '../../terminal.js';
import { profileText } from '../../ui/profile/profile-text.js';

/** Shows a profile. @throws DRIFT_BASELINE_NOT_FOUND, DRIFT_BASELINE_UNREADABLE */
export async function showProfile(
  reference: string,
  terminal: Terminal,
  { stores }: Pick<Services, 'stores'>,
): Promise<Result> {
  const profile = await readProfile(reference, terminal.cwd, stores);
  return { json: () => profile, text: (style) => profileText(profile, style) };
}
