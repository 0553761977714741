import type { ReportProfile, RunReport } from '@shardmill/client/report';
import { formatCount, plural } from '../../ui/text/format.js';
import type { Section } from '../html/page.js';
import { html } from '../html/safe-html.js';
import { profileMultiple } from './profile-multiple.js';

/** Features beyond these are in the profile. */
const MAX_SHOWN = 60;

/** How the features were distributed as they entered the model; undefined for a run without a profile. */
export function features({ profile }: RunReport): Section | undefined {
  if (profile === null || profile.features.columns.length === 0) return undefined;
  const { columns } = profile.features;
  const content = html`<p class="note">${rowsOf(profile)}</p>
<div class="multiples">${columns
    .slice(0, MAX_SHOWN)
    .map((column, index) => profileMultiple(column, `feature-${index}`))}</div>
<p class="note">The first and the last bar reach to the least and the greatest value. ${moreOf(profile)}</p>`;
  return { id: 'features', title: 'Features', content };
}

function rowsOf({ features: { sampling } }: ReportProfile): string {
  const rows = plural(sampling.rows, 'row');
  return sampling.every === 1
    ? `As they entered the model, of all ${rows}.`
    : `As they entered the model, of ${rows}: of one block of rows in ${formatCount(sampling.every)}.`;
}

function moreOf({ features: { columns, omitted } }: ReportProfile): string {
  const more = Math.max(0, columns.length - MAX_SHOWN);
  return [
    ...(more > 0 ? [`${plural(more, 'feature')} more are in the profile.`] : []),
    ...(omitted > 0 ? [`${plural(omitted, 'feature')} were not profiled.`] : []),
  ].join(' ');
}
